/** What a run of a scenario says at its end: every expectation's result, what was left out, what is left behind. */
import type { Breach } from "../witness.ts";
import type { ScenarioEvidence } from "./evidence.ts";
import type { Result } from "./judge.ts";
import type { Skipped } from "./skipping.ts";
import type { Happening } from "./trace.ts";

export type ScenarioReport = {
  readonly name: string;
  /** `simulated`: virtual time and every invariant. `real`: the clock on the wall, and no invariant. */
  readonly drivers: "simulated" | "real";
  /** null on real drivers: nothing follows from it there. */
  readonly seed: number | null;
  /** Somebody ended it before its end. */
  readonly interrupted: boolean;
  /** Every expectation was judged and held, no invariant broke, and it came to its end. */
  readonly passed: boolean;
  readonly events: number;
  /** Of the scenario's own time. */
  readonly virtualUs: number;
  /** SHA-256 chain over what happened, without any signature byte; hex. null on real drivers. */
  readonly hash: string | null;
  readonly results: readonly Result[];
  readonly breach: Breach | null;
  /** What the run left out, by name. */
  readonly skipped: readonly Skipped[];
  /** `agent: port: reason` of those that still waited for something at the end of a run on real drivers. */
  readonly notReady: readonly string[];
  readonly happenings: readonly Happening[];
  /** By kind, over all agents. */
  readonly records: Readonly<Record<string, number>>;
  readonly evidence: ScenarioEvidence | null;
};

export type ScenarioVerdict = "passed" | "failed" | "not-judged";

/** `not-judged`: nothing failed, and something that was left out decides about at least one expectation. */
export function scenarioVerdict({ passed, results, breach }: ScenarioReport): ScenarioVerdict {
  if (passed) return "passed";
  const hasFailed = breach !== null || results.some((each) => each.judged && !each.passed);
  return hasFailed ? "failed" : "not-judged";
}
