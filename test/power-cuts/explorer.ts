/** Power lost at every operation of a plan, once each; then perhaps again while the store recovers; then a last opening. */
import { type Chance, newChance } from "../../src/sim/chance.ts";
import type { Lens } from "./lens.ts";
import { live } from "./life.ts";
import { type Action, type Plan, planOf } from "./plan.ts";
import { newWorld, type Tally, type World } from "./world.ts";

/** `operation` null: power was lost at rest, after the plan's end. */
export type CutFinding = {
  readonly seed: number;
  readonly operation: number | null;
  readonly what: string;
};

/** Losses of power in a row after the first: during a recovery, and during the recovery from that. */
const CUTS_IN_A_ROW_MAX = 3;
/** A recovery with what follows has about so many operations. */
const RECOVERY_OPERATIONS = 14;

/** The first promise that was broken under the plan of `seed`, or null. */
export async function exploreSeed(seed: number, tally: Tally, lens: Lens): Promise<CutFinding | null> {
  const plan = planOf(newChance(seed, "plan"));
  tally.plans += 1;
  const calm = await attempt({ seed, plan, operation: null, tally, lens });
  if (calm.what !== null) return { seed, operation: null, what: calm.what };
  for (let operation = 0; operation < calm.operations; operation++) {
    const { what } = await attempt({ seed, plan, operation, tally, lens });
    if (what !== null) return { seed, operation, what };
  }
  return null;
}

type Attempt = {
  readonly seed: number;
  readonly plan: Plan;
  /** Null: power is lost at the end only. */
  readonly operation: number | null;
  readonly tally: Tally;
  readonly lens: Lens;
};

async function attempt({ seed, plan, operation, tally, lens }: Attempt): Promise<{
  readonly operations: number;
  readonly what: string | null;
}> {
  const name = `cut ${operation}`;
  const world = newWorld({ seed, name, layout: plan.layout, tally, lens });
  let operations = 0;
  try {
    if (operation !== null) world.plant(operation, "power-loss");
    await live(world, plan.actions);
    operations = world.disk.operations;
    await recoverTo(world, newChance(seed, `after ${name}`));
    return { operations, what: null };
  } catch (error) {
    return { operations, what: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function recoverTo(world: World, chance: Chance): Promise<void> {
  const { tally, disk } = world;
  crash(world);
  for (let i = 0; i < CUTS_IN_A_ROW_MAX && chance.hits(500); i++) {
    const { actions } = planOf(chance);
    world.plant(disk.operations + chance.below(RECOVERY_OPERATIONS), "power-loss");
    await live(world, actions.slice(0, 2));
    if (!world.isPowered) tally.cutsInRecovery += 1;
    crash(world);
  }
  await live(world, WORK);
  await live(world, []);
}

function crash(world: World): void {
  if (world.isPowered) world.tally.cutsAtRest += 1;
  world.crash();
}

/** A store that recovered takes appends and marks as any other does. */
const WORK: readonly Action[] = [
  { kind: "append", appends: [[300], [700, 20]], turnsApart: 0, mark: null },
  { kind: "mark", mark: { name: "image", length: 600 } },
  { kind: "append", appends: [[1_200]], turnsApart: 0, mark: null },
];
