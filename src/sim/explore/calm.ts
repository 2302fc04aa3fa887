/** From here on everything works: prompt events only, in a fixed order, until nothing is left to do. */
import { assert } from "../../core/base/assert.ts";
import { type Breach, judgeAgreement } from "./judge.ts";
import { isOutstanding, passed } from "./passing.ts";
import type { Stage } from "./stage.ts";
import { successors } from "./successors.ts";
import type { Successor } from "./turns.ts";
import type { World } from "./world.ts";

/** Enough for every quarantine, grant and bound of a scope to run out, and for what was lost to be said again. */
const CALM_INSTANTS = 8;
const EVENTS_MAX = 2_000;

/** Null where all come to agree; `agreed` keeps the ends that were tried. */
export function agreementAfter(stage: Stage, end: World, agreed: Set<string>): Breach | null {
  // What was late so far never comes.
  let world: World = { ...end, flight: [], orders: [], adverse: stage.scope.adverse };
  const key = stage.key(world);
  if (agreed.has(key)) return null;
  stage.isCalm = true;
  for (let instant = 0; instant < CALM_INSTANTS; instant++) {
    const { world: later, breach } = passed(stage, world, 0);
    const next = breach === null ? quiet(stage, later) : { world, breach };
    if (next.breach !== null) return next.breach;
    world = next.world;
  }
  stage.isCalm = false;
  const breach = stage.scope.begins === "restored" ? null : judgeAgreement(stage, world);
  if (breach === null) agreed.add(key);
  return breach;
}

/** All that is prompt comes about, in the order of `successors`, until only time can bring anything new. */
export function quiet(stage: Stage, begin: World): Pick<Successor, "world" | "breach"> {
  let world: World = begin;
  for (let events = 0; events < EVENTS_MAX; events++) {
    const isUp = world.hosts.every(({ agent }) => agent !== null);
    const isDone =
      isUp && !isOutstanding(world) && world.hosts.every(({ jobs, ticked }) => jobs.length === 0 && ticked);
    if (isDone) return { world, breach: null };
    const next = successors(stage, world).next();
    if (next.done === true) return { world, breach: null };
    if (next.value.breach !== null) return next.value;
    world = next.value.world;
  }
  assert(false, "a scope without faults comes to rest");
}
