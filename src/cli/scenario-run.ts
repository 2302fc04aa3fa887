/** Runs scenario files for the command line: pace, progress, reports, what is kept. */
import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeFolder } from "../compose/make-folder.ts";
import { playRealScenario } from "../compose/real-scenario.ts";
import { writeArtifacts } from "../compose/scenario-artifacts.ts";
import { playScenario, readScenario, realDevices } from "../compose/scenarios.ts";
import { PortError } from "../ports/port-error.ts";
import { recordedScenario } from "../profile/recorded-scenario.ts";
import type { Scenario } from "../profile/scenario.ts";
import type { RealDevices } from "../profile/scenario-sources.ts";
import { recordedExpectations } from "../sim/scenario/recording.ts";
import { type ScenarioReport, scenarioVerdict } from "../sim/scenario/report.ts";
import { exitCodes } from "./command.ts";
import { junitXml } from "./junit.ts";
import { fail, printJson, printLine, printMessage } from "./output.ts";
import { failProfile } from "./read-profile.ts";
import { type DeviceOptions, devicesOf } from "./scenario-devices.ts";
import { waitMs } from "./wall-pace.ts";
import { wholeNumber } from "./whole-number.ts";

export type RunOptions = DeviceOptions & {
  readonly seed?: string;
  readonly speed?: string;
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
  /** null: simulated devices and virtual time. */
  readonly real: RealDevices | null;
};

const SEED_MAX = 0xffff_ffff;
const REPEAT_MAX = 100_000;
const PROGRESS_EVERY_MS = 2_000;

/** Every file is read before the first one runs: a slip in the last costs nobody the time of the others. */
export async function runFiles(files: readonly string[], options: RunOptions): Promise<void> {
  const settled = settle(options);
  if (settled === null) return;
  const read = files.map((file) => readRunnable(file, settled));
  const scenarios = read.filter((each) => each !== null);
  if (scenarios.length < read.length) return;
  await prepare(options.artifacts, options.junit);
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) {
    for (let i = 0; i < settled.repeat; i++) {
      const report = await played(scenario, i, settled);
      if (report === null) return;
      if (options.json !== true) printReport(report);
      await keep(report, options.artifacts);
      // The evidence holds every frame of every log: with --repeat it would add up.
      reports.push({ ...report, evidence: null });
    }
  }
  if (options.junit !== undefined) writeFileSync(options.junit, junitXml(reports));
  if (options.json === true) printJson({ schema: "spectrum-agent.scenario-run/1", runs: reports.map(row) });
  if (reports.some((report) => scenarioVerdict(report) === "failed" || isEmpty(report)))
    process.exitCode = exitCodes.negativeVerdict;
  // An agent that still waits for a port keeps trying for ever: nothing else would end this program.
  if (reports.some(({ notReady }) => notReady.length > 0)) process.exit();
}

/** A run that judged nothing shows nothing. */
function isEmpty({ results }: ScenarioReport): boolean {
  return results.every(({ judged }) => !judged);
}

export async function recordFile(
  file: string,
  options: RunOptions & { readonly out?: string },
): Promise<void> {
  const settled = settle(options);
  if (settled === null) return;
  const { out } = options;
  if (out === undefined && options.json === true) {
    wrong("--json needs --out here", "without it, the recorded file is what is printed");
    return;
  }
  if (out !== undefined && existsSync(out)) {
    const message = `${out} is there already`;
    fail({ code: "scenario-file-stands", message, hint: "name a fresh file", exit: exitCodes.usage });
    return;
  }
  const scenario = readRunnable(file, settled);
  if (scenario === null) return;
  await prepare(options.artifacts, out);
  const seed = settled.seed ?? scenario.seed;
  const report = await playScenario(scenario, { seed, pace: pacer(scenario, settled.isPaced) });
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

/** Where nothing can be written is known before the run, not after it. Rejects with the system's error. */
async function prepare(artifacts: string | undefined, file: string | undefined): Promise<void> {
  if (artifacts !== undefined) await makeFolder(artifacts);
  if (file !== undefined) accessSync(dirname(resolve(file)), constants.W_OK);
}

function settle(options: RunOptions): Settled | null {
  const { seed: written, speed = "max", repeat: times = "1" } = options;
  const devices = devicesOf(options);
  if (!devices.ok) return null;
  const isReal = devices.value !== null;
  if (speed !== "max" && speed !== "1x") return wrong(`--speed ${speed} is not max or 1x`, "");
  if (isReal && (written !== undefined || options.speed === "max"))
    return wrong("--real goes with neither --seed nor --speed max", "real devices keep the time of the wall");
  const seed = written === undefined ? null : wholeNumber("seed", written, 0, SEED_MAX);
  const repeat = wholeNumber("repeat", times, 1, REPEAT_MAX);
  if (repeat === null || (seed === null && written !== undefined)) return null;
  return { seed, repeat, isPaced: speed === "1x", real: devices.value };
}

function wrong(message: string, hint: string): null {
  fail({ code: "usage", message, hint, exit: exitCodes.usage });
  return null;
}

/** The scenario, or null after a failure with exit 78. */
function readRunnable(file: string, { real: devices }: Pick<Settled, "real">): Scenario | null {
  const loaded = readScenario(file, devices);
  if (!loaded.ok) {
    failProfile(loaded.errors);
    return null;
  }
  const real = realDevices(loaded.scenario);
  if (devices !== null || real.length === 0) return loaded.scenario;
  const message = `${file}: not run, real drivers: ${real.join(", ")}`;
  const hint = "--real runs it on them; without it every device has to be simulated";
  fail({ code: "scenario-needs-hardware", message, hint, exit: exitCodes.badConfiguration });
  return null;
}

/** null after a failure of the hardware without which nothing can begin. */
async function played(scenario: Scenario, i: number, settled: Settled): Promise<ScenarioReport | null> {
  if (settled.real === null) {
    const seed = ((settled.seed ?? scenario.seed) + i) % (SEED_MAX + 1);
    return playScenario(scenario, { seed, pace: pacer(scenario, settled.isPaced) });
  }
  try {
    return await playRealScenario(scenario, pacer(scenario, false));
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    const hint = "no agent was started: keys come first";
    fail({ code: error.code, message: error.message, hint, exit: exitCodes.hardware });
    return null;
  }
}

/** Says every while how far the run is; `isPaced` holds virtual time back to the pace of the wall's. */
function pacer(scenario: Scenario, isPaced: boolean): (nowUs: number) => Promise<void> {
  const begun = performance.now();
  let told = begun;
  return async (nowUs) => {
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
  };
}

async function keep(report: ScenarioReport, artifacts: string | undefined): Promise<void> {
  const { name, seed, evidence } = report;
  if (artifacts !== undefined && evidence !== null)
    await writeArtifacts(evidence, join(artifacts, `${name}-${seed ?? "real"}`));
}

function printReport(report: ScenarioReport): void {
  const { results, breach, skipped, notReady } = report;
  printLine(summaryOf(report));
  for (const { what, name, reason } of skipped) printLine(`  skipped ${what} ${name}: ${reason}`);
  for (const line of notReady) printLine(`  not ready at the end: ${line}`);
  for (const each of results) {
    if (each.passed) continue;
    if (each.judged) printLine(`  scenario-expectation at ${seconds(each.atUs)}: ${each.name}`);
    else printLine(`  not judged from ${seconds(each.atUs)} on: ${each.name}`);
    printLine(`    ${each.judged ? "measured " : ""}${each.measured}, required ${each.required}`);
  }
  if (breach !== null)
    printLine(`  scenario-invariant ${breach.invariant} at event ${breach.atEvent}: ${breach.text}`);
  for (const record of breach?.records ?? []) printLine(`    record ${record}`);
}

const VERDICTS = { passed: "passed", failed: "FAILED", "not-judged": "NOT JUDGED" } as const;

function summaryOf(report: ScenarioReport): string {
  const { name, drivers, seed, virtualUs, events, results } = report;
  const verdict = VERDICTS[scenarioVerdict(report)];
  const held = results.filter((each) => each.passed).length;
  const open = results.filter((each) => !each.judged).length;
  const counts = `${held} of ${results.length} expectations${open === 0 ? "" : `, ${open} not judged`}`;
  if (drivers === "real")
    return `${verdict} ${name}, real drivers: ${counts}, ${seconds(virtualUs)} of the wall`;
  return `${verdict} ${name}, seed ${seed}: ${counts}, ${seconds(virtualUs)} simulated, ${events} events`;
}

function seconds(us: number): string {
  return `${(us / 1e6).toFixed(3)} s`;
}

function row({ evidence: _, ...report }: ScenarioReport): object {
  const verdict = scenarioVerdict({ ...report, evidence: null });
  if (verdict !== "failed") return { ...report, verdict, code: null };
  return { ...report, verdict, code: report.breach !== null ? "scenario-invariant" : "scenario-expectation" };
}
