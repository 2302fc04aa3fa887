/** What `verify` says of a pair under two roots, to auditors who trust the one, the other, or neither (PROTOCOL §6, §9). */
import { describe, expect, test } from "vitest";
import type { BundleRecord } from "../../../src/core/audit/bundle.ts";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { type Authority, SECOND_US, scriptedAuthority } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, type SceneParts, twoAgents } from "../../support/two-agents.ts";

type Recognised = NonNullable<SceneParts["twoRoots"]>;

function scene(twoRoots: Partial<Recognised> = {}): Scene {
  return twoAgents({
    delegates: { holder: {}, consumer: {} },
    twoRoots: { consumers: {}, holder: {}, ...twoRoots },
  });
}

/** The whole logs of these hosts, with all that they stored of others, to whoever trusts that root alone. */
function verified(of: Scene, root: Authority | null, hosts: readonly Host[] = of.hosts): Verdict {
  if (root === null) throw new Error("the scene has two roots");
  const { inception } = root.root;
  const own = hosts.map(({ lineage, disk }) => ({
    lineage: lineage.inception.header.lineage,
    envelopes: disk.filter(({ kind }) => kind === "own").map(({ bytes }) => bytes),
  }));
  const exported = new Set(own.flatMap(({ envelopes }) => envelopes.map(toHex)));
  const frames = hosts.flatMap(({ disk }) => disk.filter(({ kind }) => kind === "foreign"));
  const brought = [packEnvelope(inception.envelope), ...frames.map(({ bytes }) => bytes)];
  const others = [...new Map(brought.map((bytes) => [toHex(bytes), bytes])).values()].filter(
    (bytes) => !exported.has(toHex(bytes)),
  );
  const records: readonly BundleRecord[] = [
    ...own.flatMap(({ lineage, envelopes }) => envelopes.map((envelope) => ({ lineage, envelope }))),
    ...others.map((envelope) => ({ lineage: null, envelope })),
  ];
  const lineages = own.map(({ lineage, envelopes }) => ({ lineage, records: envelopes.length }));
  const claims = { lineages, foreign: others.length };
  const trustedRoots = [{ lineage: inception.header.lineage }];
  return verifyBundle({ records, claims, trustedRoots, primitives: of.scheme.primitives });
}

function failures({ checks }: Verdict): readonly string[] {
  return checks.filter(({ result }) => result === "failed").map(({ code }) => code);
}

function settlementRoots({ checks }: Verdict): readonly string[] {
  return checks.filter(({ code }) => code === "settlement-roots").map(({ result }) => result);
}

describe("a lease under two roots that recognise one another", () => {
  const of = scene();
  of.settle();
  of.run(20 * SECOND_US);
  const stranger = scriptedAuthority(of.scheme, {}, "an auditor's root");

  test.each([
    ["the holder's", of.authority],
    ["the consumer's", of.other],
  ] as const)("passes to who trusts %s alone, from both logs and from each", (_, root) => {
    for (const hosts of [of.hosts, [of.holder], [of.consumer]]) {
      const verdict = verified(of, root, hosts);
      expect(failures(verdict)).toEqual([]);
      expect(settlementRoots(verdict)).toEqual(["passed"]);
      expect(verdict.settlements).toHaveLength(1);
    }
  });

  test("fails to who trusts neither", () => {
    expect(settlementRoots(verified(of, stranger))).toContain("failed");
  });
});

test("a holder whose root recognises nobody's documents is judged under its own: the other root's auditor is not", () => {
  const of = scene({ holder: { documents: false } });
  const offer = of.offer();
  of.accept(of.consumer, offer, true);
  of.run(10 * SECOND_US);
  expect(settlementRoots(verified(of, of.authority))).toEqual(["passed"]);
  expect(settlementRoots(verified(of, of.other))).toContain("failed");
});

test("a termination may name a recognition that was revoked, and no other", () => {
  const of = scene();
  of.settle();
  const given = of.authority.root.records.find(({ kind }) => kind === "recognition");
  if (given === undefined) throw new Error("the holder's root recognises the other");
  const snapshot = of.authority.snapshot(of.nowUs(), [given.id]);
  of.holder.take({ kind: "message", bytes: packEnvelope(snapshot.envelope) });
  of.run(5 * SECOND_US);
  const [termination] = of.holder.written("lease-termination");
  expect(termination?.body).toMatchObject({ reason: "link-fallen", link: given.id });
  expect(failures(verified(of, of.authority))).toEqual([]);
  expect(failures(verified(of, of.other))).toEqual([]);
});

test.each([
  ["nowhere", null],
  ["for another verb", { verbs: ["allocate"] }],
  ["before its time", { fromUs: 0, untilUs: 1 }],
] as const)("refusals of a consumer whose root is recognised %s hold", (_, consumers) => {
  const of = scene({ consumers: consumers as Recognised["consumers"] });
  of.accept(of.consumer, of.offer(), true);
  of.run(5 * SECOND_US);
  expect(of.holder.written("rejection")).toHaveLength(1);
  expect(failures(verified(of, of.authority))).toEqual([]);
});
