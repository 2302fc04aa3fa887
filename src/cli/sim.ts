/** `spectrum-agent sim`: a fleet of production agents in one process, on virtual time, with faults and invariants. */
import { randomInt } from "node:crypto";
import { runSimulation } from "../compose/simulation.ts";
import type { SimulationReport } from "../sim/simulation.ts";
import { type CommandModule, exitCodes } from "./command.ts";
import { printJson, printLine, printMessage } from "./output.ts";
import { wholeNumber } from "./whole-number.ts";

type SimOptions = {
  readonly seed?: string;
  readonly events: string;
  readonly agents: string;
  readonly until?: string;
  readonly json?: boolean;
};

const SEED_MAX = 0xffff_ffff;
const EVENTS_MAX = 1_000_000_000;
const AGENTS_MAX = 1_000;
const PROGRESS_EVERY_MS = 2_000;

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
      .option("--json", "one JSON document at the end instead of lines of text")
      .action((options: SimOptions) => runSim(options));
  },
};

async function runSim(options: SimOptions): Promise<void> {
  const seed = wholeNumber("seed", options.seed ?? String(randomInt(0, SEED_MAX)), 0, SEED_MAX);
  const events = wholeNumber("events", options.events, 1, EVENTS_MAX);
  const agents = wholeNumber("agents", options.agents, 2, AGENTS_MAX);
  const until = options.until === undefined ? null : wholeNumber("until", options.until, 1, EVENTS_MAX);
  if (seed === null || events === null || agents === null || (until === null && options.until !== undefined))
    return;
  const json = options.json === true;
  if (!json)
    printLine(`seed ${seed}: ${agents} agents, ${events} events and a calm; everything is simulated`);
  const begun = performance.now();
  const tellProgress = progressEvery(PROGRESS_EVERY_MS, begun);
  const report = await runSimulation({ seed, events, agents, until }, tellProgress);
  const eventsPerSecond = Math.round((report.events * 1000) / (performance.now() - begun));
  if (json) printJson({ schema: "spectrum-agent.sim/1", ...report, eventsPerSecond });
  else printReport(report, events, eventsPerSecond);
  if (report.breach !== null) process.exitCode = exitCodes.negativeVerdict;
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

function printReport(report: SimulationReport, asked: number, eventsPerSecond: number): void {
  const { seed, agents, events, virtualUs, hash, faults, records, transmissions, breach } = report;
  const struck = Object.values(faults).reduce((sum, each) => sum + each, 0);
  printLine(
    `${events} events in ${(virtualUs / 1e6).toFixed(0)} simulated seconds, ${eventsPerSecond} events/s`,
  );
  printLine(`faults    ${struck}: ${counts(faults)}`);
  printLine(`records   ${counts(records)}`);
  printLine(`radios    went on ${transmissions} times`);
  printLine(`hash      ${hash}`);
  if (breach === null) {
    printLine("invariants: all held");
    return;
  }
  printLine(`BROKEN    ${breach.invariant} at event ${breach.atEvent}, ${(breach.atUs / 1e6).toFixed(3)} s`);
  printLine(`          ${breach.text}`);
  for (const record of breach.records) printLine(`          record ${record}`);
  const until = breach.atEnd ? "" : ` --until ${breach.atEvent}`;
  printLine(`replay    spectrum-agent sim --seed ${seed} --events ${asked} --agents ${agents}${until}`);
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
