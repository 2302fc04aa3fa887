/** `spectrum-agent sim`: a fleet of production agents in one process, on virtual time, with faults and invariants. */
import { randomInt } from "node:crypto";
import { runSimulation } from "../compose/simulation.ts";
import { FAULT_NAMES, type FaultName, isFaultName } from "../sim/faults/fault-names.ts";
import type { ShrinkableWorld, Shrunk } from "../sim/shrink.ts";
import { shrinkRun } from "../sim/shrink-run.ts";
import type { SimulationOptions, SimulationReport } from "../sim/simulation.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { catchInterrupt, exitOfSignal, type Interrupt } from "./interrupt.ts";
import { fail, printJson, printLine, printMessage } from "./output.ts";
import {
  printInterrupted,
  printReport,
  printShrunk,
  replayCommand,
  type SimRun,
  simDocument,
} from "./sim-report.ts";
import { wholeNumber } from "./whole-number.ts";

type SimFlags = {
  readonly seed?: string;
  readonly events: string;
  readonly agents: string;
  readonly until?: string;
  readonly without?: string;
  readonly shrink?: boolean;
  readonly json?: boolean;
};

const SEED_MAX = 0xffff_ffff;
const EVENTS_MAX = 1_000_000_000;
const AGENTS_MAX = 1_000;
const PROGRESS_EVERY_MS = 2_000;
const KIB = 1_024;

export const sim: CommandModule = {
  name: "sim",
  summary: "run a simulated fleet with faults from one seed, and check its invariants all the while",
  register(program) {
    program
      .command("sim")
      .description(sim.summary)
      .option("--seed <number>", `0 to ${SEED_MAX}; everything follows from it. Drawn unless told`)
      .option("--events <number>", "events of the stormy part; a calm part follows", "100000")
      .option("--agents <number>", `2 to ${AGENTS_MAX}; each fifth one holds spectrum`, "20")
      .option("--until <number>", "end at this event: the replay of a breach")
      .option("--without <names>", "leave these faults out, by their names with commas between")
      .option("--shrink", "look for the smallest world that breaks the same invariant, where one breaks")
      .option("--json", "one JSON document at the end instead of lines of text")
      .action((flags: SimFlags) => runSim(flags));
  },
};

async function runSim(flags: SimFlags): Promise<void> {
  const options = optionsOf(flags);
  if (options === null) return;
  const { seed, agents, events } = options;
  if (flags.json !== true)
    printLine(`seed ${seed}: ${agents} agents, ${events} events and a calm; everything is simulated`);
  const begun = performance.now();
  const interrupt = catchInterrupt();
  const report = await runSimulation(options, {
    onProgress: progressEvery(PROGRESS_EVERY_MS, begun),
    isInterrupted: interrupt.hasCome,
  });
  const run: SimRun = {
    options,
    report,
    eventsPerSecond: Math.round((report.events * 1000) / (performance.now() - begun)),
    peakRssBytes: process.resourceUsage().maxRSS * KIB,
  };
  if (flags.json !== true) printReport(run);
  const shrunk = flags.shrink === true ? await shrinkBreach(options, report, interrupt) : null;
  if (flags.json === true) printJson(simDocument(run, shrunk));
  else if (shrunk !== null) printShrunk(seed, shrunk);
  if (report.breach !== null) process.exitCode = exitCodes.negativeVerdict;
  const signal = interrupt.signal();
  if (signal === null) return;
  // A signal that came when all was done changes nothing.
  if (report.interrupted) printInterrupted(run, signal);
  if (report.interrupted || shrunk !== null) process.exitCode = exitOfSignal(signal);
}

/** null after a failure with exit 2. */
function optionsOf(flags: SimFlags): SimulationOptions | null {
  const seed = wholeNumber("seed", flags.seed ?? String(randomInt(0, SEED_MAX)), 0, SEED_MAX);
  const events = wholeNumber("events", flags.events, 1, EVENTS_MAX);
  const agents = wholeNumber("agents", flags.agents, 2, AGENTS_MAX);
  const until = flags.until === undefined ? null : wholeNumber("until", flags.until, 1, EVENTS_MAX);
  const without = faultNames(flags.without ?? "");
  if (seed === null || events === null || agents === null || without === null) return null;
  return until === null && flags.until !== undefined ? null : { seed, events, agents, until, without };
}

function faultNames(text: string): readonly FaultName[] | null {
  const names = text.split(",").filter((name) => name !== "");
  const unknown = names.find((name) => !isFaultName(name));
  if (unknown === undefined) return names.filter(isFaultName);
  const message = `--without ${unknown}: no fault has this name`;
  fail({ code: "usage", message, hint: `There are ${FAULT_NAMES.join(", ")}.`, exit: exitCodes.usage });
  return null;
}

function shrinkBreach(
  options: SimulationOptions,
  report: SimulationReport,
  { hasCome }: Interrupt,
): Promise<Shrunk | null> {
  return shrinkRun(options, report, {
    simulate: (smaller) => runSimulation(smaller, { isInterrupted: hasCome }),
    onTry: (world, isBroken, tries) => printMessage(tryLine(options.seed, world, isBroken, tries)),
    isInterrupted: hasCome,
  });
}

function tryLine(seed: number, world: ShrinkableWorld, isBroken: boolean, tries: number): string {
  return `try ${tries} ${isBroken ? "breaks it too" : "does not    "} ${replayCommand(seed, world)}`;
}

function progressEvery(everyMs: number, begun: number): (events: number, virtualUs: number) => void {
  let told = begun;
  return (events, virtualUs) => {
    const now = performance.now();
    if (now - told < everyMs) return;
    told = now;
    printMessage(
      `${events} events, ${(virtualUs / 1e6).toFixed(0)} s simulated, ${((now - begun) / 1000).toFixed(0)} s`,
    );
  };
}
