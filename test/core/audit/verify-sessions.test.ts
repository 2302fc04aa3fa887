/** What `verify` says of records by session keys, honest and stolen ones (PROTOCOL §9, §10). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { SUITE_ES256 } from "../../../src/core/base/primitives.ts";
import type { Header } from "../../../src/core/record/header.ts";
import { keyId } from "../../../src/core/record/identity.ts";
import type { Bodies, KindName } from "../../../src/core/record/kinds.ts";
import { type AnyRecord, writePayload } from "../../../src/core/record/record.ts";
import type { SessionKeyRules } from "../../../src/core/record/session-rules.ts";
import { recordId } from "../../../src/core/wire/envelope.ts";
import { SECOND_US, signedEnvelope } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";
import { nextOf, verifiedLog } from "../../support/whole-log.ts";

const RULES: SessionKeyRules = { forUs: 40 * SECOND_US, kinds: ["renewal-request", "renewal"] };

function renewed(rules: SessionKeyRules = RULES): Scene {
  const scene = twoAgents({ authority: { policy: { sessionKeys: rules } } });
  scene.run(SECOND_US);
  scene.settle();
  scene.run(8 * SECOND_US);
  return scene;
}

/** The next record of the holder's log, by its first session key. */
function bySession<K extends KindName>(
  { scheme, holder }: Scene,
  kind: K,
  body: Bodies[K],
  change: Partial<Header> = {},
): AnyRecord {
  const key = scheme.keyOf("session key 0 of holder");
  const { head, nextSeq } = holder.agent().durable;
  const like = holder.written("renewal").at(-1)?.header as Header;
  const signerKey = keyId(SUITE_ES256, key.publicKey, scheme.primitives.sha256);
  const header = { ...like, seq: nextSeq, previous: head, signerKey, ...change };
  const payload = writePayload(kind, header, body);
  const id = recordId(kind, payload, scheme.primitives.sha256);
  const bare = { kind, id, header, body, envelope: { kind, payload, signatures: [], openings: [] } };
  return { ...bare, envelope: signedEnvelope(bare as unknown as AnyRecord, key) } as unknown as AnyRecord;
}

const failures = (checks: readonly AuditCheck[]) =>
  checks.filter(({ result }) => result === "failed").map(({ code, measured }) => [code, measured["code"]]);

const resultsOf = (checks: readonly AuditCheck[], code: string): readonly string[] =>
  checks.filter((each) => each.code === code).map(({ result }) => result);

function lastRenewal(scene: Scene): Bodies["renewal"] {
  const last = scene.holder.written("renewal").at(-1);
  if (last === undefined) throw new Error("the lease was renewed");
  return last.body;
}

describe("logs of both sides", () => {
  test("verify, with whole certificates for what their own and the other side's session keys signed", () => {
    const scene = renewed();
    scene.run(60 * SECOND_US);
    for (const host of scene.hosts) {
      const checks = verifiedLog(scene, host);
      expect(failures(checks)).toEqual([]);
      expect(resultsOf(checks, "session-key")).toEqual(["passed", "passed"]);
      expect(new Set(resultsOf(checks, "session-age"))).toEqual(new Set(["passed"]));
    }
  });

  test("a record by a session key that nobody else named before the key's end may be younger than it says", () => {
    const scene = renewed();
    const { lineage } = scene.holder.lineage.inception.header;
    const consumer = scene.consumer.lineage.inception.header.lineage;
    const bytes = scene.consumer.disk.map(({ kind, bytes }) => ({
      lineage: kind === "own" ? consumer : null,
      envelope: bytes,
    }));
    const forged = bySession(scene, "renewal", lastRenewal(scene));
    const records = [
      ...bytes.filter((each) => each.lineage !== null),
      ...bytes.filter((each) => each.lineage === null),
      { lineage: null, envelope: packEnvelope(forged.envelope) },
    ];
    const own = bytes.filter((each) => each.lineage !== null).length;
    const claims = { lineages: [{ lineage: consumer, records: own }], foreign: records.length - own };
    const trustedRoots = [{ lineage: scene.authority.root.inception.header.lineage }];
    const { checks } = verifyBundle({ records, claims, trustedRoots, primitives: scene.scheme.primitives });
    expect(lineage).toHaveLength(32);
    expect(resultsOf(checks, "session-age")).toEqual(["not-checkable"]);
  });
});

describe("a log with a record at its end that a session key may not sign fails:", () => {
  test.each<[string, (scene: Scene) => AnyRecord, string]>([
    [
      "a kind of no session",
      (scene) =>
        bySession(scene, "withdrawal", {
          offer: scene.holder.written("offer")[0]?.id as Uint8Array,
          reason: "x",
        }),
      "session-kind",
    ],
    [
      "another boot",
      (scene) => bySession(scene, "renewal", { ...lastRenewal(scene), holderBootId: new Uint8Array(16) }),
      "session-boot",
    ],
    [
      "a time after the key's end",
      (scene) =>
        bySession(scene, "renewal", lastRenewal(scene), {
          time: { earliestUs: 9e15, latestUs: 9e15, assurance: "gnss", ageUs: 0 },
        }),
      "session-time",
    ],
    [
      "another epoch",
      (scene) => bySession(scene, "renewal", lastRenewal(scene), { epoch: 1, seq: 1 }),
      "session-position",
    ],
  ])("%s is no evidence", (_, make, code) => {
    const scene = renewed();
    expect(failures(verifiedLog(scene, scene.holder, [make(scene)]))).toContainEqual([
      "record-signature",
      code,
    ]);
  });

  test("after the certificate that ended it", () => {
    const scene = renewed();
    scene.run(30 * SECOND_US);
    expect(scene.holder.written("session-key")).toHaveLength(2);
    const forged = bySession(scene, "renewal", lastRenewal(scene));
    expect(failures(verifiedLog(scene, scene.holder, [forged]))).toContainEqual([
      "record-signature",
      "session-position",
    ]);
  });

  test("a kind that its policy did not choose", () => {
    const scene = renewed();
    const forged = bySession(scene, "time-fault", {
      what: "backward",
      fixUs: 0,
      expectedUs: 1,
      receivedBootUs: 2,
    });
    expect(failures(verifiedLog(scene, scene.holder, [forged]))).toContainEqual([
      "session-key",
      "session-kind",
    ]);
  });

  test("the first renewal of a lease", () => {
    const scene = renewed();
    const [first] = scene.holder.written("renewal");
    const forged = bySession(scene, "renewal", first?.body as Bodies["renewal"]);
    expect(failures(verifiedLog(scene, scene.holder, [forged]))).toContainEqual([
      "session-key",
      "session-first-renewal",
    ]);
  });

  test("a policy that has no session keys, or is not the lease's", () => {
    const scene = renewed();
    const { policy, root } = scene.authority;
    const other = root.write("policy", { ...policy.body, name: "other", sessionKeys: null });
    const certificate = scene.holder.written("session-key")[0];
    if (certificate === undefined) throw new Error("a key is certified");
    const like = nextOf(scene.holder, certificate, "session-key", certificate.body, { policy: other.id });
    const after = { seq: like.header.seq + 1, previous: like.id, policy: other.id };
    const forged = bySession(scene, "renewal", lastRenewal(scene), after);
    const [without] = [verifiedLog(scene, scene.holder, [like, forged])];
    expect(failures(without)).toContainEqual(["session-key", "session-policy"]);
    expect(resultsOf(without, "session-key")).toContain("not-checkable");
  });

  test("a key that is certified for longer than policy lets it be", () => {
    const scene = renewed();
    const certificate = scene.holder.written("session-key")[0];
    if (certificate?.body.certified === null || certificate === undefined)
      throw new Error("a key is certified");
    const certified = {
      ...certificate.body.certified,
      untilUs: certificate.body.certified.untilUs + SECOND_US,
    };
    const like = nextOf(scene.holder, certificate, "session-key", { certified });
    const after = { seq: like.header.seq + 1, previous: like.id };
    const forged = bySession(scene, "renewal", lastRenewal(scene), after);
    expect(failures(verifiedLog(scene, scene.holder, [like, forged]))).toContainEqual([
      "session-key",
      "session-too-long",
    ]);
  });

  test("a certificate that says nothing of its time certifies nobody", () => {
    const scene = renewed();
    const certificate = scene.holder.written("session-key")[0];
    if (certificate === undefined) throw new Error("a key is certified");
    const { publicKey } = scene.scheme.keyOf("session key 0 of holder");
    const certified = { publicKey, bootId: scene.holder.clock().bootId, untilUs: scene.nowUs() };
    const like = nextOf(scene.holder, certificate, "session-key", { certified }, { time: null });
    expect(failures(verifiedLog(scene, scene.holder, [like]))).toEqual([
      ["session-key", "session-certificate"],
    ]);
  });
});
