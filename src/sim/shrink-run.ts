/** The smallest world of a seed that breaks what a run of it broke. */
import { faultCountedAs } from "./faults/fault-names.ts";
import { type Broken, type ShrinkParts, type Shrunk, shrink } from "./shrink.ts";
import type { SimulationOptions, SimulationReport } from "./simulation.ts";

export type ShrinkRunParts = Pick<ShrinkParts, "onTry" | "isInterrupted"> & {
  readonly simulate: (options: SimulationOptions) => Promise<SimulationReport>;
};

/** Each is a run that ends, at the latest, where the one that it came from broke, or is as long as a whole world. */
const TRIES_MAX = 64;

/** null where the report has no breach. */
export async function shrinkRun(
  { seed, ...world }: SimulationOptions,
  report: SimulationReport,
  { simulate, onTry, isInterrupted }: ShrinkRunParts,
): Promise<Shrunk | null> {
  const broken = brokenIn(report);
  if (broken === null) return null;
  return shrink(world, broken, {
    run: async (smaller) => brokenIn(await simulate({ seed, ...smaller })),
    onTry,
    isInterrupted,
    triesMax: TRIES_MAX,
  });
}

function brokenIn({ breach, faults }: SimulationReport): Broken | null {
  if (breach === null) return null;
  const struck = Object.keys(faults)
    .map(faultCountedAs)
    .filter((name) => name !== null);
  const { invariant, atEvent, atEnd } = breach;
  return { invariant, atEvent, atEnd, struck: [...new Set(struck)] };
}
