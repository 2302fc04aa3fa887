/** Runs scenario files for the command line, each as often as it is told to: pace, reports, what is kept. */
import { writeFileSync } from "node:fs";
import { playRealScenario } from "../compose/real-scenario.ts";
import { playScenario } from "../compose/scenarios.ts";
import { PortError } from "../ports/port-error.ts";
import type { Scenario } from "../profile/scenario.ts";
import { type ScenarioReport, scenarioVerdict } from "../sim/scenario/report.ts";
import { exitCodes } from "./command.ts";
import { catchInterrupt, type Interrupt } from "./interrupt.ts";
import { junitXml } from "./junit.ts";
import { fail, printJson } from "./output.ts";
import { goOn, runAgain, seedOf } from "./scenario-again.ts";
import { endInterrupted } from "./scenario-interrupted.ts";
import { printRow, rowDocument, type ScenarioRow } from "./scenario-lines.ts";
import { keepRun, prepareToWrite } from "./scenario-output.ts";
import { scenarioPace } from "./scenario-pace.ts";
import { type FileRow, readRunnable, type ScenarioFile } from "./scenario-reading.ts";
import { type RunOptions, type ScenarioSettings, scenarioSettings } from "./scenario-settings.ts";

type Playing = {
  readonly settings: ScenarioSettings;
  readonly options: RunOptions;
  readonly interrupt: Interrupt;
};

type Played = {
  readonly runs: readonly ScenarioRow[];
  /** The commands that do what was not done any more. */
  readonly left: readonly string[];
};

/** Every file is read before the first one runs: a slip in the last costs nobody the time of the others. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const settings = scenarioSettings(options);
  if (settings === null) return;
  const { rows, sound } = readRunnable(files, settings.real);
  if (sound === null) {
    if (options.json === true) printRuns(rows, []);
    return;
  }
  await prepareToWrite(options.artifacts, options.junit);
  const interrupt = catchInterrupt();
  const played = await playAll(sound, { settings, options, interrupt });
  if (played === null) return;
  const { runs, left } = played;
  const reports = runs.map(({ report }) => report);
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(reports));
  if (options.json === true) printRuns(rows, runs);
  if (reports.some((report) => scenarioVerdict(report) === "failed" || isEmpty(report)))
    process.exitCode = exitCodes.negativeVerdict;
  const signal = interrupt.signal();
  // A signal that came when all was done changes nothing.
  if (signal !== null && left.length > 0) endInterrupted(signal, runs, left);
  // An agent that still waits for a port keeps trying for ever: nothing else would end this program.
  if (reports.some(({ notReady }) => notReady.length > 0)) process.exit();
}

function printRuns(files: readonly FileRow[], runs: readonly ScenarioRow[]): void {
  printJson({ schema: "spectrum-agent.scenario-run/1", files, runs: runs.map(rowDocument) });
}

/** A run that judged nothing shows nothing. */
function isEmpty({ results }: ScenarioReport): boolean {
  return results.every(({ judged }) => !judged);
}

/** Up to the end or an interruption; null after a failure of hardware. */
async function playAll(files: readonly ScenarioFile[], playing: Playing): Promise<Played | null> {
  const { settings, options, interrupt } = playing;
  const runs: ScenarioRow[] = [];
  for (const [at, file] of files.entries()) {
    for (let i = 0; i < settings.repeat; i++) {
      const row = interrupt.hasCome() ? null : await playOne(file, i, playing);
      if (row === null && !interrupt.hasCome()) return null;
      // The evidence holds every frame of every log: with --repeat it would add up.
      if (row !== null) runs.push({ ...row, report: { ...row.report, evidence: null } });
      if (row === null || row.report.interrupted)
        return { runs, left: goOn(files.slice(at), i, settings, options) };
    }
  }
  return { runs, left: [] };
}

async function playOne(
  { file, scenario }: ScenarioFile,
  i: number,
  { settings, options, interrupt }: Playing,
): Promise<ScenarioRow | null> {
  const seed = settings.real === null ? seedOf(scenario, i, settings) : null;
  const pace = scenarioPace(scenario, seed, settings.isPaced);
  const going = { pace, isInterrupted: interrupt.hasCome };
  const report =
    seed === null ? await playReal(scenario, going) : await playScenario(scenario, { seed, ...going });
  if (report === null) return null;
  const kept = await keepRun(report, options.artifacts);
  const row = { file, report, kept, replay: seed === null ? null : runAgain(file, seed) };
  if (options.json !== true) printRow(row);
  return row;
}

/** null after a failure of the hardware without which nothing can begin. */
async function playReal(
  scenario: Scenario,
  going: Parameters<typeof playRealScenario>[1],
): Promise<ScenarioReport | null> {
  try {
    return await playRealScenario(scenario, going);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const hint = "no agent was started: keys come first";
    fail({ code: error.code, message: error.message, hint, exit: exitCodes.hardware });
    return null;
  }
}
