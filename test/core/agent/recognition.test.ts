/**
 * Two agents under two roots settle by what each root recognises of the other, and no further (PROTOCOL §6 C). The holder
 * trusts its root alone, the consumer another one alone; the policy and the commodity are the holder's root's.
 */
import { describe, expect, test } from "vitest";
import { equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import type { Recognition } from "../../../src/core/record/kinds/recognition.ts";
import type { AnyRecord, RecordOf } from "../../../src/core/record/record.ts";
import { HOUR_US, SECOND_US, START_US, scriptedAuthority } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { leaseAt, leasesOf, type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

type Recognised = NonNullable<SceneParts["twoRoots"]>;
const BOTH: Recognised = { consumers: {}, holder: {} };

function scene(twoRoots: Partial<Recognised> = {}, parts: SceneParts = {}): Scene {
  return twoAgents({ ...parts, twoRoots: { ...BOTH, ...twoRoots } });
}

function recognitions({ authority, other }: Scene): {
  consumers: RecordOf<"recognition">;
  holder: RecordOf<"recognition">;
} {
  const [consumers, holder] = [authority, other].map((each) =>
    each?.root.records.find((record) => record.kind === "recognition"),
  );
  if (consumers?.kind !== "recognition" || holder?.kind !== "recognition") throw new Error("both recognise");
  return { consumers: consumers as RecordOf<"recognition">, holder: holder as RecordOf<"recognition"> };
}

function hears(host: Host, ...records: readonly AnyRecord[]): void {
  for (const { envelope } of records) host.take({ kind: "message", bytes: packEnvelope(envelope) });
}

/** Everything that speaks against the pair, at whichever side it is said. */
function refusedCodes(of: Scene): readonly string[] {
  const offer = of.offer();
  const answer = of.accept(of.consumer, offer, true);
  of.run(4 * SECOND_US);
  expect(leasesOf(of.holder).filter(({ lastRenewal }) => lastRenewal !== null)).toEqual([]);
  expect(of.consumer.radio.isOn()).toBe(false);
  const said = answer.ok ? [] : answer.rejections.map(({ code }) => code);
  const written = of.hosts.flatMap((host) => host.written("rejection"));
  return [...said, ...written.flatMap(({ body }) => body.findings.map(({ code }) => code))];
}

test("settles, and the artifact names both recognitions, both chains, and the holder's root as the one trusted", () => {
  const of = scene({}, { delegates: { holder: {}, consumer: {} } });
  const lease = of.settle();
  expect(of.consumer.radio.isOn()).toBe(true);
  const { context, descriptor } = leaseAt(of.holder, lease).derived.artifact;
  const named = recognitions(of);
  expect(context.recognitions.map(toHex).sort()).toEqual(
    [named.consumers.id, named.holder.id].map(toHex).sort(),
  );
  expect(context.roots).toEqual([of.authority.root.inception.header.lineage]);
  const links = [
    of.authority.rootLink,
    of.other?.rootLink,
    of.delegates?.holder.link,
    of.delegates?.consumer.link,
  ];
  const ids = descriptor.credential.map(toHex);
  expect(ids).toEqual(expect.arrayContaining(links.map((link) => toHex(link?.id ?? new Uint8Array()))));
  expect(ids).toHaveLength(6);
  of.run(20 * SECOND_US);
  expect(of.consumer.radio.isOn()).toBe(true);
});

describe("nothing settles", () => {
  test("where the holder's root does not recognise the consumer's", () => {
    expect(refusedCodes(scene({ consumers: null }))).toContain("chain-root");
  });

  test("where the consumer's root does not recognise the holder's: its own gate refuses", () => {
    const codes = refusedCodes(scene({ holder: null }));
    expect(codes).toContain("root-untrusted");
  });

  test("under the policy of a recognised root whose documents are not", () => {
    const of = scene({ holder: { documents: false } });
    const answer = of.accept(of.consumer, of.offer());
    const codes = answer.ok ? [] : answer.rejections.map(({ code }) => code);
    expect(codes).toEqual(["policy-untrusted", "schema-untrusted"]);
  });

  const [scope] = recognitions(scene()).consumers.body.scope;
  if (scope === undefined) throw new Error("the scene's recognitions have a scope");
  const narrow: readonly (readonly [string, Partial<Recognition>, string])[] = [
    ["outside its scope", { scope: [{ ...scope, upperHz: 433_150_000 }] }, "chain-root"],
    ["for another verb", { verbs: ["allocate"] }, "outside-recognition"],
    ["for another eligibility class", { eligibilityClasses: [] }, "outside-recognition"],
    ["above its level", { level: "unheard-of" }, "chain-root"],
    ["before it begins", { fromUs: START_US + HOUR_US }, "chain-root"],
    ["after its end", { untilUs: START_US }, "chain-root"],
    ["of another root", { root: new Uint8Array(32).fill(7) }, "chain-root"],
  ];

  test.each(narrow)("below a root that is recognised %s", (_, consumers, code) => {
    expect(refusedCodes(scene({ consumers }))).toContain(code);
  });

  const wide: readonly (readonly [string, Partial<Recognition>])[] = [
    ["scope", { scope: [{ ...scope, lowerHz: 430_000_000 }] }],
    ["time", { untilUs: START_US + 1_000 * HOUR_US }],
    ["classes", { eligibilityClasses: ["scene", "others"] }],
  ];

  test.each(wide)(
    "by a recognition that is wider than its author's own %s: any excess voids it",
    (_, consumers) => {
      expect(refusedCodes(scene({ consumers }))).toContain("chain-root");
    },
  );
});

describe("a recognition counts for nothing", () => {
  test("where the recognised root signed it itself", () => {
    const of = scene({ consumers: null });
    const { other } = of;
    if (other === null) throw new Error("the scene has two roots");
    hears(of.holder, other.recognise(other.root.inception.header.lineage));
    expect(refusedCodes(of)).toContain("chain-root");
  });

  test("where a recognised root recognises a third one: it is never passed on", () => {
    const of = scene({ consumers: null });
    const { authority, other } = of;
    if (other === null) throw new Error("the scene has two roots");
    const between = scriptedAuthority(of.scheme, {}, "root between");
    hears(
      of.holder,
      ...between.ground,
      authority.recognise(between.root.inception.header.lineage),
      between.recognise(other.root.inception.header.lineage),
    );
    expect(refusedCodes(of)).toContain("chain-root");
  });

  test("where its author may not issue", () => {
    const of = scene({ consumers: null });
    const { authority, other } = of;
    if (other === null) throw new Error("the scene has two roots");
    const barred = authority.below("barred", { verbs: ["allocate", "acquire"] });
    const given = authority.recognise(other.root.inception.header.lineage, { parent: barred.link.id });
    hears(of.holder, ...barred.ground, given);
    expect(refusedCodes(of)).toContain("chain-root");
  });
});

describe("in mid-lease", () => {
  const SIDES = ["consumers", "holder"] as const;

  test.each(SIDES)(
    "the recognition of the %s' root, revoked, mutes both, and the termination names it",
    (side) => {
      const of = scene();
      const lease = of.settle();
      const fallen = recognitions(of)[side];
      const author = side === "consumers" ? of.authority : of.other;
      const snapshot = author?.snapshot(of.nowUs(), [fallen.id]);
      if (snapshot === undefined) throw new Error("the scene has two roots");
      hears(of.holder, snapshot);
      of.run(SECOND_US);
      expect(of.consumer.radio.isOn()).toBe(false);
      expect(leaseAt(of.holder, lease).termination?.body).toMatchObject({
        reason: "link-fallen",
        link: fallen.id,
        cause: snapshot.id,
      });
    },
  );

  test.each(SIDES)(
    "the recognition of the %s' root, revoked, mutes a consumer that alone hears of it",
    (side) => {
      const of = scene();
      of.settle();
      of.mesh.carry = () => [];
      const author = side === "consumers" ? of.authority : of.other;
      const snapshot = author?.snapshot(of.nowUs(), [recognitions(of)[side].id]);
      if (snapshot === undefined) throw new Error("the scene has two roots");
      hears(of.consumer, snapshot);
      of.run(SECOND_US);
      expect(of.consumer.radio.isOn()).toBe(false);
    },
  );

  test.each(SIDES)("no renewal reaches beyond the end of the recognition of the %s' root", (side) => {
    const untilUs = START_US + 25 * SECOND_US;
    const of = scene({ [side]: { untilUs } });
    const lease = of.settle();
    const fallen = recognitions(of)[side];
    of.run(untilUs - of.nowUs());
    expect(of.consumer.radio.isOn()).toBe(false);
    for (const { body } of of.holder.written("renewal"))
      expect(body.transmitExpiryUs).toBeLessThanOrEqual(untilUs);
    of.run(4 * SECOND_US);
    expect(leaseAt(of.holder, lease).termination?.body).toMatchObject({
      reason: "link-fallen",
      link: fallen.id,
    });
    expect(equalBytes(fallen.body.root, fallen.header.lineage)).toBe(false);
  });
});
