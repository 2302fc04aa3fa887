/** Runs a scenario and writes its file again, with what happened as its expectations. */
import { existsSync, writeFileSync } from "node:fs";
import { playScenario } from "../compose/scenarios.ts";
import { recordedScenario } from "../profile/recorded-scenario.ts";
import type { Scenario } from "../profile/scenario.ts";
import { recordedExpectations } from "../sim/scenario/recording.ts";
import { exitCodes } from "./command.ts";
import { catchInterrupt } from "./interrupt.ts";
import { fail, printJson } from "./output.ts";
import { runAgain, seedOf } from "./scenario-again.ts";
import { endInterrupted } from "./scenario-interrupted.ts";
import { printRow, rowDocument, type ScenarioRow } from "./scenario-lines.ts";
import { keepRun, prepareToWrite } from "./scenario-output.ts";
import { scenarioPace } from "./scenario-pace.ts";
import { readRunnable } from "./scenario-reading.ts";
import { type RunOptions, type ScenarioSettings, scenarioSettings } from "./scenario-settings.ts";
import { shellWords } from "./shell-words.ts";

const SCHEMA = "spectrum-agent.scenario-record/1";

export type RecordOptions = RunOptions & { readonly out?: string };

export async function recordFile(file: string, options: RecordOptions): Promise<void> {
  const settings = scenarioSettings(options);
  if (settings === null || !isOutFresh(options)) return;
  const { out, json = false } = options;
  const { rows, sound } = readRunnable([file], null);
  const scenario = sound?.[0]?.scenario;
  if (scenario === undefined) {
    if (json) printJson({ schema: SCHEMA, files: rows });
    return;
  }
  await prepareToWrite(options.artifacts, out);
  const row = await playToRecord({ file, scenario }, settings, options);
  if (row === null) return;
  if (row.report.breach !== null) {
    if (json) printJson({ schema: SCHEMA, ...rowDocument(row), out: null });
    else printRow(row);
    process.exitCode = exitCodes.negativeVerdict;
    return;
  }
  const expectations = recordedExpectations(scenario, row.report);
  const text = recordedScenario(file, { seed: seedOf(scenario, 0, settings), expectations });
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  if (json && out !== undefined) printJson({ schema: SCHEMA, ...rowDocument(row), out });
}

/** False after a failure with exit 2. */
function isOutFresh({ out, json }: RecordOptions): boolean {
  const [usage, taken] = [out === undefined && json === true, out !== undefined && existsSync(out)];
  if (usage) {
    const hint = "without it, the recorded file is what is printed";
    fail({ code: "usage", message: "--json needs --out here", hint, exit: exitCodes.usage });
  } else if (taken) {
    const message = `${out} is there already`;
    fail({ code: "scenario-file-stands", message, hint: "name a fresh file", exit: exitCodes.usage });
  }
  return !usage && !taken;
}

/** null where it was interrupted: half a story is no record of it. */
async function playToRecord(
  { file, scenario }: { readonly file: string; readonly scenario: Scenario },
  settings: ScenarioSettings,
  { artifacts, out }: RecordOptions,
): Promise<ScenarioRow | null> {
  const interrupt = catchInterrupt();
  const seed = seedOf(scenario, 0, settings);
  const pace = scenarioPace(scenario, seed, settings.isPaced);
  const report = await playScenario(scenario, { seed, pace, isInterrupted: interrupt.hasCome });
  const row = { file, report, kept: await keepRun(report, artifacts), replay: runAgain(file, seed) };
  const signal = interrupt.signal();
  if (!report.interrupted || signal === null) return row;
  const again = ["spectrum-agent", "scenario", "record", file, "--seed", `${seed}`];
  const command = shellWords([...again, ...(out === undefined ? [] : ["--out", out])]);
  endInterrupted(signal, [row], [command]);
  return null;
}
