/** Session keys: used where policy chose them, ended with the process, and of no use to a thief after their hour (PROTOCOL §10). */
import { describe, expect, test } from "vitest";
import { SUITE_ES256 } from "../../../src/core/base/primitives.ts";
import type { Header } from "../../../src/core/record/header.ts";
import { keyId } from "../../../src/core/record/identity.ts";
import type { SessionKey } from "../../../src/core/record/kinds/session-key.ts";
import type { Bodies, KindName } from "../../../src/core/record/kinds.ts";
import { type AnyRecord, writePayload } from "../../../src/core/record/record.ts";
import type { SessionKeyRules } from "../../../src/core/record/session-rules.ts";
import { recordId } from "../../../src/core/wire/envelope.ts";
import { SECOND_US, signedEnvelope } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, type Scene, twoAgents } from "../../support/two-agents.ts";

const RULES: SessionKeyRules = {
  forUs: 40 * SECOND_US,
  kinds: ["renewal-request", "renewal", "actuation", "actuation-outcome", "rejection"],
};

const withSessions = (rules: SessionKeyRules | null = RULES): Scene =>
  twoAgents({ authority: { policy: { sessionKeys: rules } } });

const isByDevice = (host: Host, { header }: AnyRecord): boolean =>
  String(header.signerKey) === String(host.lineage.inception.header.signerKey);

const signersOf = (host: Host, kind: KindName): readonly boolean[] =>
  host.written(kind).map((each) => isByDevice(host, each as AnyRecord));

const hear = (host: Host, record: AnyRecord): ReturnType<Host["take"]> =>
  host.take({ kind: "message", bytes: packEnvelope(record.envelope) });

const knows = (host: Host, { id }: AnyRecord): boolean => host.agent().volatile.known.get(id) !== undefined;
const dropped = (host: Host, code: string): number => host.agent().volatile.counters.get(code) ?? 0;

/** What a thief signs with the `nth` session key of `victim`: `like` with another header, or another body. */
function forge<K extends KindName>(
  { scheme }: Scene,
  victim: Host,
  record: { readonly kind: K; readonly header: Header; readonly body: Bodies[K] },
  nth: number = 0,
): AnyRecord {
  const key = scheme.keyOf(`session key ${nth} of ${victim.script.name}`);
  const signerKey = keyId(SUITE_ES256, key.publicKey, scheme.primitives.sha256);
  const header = { ...record.header, signerKey };
  const { kind, body } = record;
  const payload = writePayload(kind, header, body);
  const id = recordId(kind, payload, scheme.primitives.sha256);
  const bare = { kind, id, header, body, envelope: { kind, payload, signatures: [], openings: [] } };
  return { ...bare, envelope: signedEnvelope(bare as unknown as AnyRecord, key) } as unknown as AnyRecord;
}

function timeOf(scene: Scene): Header["time"] {
  const nowUs = scene.nowUs();
  return { earliestUs: nowUs - 1_000, latestUs: nowUs + 1_000, assurance: "simulated", ageUs: 0 };
}

describe("where policy chose kinds", () => {
  test("a session key signs them, the first renewal of a lease and all else are the device's own", () => {
    const scene = withSessions();
    scene.run(SECOND_US);
    const lease = scene.settle();
    scene.run(12 * SECOND_US);
    expect(signersOf(scene.holder, "session-key")).toEqual([true]);
    const [first, ...later] = signersOf(scene.holder, "renewal");
    expect(first).toBe(true);
    expect(later.length).toBeGreaterThan(1);
    expect(new Set(later)).toEqual(new Set([false]));
    expect(new Set(signersOf(scene.consumer, "renewal-request"))).toEqual(new Set([false]));
    expect(signersOf(scene.consumer, "actuation")).toEqual([false]);
    for (const kind of ["acceptance", "settlement"] as const)
      expect(signersOf(scene.consumer, kind)).toEqual([true]);
    for (const kind of ["offer", "settlement"] as const)
      expect(signersOf(scene.holder, kind)).toEqual([true]);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("without such a policy no key is made", () => {
    const scene = withSessions(null);
    scene.settle();
    scene.run(5 * SECOND_US);
    expect(scene.holder.effects("make-session-key")).toEqual([]);
    expect(scene.holder.written("session-key")).toEqual([]);
  });

  test("a key in its last quarter is followed by the next, and the lease goes on", () => {
    const scene = withSessions();
    scene.run(SECOND_US);
    const lease = scene.settle();
    scene.run(100 * SECOND_US);
    expect(scene.holder.written("session-key").length).toBeGreaterThan(2);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    expect(scene.consumer.radio.isOn()).toBe(true);
    expect(dropped(scene.consumer, "session-over") + dropped(scene.holder, "session-over")).toBe(0);
  });
});

/** A lease in its course under session keys, and what a thief of the holder's would sign in answer to the last request. */
function robbed(rules: SessionKeyRules = RULES) {
  const scene = withSessions(rules);
  scene.run(SECOND_US);
  const lease = scene.settle();
  scene.run(7 * SECOND_US);
  const last = scene.holder.written("renewal").at(-1);
  const request = scene.consumer.written("renewal-request").at(-1);
  if (last === undefined || request === undefined) throw new Error("the lease was renewed");
  const { epoch, nextSeq: seq, head: previous } = scene.holder.agent().durable;
  const header = { ...last.header, epoch, seq: seq + 3, previous, time: timeOf(scene) };
  const { kind, body } = last;
  const renewal = { kind, header, body: { ...body, request: request.id, nonce: request.body.nonce } };
  const steal = (head: Partial<Header>, more: Partial<typeof body> = {}, nth = 0): AnyRecord =>
    forge(
      scene,
      scene.holder,
      { ...renewal, header: { ...header, ...head }, body: { ...renewal.body, ...more } },
      nth,
    );
  return { scene, lease, header, renewal, steal };
}

describe("a thief of a session key", () => {
  test("within its hour signs what the policy chose: that is what such a key costs", () => {
    const { scene, steal } = robbed();
    const forged = steal({});
    hear(scene.consumer, forged);
    expect(knows(scene.consumer, forged)).toBe(true);
  });

  test.each([
    ["of a later place than the certificate that ended it, back-dated", 3, "session-position"],
    ["of its own place, back-dated, heard after its hour", -1, "session-over"],
  ])("after its hour signs nothing that is taken: %s", (_, offset, code) => {
    const { scene, header, steal } = robbed();
    scene.run(45 * SECOND_US);
    const next = scene.holder.written("session-key")[1];
    if (next === undefined) throw new Error("another key followed");
    const forged = steal({ seq: next.header.seq + offset, time: header.time });
    hear(scene.consumer, forged);
    expect(knows(scene.consumer, forged)).toBe(false);
    expect(dropped(scene.consumer, code)).toBe(1);
  });

  test.each<[string, Partial<Header>, object, string]>([
    [
      "with a time after its end",
      { time: { earliestUs: 9e15, latestUs: 9e15, assurance: "gnss", ageUs: 0 } },
      {},
      "session-time",
    ],
    ["without a time", { time: null }, {}, "field-absent"],
    ["of another boot", {}, { holderBootId: new Uint8Array(16) }, "session-boot"],
    ["before its certificate", { seq: 1 }, {}, "session-position"],
    ["of another epoch", { epoch: 1 }, {}, "session-position"],
    ["under another policy than that which lets it be", { policy: new Uint8Array(32) }, {}, "session-policy"],
  ])("signs no record %s", (_, head, body, code) => {
    const { scene, steal } = robbed();
    const forged = steal(head, body);
    hear(scene.consumer, forged);
    expect(knows(scene.consumer, forged)).toBe(false);
    expect(dropped(scene.consumer, code)).toBe(1);
  });

  test("signs no kind that the policy did not choose, and none that no policy can choose", () => {
    const { scene, lease, header } = robbed();
    const artifact = lease.derived.id;
    const ending = { artifact, reason: "operator" as const, cause: null, link: null };
    const termination = forge(scene, scene.holder, { kind: "lease-termination", header, body: ending });
    const body = { subject: lease.acceptance.id, missing: [], deadlineUs: scene.nowUs() };
    const deferral = forge(scene, scene.holder, { kind: "deferral", header, body });
    for (const each of [termination, deferral]) hear(scene.consumer, each);
    expect(dropped(scene.consumer, "session-kind")).toBe(2);
    expect(leaseAt(scene.consumer, lease).termination).toBeNull();
  });

  test("certifies no other key by it", () => {
    const { scene, header } = robbed();
    const { publicKey } = scene.scheme.keyOf("thief");
    const untilUs = scene.nowUs() + 30 * SECOND_US;
    const certified = { publicKey, bootId: scene.holder.clock().bootId, untilUs };
    hear(scene.consumer, forge(scene, scene.holder, { kind: "session-key", header, body: { certified } }));
    expect(dropped(scene.consumer, "session-kind")).toBe(1);
    const { lineage } = scene.holder.lineage.inception.header;
    expect(scene.consumer.agent().volatile.known.sessionsOf(lineage)).toHaveLength(1);
  });

  test("has no use for it in a lineage that did not certify it", () => {
    const { scene, renewal } = robbed();
    const { lineage } = scene.authority.root.inception.header;
    const forged = forge(scene, scene.holder, { ...renewal, header: { ...renewal.header, lineage } });
    hear(scene.consumer, forged);
    expect(dropped(scene.consumer, "signer-unknown")).toBe(1);
  });

  test("signs no first renewal", () => {
    const scene = withSessions();
    scene.run(SECOND_US);
    scene.mesh.carry = ({ kind }) => (kind === "renewal" ? [] : [3_000]);
    const offer = scene.offer();
    scene.accept(scene.consumer, offer);
    scene.runUntil(() => scene.holder.written("renewal").length > 0, 10 * SECOND_US, "a renewal");
    const [first] = scene.holder.written("renewal");
    if (first === undefined) throw new Error("the lease was renewed");
    const forged = forge(scene, scene.holder, first);
    hear(scene.consumer, forged);
    expect(dropped(scene.consumer, "session-first-renewal")).toBe(1);
    expect(scene.consumer.radio.isOn()).toBe(false);
    hear(scene.consumer, first as AnyRecord);
    scene.run(SECOND_US);
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("shows itself to the owner by its first record: the key is ended at once, and the log is not doubted", () => {
    const { scene, steal } = robbed();
    const forged = steal({});
    hear(scene.holder, forged);
    expect(scene.holder.agent().volatile.quarantine).toBeNull();
    scene.run(2 * SECOND_US);
    const certificates = scene.holder.written("session-key").map(({ body }) => body.certified !== null);
    expect(certificates).toEqual([true, false, true]);
    const ended = scene.holder.written("session-key")[1];
    const again = steal({ seq: (ended?.header.seq ?? 0) + 5 });
    hear(scene.consumer, again);
    expect(dropped(scene.consumer, "session-position")).toBe(1);
    const told = scene.holder.effects("note").map(({ event }) => event);
    expect(told).toContainEqual(expect.objectContaining({ what: "state", code: "session-stolen" }));
  });
});

describe("a certificate", () => {
  /** By the holder's own key, at the end of its log. */
  function certify(
    scene: Scene,
    change: Partial<NonNullable<SessionKey["certified"]>>,
    head: Partial<Header> = {},
  ) {
    const { epoch, nextSeq: seq, head: previous } = scene.holder.agent().durable;
    const { publicKey } = scene.scheme.keyOf("session key 9 of holder");
    const { bootId } = scene.holder.clock();
    const certified = { publicKey, bootId, untilUs: scene.nowUs() + 30 * SECOND_US, ...change };
    const like = scene.holder.written("session-key")[0]?.header;
    const header = { ...like, epoch, seq, previous, time: timeOf(scene), ...head };
    const { key, inception } = scene.holder.lineage;
    const full = { ...inception.header, ...header };
    const payload = writePayload("session-key", full, { certified });
    const id = recordId("session-key", payload, scene.scheme.primitives.sha256);
    const envelope = { kind: "session-key", payload, signatures: [], openings: [] };
    const bare = { kind: "session-key" as const, id, header: full, body: { certified }, envelope };
    return { ...bare, envelope: signedEnvelope(bare, key) } as AnyRecord;
  }

  test.each<[string, { untilUs?: number }, Partial<Header>]>([
    ["without a time", {}, { time: null }],
    ["without a policy", {}, { policy: null }],
    ["to an end that has passed", { untilUs: 1 }, {}],
  ])("%s certifies nothing", (_, change, head) => {
    const { scene } = robbed();
    hear(scene.consumer, certify(scene, change, head));
    expect(dropped(scene.consumer, "session-certificate")).toBe(1);
    const { lineage } = scene.holder.lineage.inception.header;
    expect(scene.consumer.agent().volatile.known.sessionsOf(lineage)).toHaveLength(1);
  });

  test.each<[string, number, number]>([
    ["longer than its policy lets a session last", 0, 41],
    ["from a time that lies ahead, so that it would last longer by the receiver's clock", 20, 59],
  ])("for %s is not gone by", (_, fromS, untilS) => {
    const { scene, steal } = robbed();
    const nowUs = scene.nowUs();
    const time = {
      earliestUs: nowUs + fromS * SECOND_US,
      latestUs: nowUs + fromS * SECOND_US,
      assurance: "simulated" as const,
      ageUs: 0,
    };
    const certificate = certify(scene, { untilUs: nowUs + untilS * SECOND_US }, { time });
    hear(scene.consumer, certificate);
    hear(scene.consumer, steal({ seq: certificate.header.seq + 1 }, {}, 9));
    expect(dropped(scene.consumer, "session-too-long")).toBe(1);
  });

  test("is asked for by whoever hears of its key first, and served with the lineage's other keys", () => {
    const { scene, steal } = robbed();
    const certificate = certify(scene, {});
    const forged = steal({ seq: certificate.header.seq + 1 }, {}, 9);
    const { lineage } = scene.holder.lineage.inception.header;
    const effects = hear(scene.consumer, forged);
    expect(effects).toContainEqual({ kind: "want", lineage, ids: [lineage] });
    hear(scene.consumer, certificate);
    hear(scene.consumer, forged);
    expect(knows(scene.consumer, forged)).toBe(true);
  });
});

describe("the end of a session", () => {
  test("with the process: the next one ends it by the device's own key before it has a key of its own", () => {
    const { scene, lease, steal } = robbed();
    scene.holder.crash();
    scene.holder.start();
    scene.run(3 * SECOND_US);
    const certificates = scene.holder.written("session-key");
    expect(certificates.map(({ body }) => body.certified !== null)).toEqual([true, false, true]);
    expect(signersOf(scene.holder, "session-key")).toEqual([true, true, true]);
    const forged = steal({ seq: (certificates[1]?.header.seq ?? 0) + 1 });
    hear(scene.consumer, forged);
    expect(dropped(scene.consumer, "session-position")).toBe(1);
    scene.run(20 * SECOND_US);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
    expect(scene.consumer.radio.isOn()).toBe(true);
  });

  test("with the policy that let it be: from its successor's start the device's own key signs", () => {
    const { scene, lease } = robbed();
    const { policy, root } = scene.authority;
    const startUs = scene.nowUs() + 5 * SECOND_US;
    const succeeds = { predecessor: policy.id, endUs: startUs + 3_600 * SECOND_US };
    const successor = root.write("policy", { ...policy.body, startUs, succeeds, sessionKeys: null });
    for (const host of scene.hosts) hear(host, successor as AnyRecord);
    scene.run(10 * SECOND_US);
    expect(scene.holder.written("session-key").at(-1)?.body.certified).toBeNull();
    const { length } = scene.holder.written("renewal");
    scene.run(10 * SECOND_US);
    expect(signersOf(scene.holder, "renewal").slice(length)).not.toContain(false);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
  });

  test("a lease that was settled before its policy's successor had session keys goes on without them", () => {
    const scene = withSessions(null);
    const lease = scene.settle();
    const { policy, root } = scene.authority;
    const startUs = scene.nowUs();
    const succeeds = { predecessor: policy.id, endUs: startUs + 3_600 * SECOND_US };
    const successor = root.write("policy", { ...policy.body, startUs, succeeds, sessionKeys: RULES });
    for (const host of scene.hosts) hear(host, successor as AnyRecord);
    scene.run(10 * SECOND_US);
    expect(scene.holder.written("session-key")).toHaveLength(1);
    expect(signersOf(scene.holder, "renewal")).not.toContain(false);
    const last = scene.holder.written("renewal").at(-1);
    const request = scene.consumer.written("renewal-request").at(-1);
    if (last === undefined || request === undefined) throw new Error("the lease was renewed");
    const header = { ...last.header, seq: last.header.seq + 9, policy: successor.id, time: timeOf(scene) };
    const body = { ...last.body, request: request.id, nonce: request.body.nonce };
    hear(scene.consumer, scene.holder.written("session-key")[0] as AnyRecord);
    hear(scene.consumer, forge(scene, scene.holder, { kind: "renewal", header, body }));
    expect(dropped(scene.consumer, "session-policy")).toBe(1);
    expect(leaseAt(scene.holder, lease).termination).toBeNull();
  });

  test("a record under a policy that the receiver does not hold is not taken", () => {
    const { scene, steal } = robbed();
    const other = scene.authority.root.write("policy", { ...scene.authority.policy.body, name: "other" });
    const certificates = scene.holder.written("session-key");
    const header = { ...certificates[0]?.header, policy: other.id } as Header;
    const moved = { ...scene.holder.lineage.inception.header, ...header, seq: header.seq + 1 };
    const body = certificates[0]?.body as SessionKey;
    const payload = writePayload("session-key", moved, body);
    const id = recordId("session-key", payload, scene.scheme.primitives.sha256);
    const bare = {
      kind: "session-key" as const,
      id,
      header: moved,
      body,
      envelope: { kind: "session-key", payload, signatures: [], openings: [] },
    };
    const envelope = signedEnvelope(bare, scene.holder.lineage.key);
    hear(scene.consumer, { ...bare, envelope } as AnyRecord);
    hear(scene.consumer, steal({ policy: other.id }));
    expect(dropped(scene.consumer, "session-policy")).toBe(1);
  });
});
