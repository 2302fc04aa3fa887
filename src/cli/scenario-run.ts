/** Runs scenario files for the command line: pace, progress, reports, what is kept. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeArtifacts } from "../compose/scenario-artifacts.ts";
import { playScenario, readScenario, realDevices } from "../compose/scenarios.ts";
import { recordedScenario } from "../profile/recorded-scenario.ts";
import type { Scenario } from "../profile/scenario.ts";
import { recordedExpectations } from "../sim/scenario/recording.ts";
import type { ScenarioReport } from "../sim/scenario/run-scenario.ts";
import { exitCodes } from "./command.ts";
import { junitXml } from "./junit.ts";
import { fail, printJson, printLine, printMessage } from "./output.ts";
import { failProfile } from "./read-profile.ts";
import { waitMs } from "./wall-pace.ts";
import { wholeNumber } from "./whole-number.ts";

export type RunOptions = {
  readonly seed?: string;
  readonly speed: string;
  readonly repeat?: string;
  readonly artifacts?: string;
  readonly junit?: string;
  readonly json?: boolean;
};

type Settled = {
  /** null: the file's own. */
  readonly seed: number | null;
  readonly repeat: number;
  readonly isPaced: boolean;
};

const SEED_MAX = 0xffff_ffff;
const REPEAT_MAX = 100_000;
const PROGRESS_EVERY_MS = 2_000;

/** Every file is read before the first one runs: a slip in the last costs nobody the time of the others. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const settled = settle(options);
  if (settled === null) return;
  const read = files.map(readRunnable);
  const scenarios = read.filter((each) => each !== null);
  if (scenarios.length < read.length) return;
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) {
    for (let i = 0; i < settled.repeat; i++) {
      const seed = ((settled.seed ?? scenario.seed) + i) % (SEED_MAX + 1);
      const report = await play(scenario, seed, settled);
      if (options.json !== true) printReport(report);
      await keep(report, options.artifacts);
      // The evidence holds every frame of every log: with --repeat it would add up.
      reports.push({ ...report, evidence: null });
    }
  }
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(reports));
  if (options.json === true) printJson({ schema: "spectrum-agent.scenario-run/1", runs: reports.map(row) });
  if (reports.some(({ passed }) => !passed)) process.exitCode = exitCodes.negativeVerdict;
}

export async function recordFile(
  file: string,
  options: RunOptions & { readonly out?: string },
): Promise<void> {
  const settled = settle(options);
  if (settled === null) return;
  const { out } = options;
  if (out !== undefined && existsSync(out)) {
    const message = `${out} is there already`;
    fail({ code: "scenario-file-stands", message, hint: "name a fresh file", exit: exitCodes.usage });
    return;
  }
  const scenario = readRunnable(file);
  if (scenario === null) return;
  const seed = settled.seed ?? scenario.seed;
  const report = await play(scenario, seed, settled);
  await keep(report, options.artifacts);
  if (report.breach !== null) {
    printReport(report);
    process.exitCode = exitCodes.negativeVerdict;
    return;
  }
  const text = recordedScenario(file, { seed, expectations: recordedExpectations(scenario, report) });
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  if (options.json === true && out !== undefined)
    printJson({ schema: "spectrum-agent.scenario-record/1", ...row(report), out });
}

function settle({ seed: written, speed, repeat: times = "1" }: RunOptions): Settled | null {
  if (speed !== "max" && speed !== "1x") {
    fail({ code: "usage", message: `--speed ${speed} is not max or 1x`, hint: "", exit: exitCodes.usage });
    return null;
  }
  const seed = written === undefined ? null : wholeNumber("seed", written, 0, SEED_MAX);
  const repeat = wholeNumber("repeat", times, 1, REPEAT_MAX);
  if (repeat === null || (seed === null && written !== undefined)) return null;
  return { seed, repeat, isPaced: speed === "1x" };
}

/** The scenario, or null after a failure with exit 78. */
function readRunnable(file: string): Scenario | null {
  const loaded = readScenario(file);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return null;
  }
  const real = realDevices(loaded.scenario);
  if (real.length === 0) return loaded.scenario;
  const message = `${file}: not run, real drivers: ${real.join(", ")}`;
  const hint = "scenarios run on simulated devices only so far";
  fail({ code: "scenario-needs-hardware", message, hint, exit: exitCodes.badConfiguration });
  return null;
}

function play(scenario: Scenario, seed: number, { isPaced }: Settled): Promise<ScenarioReport> {
  const begun = performance.now();
  let told = begun;
  return playScenario(scenario, {
    seed,
    async pace(nowUs) {
      const now = performance.now();
      if (now - told >= PROGRESS_EVERY_MS) {
        told = now;
        const part = Math.floor((nowUs * 100) / scenario.durationUs);
        printMessage(
          `${scenario.name}: ${(nowUs / 1e6).toFixed(0)} s of ${scenario.durationUs / 1e6} s, ${part} %`,
        );
      }
      const aheadMs = isPaced ? waitMs(nowUs, now - begun) : 0;
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    },
  });
}

async function keep({ name, seed, evidence }: ScenarioReport, artifacts: string | undefined): Promise<void> {
  if (artifacts !== undefined && evidence !== null)
    await writeArtifacts(evidence, join(artifacts, `${name}-${seed}`));
}

function printReport({ name, seed, passed, virtualUs, events, results, breach }: ScenarioReport): void {
  const held = results.filter((each) => each.passed).length;
  const verdict = passed ? "passed" : "FAILED";
  printLine(
    `${verdict} ${name}, seed ${seed}: ${held} of ${results.length} expectations, ${seconds(virtualUs)} simulated, ${events} events`,
  );
  for (const each of results) {
    if (each.passed) continue;
    printLine(`  scenario-expectation at ${seconds(each.atUs)}: ${each.name}`);
    printLine(`    measured ${each.measured}, required ${each.required}`);
  }
  if (breach !== null)
    printLine(`  scenario-invariant ${breach.invariant} at event ${breach.atEvent}: ${breach.text}`);
}

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`;
}

function row({ evidence: _, ...report }: ScenarioReport): object {
  const code = report.breach !== null ? "scenario-invariant" : report.passed ? null : "scenario-expectation";
  return { ...report, code };
}
