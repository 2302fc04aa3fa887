/** What a run of a scenario says: lines of text for a person, a row of the JSON document for a script. */
import type { Result } from "../sim/scenario/judge.ts";
import { type ScenarioReport, scenarioVerdict } from "../sim/scenario/report.ts";
import { printLine } from "./output.ts";

export type ScenarioRow = {
  readonly file: string;
  readonly report: ScenarioReport;
  /** The folder of its artifacts, or null. */
  readonly kept: string | null;
  /** The command that shows the same again; null on real drivers, where nothing does. */
  readonly replay: string | null;
};

export function printRow({ report, kept, replay }: ScenarioRow): void {
  const { results, breach, skipped, notReady } = report;
  printLine(summaryOf(report));
  for (const { what, name, reason } of skipped) printLine(`  skipped ${what} ${name}: ${reason}`);
  for (const line of notReady) printLine(`  not ready at the end: ${line}`);
  // What ended a run early is the same for all that lay ahead: it is said once.
  const isCut = breach !== null || report.interrupted;
  for (const each of results) if (!each.passed && (each.judged || !isCut)) printResult(each);
  const open = results.filter((each) => !each.judged);
  if (isCut && open.length > 0) printLine(`  ${open.length} not judged, ${open[0]?.measured}`);
  if (breach !== null) {
    const when = `at ${seconds(breach.atUs)}, event ${breach.atEvent}`;
    printLine(`  scenario-invariant ${when}: ${breach.invariant}: ${breach.text}`);
  }
  for (const record of breach?.records ?? []) printLine(`    record ${record}`);
  if (kept !== null) printLine(`  kept in ${kept}`);
  if (scenarioVerdict(report) === "failed" && replay !== null) printLine(`  the same again: ${replay}`);
}

function printResult({ name, judged, atUs, measured, required }: Result): void {
  if (judged) printLine(`  scenario-expectation at ${seconds(atUs)}: ${name}`);
  else printLine(`  not judged from ${seconds(atUs)} on: ${name}`);
  printLine(`    ${judged ? "measured " : ""}${measured}, required ${required}`);
}

export function rowDocument({ file, report, kept, replay }: ScenarioRow): object {
  const { evidence: _, ...rest } = report;
  const verdict = scenarioVerdict(report);
  const code =
    verdict !== "failed" ? null : report.breach !== null ? "scenario-invariant" : "scenario-expectation";
  return { file, ...rest, verdict, code, artifacts: kept, replay };
}

/** `7 of 9 expectations held, 1 not judged`. */
export function countsOf({ results }: ScenarioReport): string {
  const held = results.filter((each) => each.passed).length;
  const open = results.filter((each) => !each.judged).length;
  return `${held} of ${results.length} expectations held${open === 0 ? "" : `, ${open} not judged`}`;
}

export function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`;
}

const VERDICTS = { passed: "passed", failed: "FAILED", "not-judged": "NOT JUDGED" } as const;

function summaryOf(report: ScenarioReport): string {
  const { name, drivers, seed, virtualUs, events, interrupted } = report;
  const verdict = VERDICTS[scenarioVerdict(report)];
  const counts = `${countsOf(report)}${interrupted ? ", interrupted" : ""}`;
  if (drivers === "real")
    return `${verdict} ${name}, real drivers: ${counts}, ${seconds(virtualUs)} of the wall`;
  return `${verdict} ${name}, seed ${seed}: ${counts}, ${seconds(virtualUs)} simulated, ${events} events`;
}
