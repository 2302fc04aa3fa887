/** From here on everything works: prompt events only, in a fixed order, until nothing is left to do. */
import { assert } from "../../core/base/assert.ts";
import { type Breach, judgeAgreement } from "./judge.ts";
import { endUs, isOutstanding, passed } from "./passing.ts";
import { scopeBlock } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { successors } from "./successors.ts";
import type { Successor } from "./turns.ts";
import type { World } from "./world.ts";

/** Beyond the scope and its grant: enough for every quarantine and bound to run out, and for what was lost to be said again. */
const CALM_INSTANTS = 4;
const EVENTS_MAX = 2_000;

/** Null where all come to agree; `agreed` keeps the states of calm from which they do. */
export function agreementAfter(stage: Stage, end: World, agreed: Set<string>): Breach | null {
  if (!stage.scope.judgesAgreement) return null;
  // What was late so far never comes.
  let world: World = { ...end, flight: stage.flights.empty, orders: [], adverse: stage.scope.adverse };
  const untilUs =
    Math.max(endUs(stage), scopeBlock(stage.scope).untilUs) + CALM_INSTANTS * stage.scope.instantUs;
  const passedBy: string[] = [];
  stage.isCalm = true;
  while (world.trueUs < untilUs) {
    // What is outstanding is nothing, and what follows is settled by the hosts alone.
    const key = world.hosts.map(({ id }) => id).join(" ");
    if (stage.reduces && agreed.has(key)) break;
    passedBy.push(key);
    const { world: later, breach } = passed(stage, world, 0);
    const next = breach === null ? quiet(stage, later) : { world, breach };
    if (next.breach !== null) return next.breach;
    world = next.world;
  }
  stage.isCalm = false;
  const isJudged = world.trueUs >= untilUs && stage.scope.begins !== "restored";
  const breach = isJudged ? judgeAgreement(stage, world) : null;
  if (breach === null) for (const key of passedBy) agreed.add(key);
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
