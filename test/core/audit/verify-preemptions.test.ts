/** What `verify` says of leases that gave way to a directive, and of those that should not have (PROTOCOL §7, §9). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import type { BundleRecord } from "../../../src/core/audit/bundle.ts";
import { verifyBundle } from "../../../src/core/audit/verify.ts";
import type { LeaseState } from "../../../src/core/record/kinds/lease-state.ts";
import type { Bodies, KindName } from "../../../src/core/record/kinds.ts";
import type { AnyRecord } from "../../../src/core/record/record.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Host, packEnvelope } from "../../support/scripted-host.ts";
import { type Incumbent, scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";

const CODES = ["preemption-entitled", "preemption-state", "preemption-silence", "preemption-ending"] as const;

/** The whole log of `host`, with `more` of its own at its end. */
function verified(scene: Scene, host: Host, more: readonly AnyRecord[] = []): readonly AuditCheck[] {
  const { lineage } = host.lineage.inception.header;
  const root = scene.authority.root.inception;
  const framesOf = (wanted: string) =>
    host.disk.filter(({ kind }) => kind === wanted).map(({ bytes }) => bytes);
  const own = [...framesOf("own"), ...more.map(({ envelope }) => packEnvelope(envelope))];
  const foreign = framesOf("foreign");
  const records: readonly BundleRecord[] = [
    ...own.map((envelope) => ({ lineage, envelope })),
    ...foreign.map((envelope) => ({ lineage: null, envelope })),
  ];
  const claims = { lineages: [{ lineage, records: own.length }], foreign: foreign.length };
  const trustedRoots = [{ lineage: root.header.lineage }];
  return verifyBundle({ records, claims, trustedRoots, primitives: scene.scheme.primitives }).checks;
}

const told = (checks: readonly AuditCheck[], result: string) =>
  checks
    .filter((each) => each.result === result && CODES.some((code) => code === each.code))
    .map(({ code }) => code);
const failures = (checks: readonly AuditCheck[]) =>
  checks.filter(({ result }) => result === "failed").map(({ code, measured }) => ({ code, measured }));

function preempted(change: Parameters<Incumbent["directive"]>[0] = {}) {
  const of = twoAgents();
  of.settle();
  const incumbent = scriptedIncumbent(of);
  const directive = incumbent.directive(change);
  tell(of, incumbent, directive);
  of.run(3 * SECOND_US);
  return { of, incumbent, directive };
}

/** The next record of a host's log, as its key could sign it. */
function next<K extends KindName>(host: Host, like: AnyRecord, kind: K, body: Bodies[K]): AnyRecord {
  const { head, nextSeq } = host.agent().durable;
  return host.lineage.write(kind, body, {
    ...like.header,
    seq: nextSeq,
    previous: head,
  }) as unknown as AnyRecord;
}

describe("logs of both sides", () => {
  test("of a suspension and what followed it, verify", () => {
    const { of } = preempted();
    of.run(70 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    for (const host of [of.holder, of.consumer]) {
      const checks = verified(of, host);
      expect(failures(checks)).toEqual([]);
      expect(told(checks, "passed")).toEqual([
        "preemption-entitled",
        "preemption-state",
        "preemption-silence",
      ]);
    }
  });

  test("of an end verify, and the holder's names the directive", () => {
    const { of } = preempted({ untilUs: null });
    expect(failures(verified(of, of.consumer))).toEqual([]);
    const checks = verified(of, of.holder);
    expect(failures(checks)).toEqual([]);
    expect(told(checks, "passed")).toEqual([...CODES]);
  });

  test("of a refused directive verify: what led to the refusal is named as not checkable", () => {
    const of = twoAgents();
    of.settle();
    const incumbent = scriptedIncumbent(of, { verbs: ["acquire"] });
    tell(of, incumbent, incumbent.directive());
    of.run(3 * SECOND_US);
    expect(failures(verified(of, of.consumer))).toEqual([]);
  });

  test("of an acceptance refused because of one verify", () => {
    const of = twoAgents();
    const incumbent = scriptedIncumbent(of);
    tell(of, incumbent, incumbent.directive());
    of.accept(of.consumer, of.offer(), true);
    of.run(3 * SECOND_US);
    expect(of.holder.written("rejection")).toHaveLength(1);
    expect(failures(verified(of, of.holder))).toEqual([]);
  });
});

describe("what its own author signed against itself", () => {
  test("switching on while a directive stands that it had recorded", () => {
    const { of } = preempted();
    const [actuation] = of.consumer.written("actuation");
    if (actuation === undefined) throw new Error("RF was on");
    const late = next(
      of.consumer,
      { ...actuation, header: { ...actuation.header } },
      "actuation",
      actuation.body,
    );
    expect(failures(verified(of, of.consumer, [late])).map(({ code }) => code)).toContain(
      "preemption-silence",
    );
  });

  const lies: readonly (readonly [string, Partial<LeaseState>])[] = [
    ["a finer cause than was published", { cause: "safety" }],
    ["a longer silence", { unservedUs: 61 * SECOND_US }],
    ["another price of it", { unservedMicroUnits: 1n }],
    ["a refund that policy does not give", { settled: "refund" }],
    ["another end", { untilUs: null }],
    ["an end of the lease", { state: "terminated" }],
  ];
  test.each(lies)("a state that says %s", (_, lie) => {
    const { of } = preempted();
    const [state] = of.holder.written("lease-state");
    if (state === undefined) throw new Error("the lease was suspended");
    const other = next(of.holder, state as unknown as AnyRecord, "lease-state", { ...state.body, ...lie });
    expect(failures(verified(of, of.holder, [other])).map(({ code }) => code)).toContain("preemption-state");
  });

  test("an end for a directive that it never recorded as one", () => {
    const { of, directive } = preempted();
    const [state] = of.holder.written("lease-state");
    if (state === undefined) throw new Error("the lease was suspended");
    const body = {
      artifact: state.body.artifact,
      reason: "preempted" as const,
      cause: directive.id,
      link: null,
    };
    const end = next(of.holder, state as unknown as AnyRecord, "lease-termination", body);
    expect(failures(verified(of, of.holder, [end])).map(({ code }) => code)).toContain("preemption-ending");
  });

  test("a state for a directive of somebody who is not entitled", () => {
    const { of } = preempted();
    const rogue = scriptedIncumbent(of, { verbs: ["acquire"] }, "rogue");
    const false_ = rogue.directive();
    const [state] = of.holder.written("lease-state");
    if (state === undefined) throw new Error("the lease was suspended");
    for (const each of [...rogue.ground, false_])
      of.holder.disk.push({ kind: "foreign", bytes: packEnvelope(each.envelope) });
    const body = { ...state.body, directive: false_.id, untilUs: false_.body.untilUs };
    const other = next(of.holder, state as unknown as AnyRecord, "lease-state", body);
    expect(failures(verified(of, of.holder, [other])).map(({ code }) => code)).toContain(
      "preemption-entitled",
    );
  });
});
