/** What a simulated world did, and what it broke, in lines of text. */
import { weatherAndStrikes } from "../sim/faults/fault-names.ts";
import type { ShrinkableWorld, Shrunk } from "../sim/shrink.ts";
import type { SimulationOptions, SimulationReport } from "../sim/simulation.ts";
import { printLine } from "./output.ts";

export type SimRun = {
  readonly options: SimulationOptions;
  readonly report: SimulationReport;
  readonly eventsPerSecond: number;
  /** Of this whole program. */
  readonly peakRssBytes: number;
};

const MIB = 1_048_576;

export function printReport({ options, report, eventsPerSecond, peakRssBytes }: SimRun): void {
  const { seed, events, virtualUs, hash, faults, records, transmissions, breach } = report;
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
    printLine("invariants: all held");
    return;
  }
  printLine(`BROKEN    ${breach.invariant} at event ${breach.atEvent}, ${(breach.atUs / 1e6).toFixed(3)} s`);
  printLine(`          ${breach.text}`);
  for (const record of breach.records) printLine(`          record ${record}`);
  printLine(
    `replay    ${replayCommand(seed, { ...options, until: breach.atEnd ? options.until : breach.atEvent })}`,
  );
}

export function printShrunk(seed: number, { world, broken, tries }: Shrunk): void {
  printLine(`shrunk    in ${tries} tries; ${broken.invariant} at event ${broken.atEvent} of`);
  printLine(`          ${replayCommand(seed, world)}`);
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
