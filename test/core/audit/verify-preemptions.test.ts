/** What `verify` says of leases that gave way to a directive, and of those that should not have (PROTOCOL §7, §9). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import type { LeaseState } from "../../../src/core/record/kinds/lease-state.ts";
import { SECOND_US, sceneBlock } from "../../support/scripted-authority.ts";
import { packEnvelope } from "../../support/scripted-host.ts";
import { type Incumbent, scriptedIncumbent, tell } from "../../support/scripted-incumbent.ts";
import { twoAgents } from "../../support/two-agents.ts";
import { nextOf, verifiedLog } from "../../support/whole-log.ts";

const CODES = ["preemption-entitled", "preemption-state", "preemption-silence", "preemption-ending"] as const;

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

describe("logs of both sides", () => {
  test("of a suspension and what followed it, verify", () => {
    const { of } = preempted();
    of.run(70 * SECOND_US);
    expect(of.consumer.radio.isOn()).toBe(true);
    for (const host of [of.holder, of.consumer]) {
      const checks = verifiedLog(of, host);
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
    expect(failures(verifiedLog(of, of.consumer))).toEqual([]);
    const checks = verifiedLog(of, of.holder);
    expect(failures(checks)).toEqual([]);
    expect(told(checks, "passed")).toEqual([...CODES]);
  });

  test("of a refused directive verify: what led to the refusal is named as not checkable", () => {
    const of = twoAgents();
    of.settle();
    const incumbent = scriptedIncumbent(of, { verbs: ["acquire"] });
    tell(of, incumbent, incumbent.directive());
    of.run(3 * SECOND_US);
    expect(failures(verifiedLog(of, of.consumer))).toEqual([]);
  });

  test("of an acceptance refused because of one verify", () => {
    const of = twoAgents();
    const incumbent = scriptedIncumbent(of);
    tell(of, incumbent, incumbent.directive());
    of.accept(of.consumer, of.offer(), true);
    of.run(3 * SECOND_US);
    expect(of.holder.written("rejection")).toHaveLength(1);
    expect(failures(verifiedLog(of, of.holder))).toEqual([]);
  });
});

describe("a state whose directive is not here", () => {
  test("refers to nothing, and neither its right nor its figures are checkable", () => {
    const { of } = preempted({ untilUs: null });
    const [state] = of.consumer.written("lease-state");
    if (state === undefined) throw new Error("the lease was ended");
    const unknown = new Uint8Array(32).fill(9);
    const other = nextOf(of.consumer, state, "lease-state", { ...state.body, directive: unknown });
    const checks = verifiedLog(of, of.consumer, [other]);
    expect(failures(checks).map(({ code }) => code)).toEqual(["reference"]);
    expect(told(checks, "not-checkable")).toEqual(["preemption-entitled", "preemption-state"]);
  });
});

describe("a second directive of one author", () => {
  test("is held against the first, which the log shows too", () => {
    const { of, incumbent } = preempted();
    of.run(70 * SECOND_US);
    tell(of, incumbent, incumbent.directive({ untilUs: of.nowUs() + 30 * SECOND_US }));
    of.run(3 * SECOND_US);
    expect(of.holder.written("lease-state")).toHaveLength(2);
    expect(failures(verifiedLog(of, of.holder))).toEqual([]);
  });
});

describe("what its own author signed against itself", () => {
  test("a state of a lease that the directive does not hit", () => {
    const { of, incumbent } = preempted();
    const { area, commodityClass, upperHz } = sceneBlock;
    const elsewhere = incumbent.directive({
      zones: [{ lowerHz: upperHz, upperHz: upperHz + 25_000, area, commodityClass }],
    });
    const [state] = of.holder.written("lease-state");
    if (state === undefined) throw new Error("the lease was suspended");
    of.holder.disk.push({ kind: "foreign", bytes: packEnvelope(elsewhere.envelope) });
    const lie = nextOf(of.holder, state, "lease-state", { ...state.body, directive: elsewhere.id });
    expect(failures(verifiedLog(of, of.holder, [lie]))).toContainEqual({
      code: "preemption-state",
      measured: { hits: false },
    });
  });

  test("an end for a directive that its log does not hold", () => {
    const { of } = preempted();
    const [state] = of.holder.written("lease-state");
    if (state === undefined) throw new Error("the lease was suspended");
    const { artifact } = state.body;
    const cause = new Uint8Array(32).fill(9);
    const body = { artifact, reason: "preempted" as const, cause, link: null };
    const end = nextOf(of.holder, state, "lease-termination", body);
    expect(failures(verifiedLog(of, of.holder, [end]))).toContainEqual({
      code: "preemption-ending",
      measured: { cause: "none", recorded: false },
    });
  });

  test("switching on while a directive stands that it had recorded", () => {
    const { of } = preempted();
    const [actuation] = of.consumer.written("actuation");
    if (actuation === undefined) throw new Error("RF was on");
    const late = nextOf(
      of.consumer,
      { ...actuation, header: { ...actuation.header } },
      "actuation",
      actuation.body,
    );
    expect(failures(verifiedLog(of, of.consumer, [late])).map(({ code }) => code)).toContain(
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
    const other = nextOf(of.holder, state, "lease-state", { ...state.body, ...lie });
    expect(failures(verifiedLog(of, of.holder, [other])).map(({ code }) => code)).toContain(
      "preemption-state",
    );
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
    const end = nextOf(of.holder, state, "lease-termination", body);
    expect(failures(verifiedLog(of, of.holder, [end])).map(({ code }) => code)).toContain(
      "preemption-ending",
    );
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
    const other = nextOf(of.holder, state, "lease-state", body);
    expect(failures(verifiedLog(of, of.holder, [other])).map(({ code }) => code)).toContain(
      "preemption-entitled",
    );
  });
});
