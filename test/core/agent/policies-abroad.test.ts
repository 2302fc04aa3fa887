/** Successors of a policy whose author is a recognised root: they count as far as its documents do, now (PROTOCOL §4, §6 C). */
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { Recognition } from "../../../src/core/record/kinds/recognition.ts";
import type { AnyRecord, RecordOf } from "../../../src/core/record/record.ts";
import { SECOND_US, START_US, scenePolicy, scriptedAuthority } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

function hears(host: Host, ...records: readonly AnyRecord[]): void {
  for (const { envelope } of records) host.take({ kind: "message", bytes: packEnvelope(envelope) });
}

/** The consumer lives by the policy of the holder's root, and trusts another one alone. */
function scene(holder: Partial<Recognition> = {}): { of: Scene; next: RecordOf<"policy"> } {
  const of = twoAgents({ twoRoots: { consumers: {}, holder } });
  const { root, policy } = of.authority;
  const next = root.write("policy", {
    ...scenePolicy,
    name: "scene 2",
    startUs: START_US + 5 * SECOND_US,
    succeeds: { predecessor: policy.id, endUs: START_US + 8 * SECOND_US },
  });
  return { of, next };
}

function runTo(of: Scene, second: number): void {
  of.run(START_US + second * SECOND_US - of.nowUs());
}

const refusals = (of: Scene): readonly string[] => {
  const answer = of.accept(of.consumer, of.offer());
  return answer.ok ? [] : answer.rejections.map(({ code }) => code);
};

test("is used by a consumer of another root from its start on, and a pair settles under it", () => {
  const { of, next } = scene();
  for (const host of of.hosts) hears(host, next as AnyRecord);
  runTo(of, 9);
  of.settle();
  expect(of.consumer.written("acceptance").at(-1)?.header.policy).toEqual(next.id);
});

test("ends its predecessor for a consumer that alone heard of it", () => {
  const { of, next } = scene();
  hears(of.consumer, next as AnyRecord);
  runTo(of, 9);
  expect(refusals(of)).toContain("policy-superseded");
});

test("is kept through a restart, with the log", () => {
  const { of, next } = scene();
  of.settle();
  hears(of.consumer, next as AnyRecord);
  of.run(5 * SECOND_US);
  of.consumer.crash();
  of.consumer.start();
  const { successors } = of.consumer.agent().volatile;
  expect([...successors.values()].map(({ id }) => toHex(id))).toEqual([toHex(next.id)]);
});

describe("counts for nothing", () => {
  test("where the recognition was taken back: the consumer goes back to its operator's, and its root's say refuses all of it", () => {
    const { of, next } = scene();
    for (const host of of.hosts) hears(host, next as AnyRecord);
    runTo(of, 9);
    const { other } = of;
    const given = other?.root.records.find(({ kind }) => kind === "recognition");
    if (other === null || given === undefined) throw new Error("the scene's other root recognises the first");
    hears(of.consumer, other.snapshot(of.nowUs(), [given.id]) as AnyRecord);
    const codes = refusals(of);
    expect(codes).toContain("policy-untrusted");
    expect(codes).toContain("policy-mismatch");
  });

  test("where documents are not recognised", () => {
    const { of, next } = scene({ documents: false });
    for (const host of of.hosts) hears(host, next as AnyRecord);
    runTo(of, 9);
    expect(refusals(of)).toContain("policy-mismatch");
  });

  test("where a recognised root signs one in place of somebody else's policy", () => {
    const { of } = scene();
    const third = scriptedAuthority(of.scheme, {}, "third root");
    const { other } = of;
    const theirs = third.root.write("policy", {
      ...scenePolicy,
      startUs: START_US,
      succeeds: { predecessor: of.authority.policy.id, endUs: START_US },
    });
    const given = other?.recognise(third.root.inception.header.lineage);
    if (given === undefined) throw new Error("the scene has two roots");
    hears(of.consumer, ...third.ground, given as AnyRecord, theirs as AnyRecord);
    expect(of.consumer.agent().volatile.successors.size).toBe(0);
    of.settle();
    expect(of.consumer.written("acceptance").at(-1)?.header.policy).toEqual(of.authority.policy.id);
  });
});
