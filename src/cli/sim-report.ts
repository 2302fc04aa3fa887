/** What a simulated world did, and what it broke, in lines of text. */
import { weatherAndStrikes } from "../sim/faults/fault-names.ts";
import type { ShrinkableWorld, Shrunk } from "../sim/shrink.ts";
import type { SimulationOptions, SimulationReport } from "../sim/simulation.ts";
import { printLine, printMessage } from "./output.ts";

export type SimRun = {
  readonly options: SimulationOptions;
  readonly report: SimulationReport;
  readonly eventsPerSecond: number;
  /** Of this whole program. */
  readonly peakRssBytes: number;
};

const MIB = 1_048_576;

export function printReport({ options, report, eventsPerSecond, peakRssBytes }: SimRun): void {
  const { events, virtualUs, hash, faults, records, transmissions, interrupted, breach } = report;
  const { weather, strikes } = weatherAndStrikes(faults);
  printLine(
    `${events} events in ${(virtualUs / 1e6).toFixed(0)} simulated seconds, ${eventsPerSecond} events/s`,
  );
  printLine(`faults    ${sum(strikes)}: ${counts(strikes)}`);
  printLine(`weather   ${sum(weather)} deliveries and wakes: ${counts(weather)}`);
  printLine(`records   ${counts(records)}`);
  printLine(`radios    went on ${transmissions} times`);
  printLine(`memory    ${Math.ceil(peakRssBytes / MIB)} MiB at most`);
  printLine(`hash      ${hash}`);
  if (breach === null) {
    printLine(`invariants: all held${interrupted ? " until it was interrupted" : ""}`);
    return;
  }
  printLine(`BROKEN    ${breach.invariant} at event ${breach.atEvent}, ${(breach.atUs / 1e6).toFixed(3)} s`);
  printLine(`          ${breach.text}`);
  for (const record of breach.records) printLine(`          record ${record}`);
  printLine(`replay    ${replayOf({ options, report })}`);
}

/** To stderr: how far it came, and how to come there and further. */
export function printInterrupted({ options, report }: Pick<SimRun, "options" | "report">, by: string): void {
  const { seed, events, virtualUs, faults, records } = report;
  const { strikes } = weatherAndStrikes(faults);
  const simulated = `${(virtualUs / 1e6).toFixed(0)} s simulated`;
  printMessage(
    `interrupted by ${by}: seed ${seed} at event ${events}, of ${options.events} and a calm; ${simulated}, ${sum(strikes)} faults, ${sum(records)} records`,
  );
  printMessage(`  the same up to here: ${replayOf({ options, report })}`);
  printMessage(`  the whole of it:     ${replayCommand(seed, options)}`);
}

/** The document of `--json`. */
export function simDocument(
  { options, report, eventsPerSecond, peakRssBytes }: SimRun,
  shrunk: Shrunk | null,
): unknown {
  return {
    schema: "spectrum-agent.sim/1",
    ...report,
    replay: replayOf({ options, report }),
    eventsPerSecond,
    peakRssBytes,
    shrunk: shrunk === null ? null : shrunkDocument(options.seed, shrunk),
  };
}

function shrunkDocument(seed: number, { world, broken, tries }: Shrunk): unknown {
  return { ...world, ...broken, tries, replay: replayCommand(seed, world) };
}

export function printShrunk(seed: number, { world, broken, tries }: Shrunk): void {
  printLine(`shrunk    in ${tries} tries; ${broken.invariant} at event ${broken.atEvent} of`);
  printLine(`          ${replayCommand(seed, world)}`);
}

/** The shortest command that shows the same again. */
function replayOf({ options, report }: Pick<SimRun, "options" | "report">): string {
  const { breach, interrupted, events, seed } = report;
  const breachAt = breach === null || breach.atEnd ? null : breach.atEvent;
  return replayCommand(seed, { ...options, until: interrupted ? events : (breachAt ?? options.until) });
}

/** As a person types it. */
export function replayCommand(seed: number, { events, agents, until, without }: ShrinkableWorld): string {
  const ends = until === null ? "" : ` --until ${until}`;
  const left = without.length === 0 ? "" : ` --without ${without.join(",")}`;
  return `spectrum-agent sim --seed ${seed} --events ${events} --agents ${agents}${ends}${left}`;
}

function sum(of: Readonly<Record<string, number>>): number {
  return Object.values(of).reduce((total, each) => total + each, 0);
}

function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
