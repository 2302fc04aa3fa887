/** What an interrupted series of runs had reached, and the commands that go on with it; the exit is the signal's. */
import { type ScenarioReport, scenarioVerdict } from "../sim/scenario/report.ts";
import { type EndSignal, exitOfSignal } from "./interrupt.ts";
import { printMessage } from "./output.ts";
import { countsOf, type ScenarioRow, seconds } from "./scenario-lines.ts";

/** `commands` in their order; the first begins with the run that was cut short. */
export function endInterrupted(
  signal: EndSignal,
  runs: readonly ScenarioRow[],
  commands: readonly string[],
): void {
  const whole = runs.filter(({ report }) => !report.interrupted);
  const cut = runs.find(({ report }) => report.interrupted);
  printMessage(`interrupted by ${signal}${cut === undefined ? "" : `: ${reached(cut.report)}`}`);
  const count = (verdict: string): number =>
    whole.filter(({ report }) => scenarioVerdict(report) === verdict).length;
  printMessage(
    `  whole runs before: ${count("passed")} passed, ${count("failed")} failed, ${count("not-judged")} not judged`,
  );
  for (const [i, command] of commands.entries())
    printMessage(`  ${i === 0 ? "goes on" : "then"}: ${command}`);
  process.exitCode = exitOfSignal(signal);
}

function reached(report: ScenarioReport): string {
  const { name, seed, virtualUs, events, records } = report;
  const written = Object.values(records).reduce((total, each) => total + each, 0);
  const which = seed === null ? "real drivers" : `seed ${seed}`;
  return `${name}, ${which}, at ${seconds(virtualUs)}, event ${events}: ${countsOf(report)}, ${written} records`;
}
