/** Every interleaving of a small scope: depth first over hashed states, until the space is closed or a bound is reached. */
import type { Sha256 } from "../../core/base/primitives.ts";
import { beginning } from "./beginning.ts";
import { agreementAfter } from "./calm.ts";
import type { Breach } from "./judge.ts";
import { endUs, isOutstanding } from "./passing.ts";
import type { Scope } from "./scope.ts";
import { Stage } from "./stage.ts";
import { successors } from "./successors.ts";
import type { Successor } from "./turns.ts";
import type { World } from "./world.ts";

export type Exploration = {
  readonly scope: string;
  readonly states: number;
  readonly events: number;
  /** Every state within the scope was reached. */
  readonly isClosed: boolean;
  /** Histories that ended at the scope's number of renewals. */
  readonly cutHistories: number;
  /** Ends from which, with nothing going wrong any more, all came to agree. */
  readonly agreements: number;
  /** Events of the longest history without a state twice. */
  readonly depth: number;
  readonly breach: (Breach & { readonly path: readonly string[] }) | null;
};

export type ExploreParts = {
  readonly sha256: Sha256;
  readonly statesMax: number;
  readonly onProgress?: (states: number, depth: number) => void;
};

const PROGRESS_EVERY_STATES = 100_000;

type Frame = { readonly event: string; readonly next: Iterator<Successor> };

export function explore(scope: Scope, { sha256, statesMax, onProgress }: ExploreParts): Exploration {
  const stage = new Stage(scope, sha256);
  /** By state, the fewest adverse events that led there: with more of them nothing new follows. */
  const reached = new Map<string, number>();
  const agreed = new Set<string>();
  const path: Frame[] = [];
  let [events, depth] = [0, 0];
  const first = beginning(stage);
  const result = (breach: Exploration["breach"], isClosed: boolean): Exploration => ({
    scope: scope.name,
    states: reached.size,
    events,
    isClosed,
    cutHistories: stage.cutHistories,
    agreements: agreed.size,
    depth,
    breach,
  });
  const found = (breach: Breach, last: string): Exploration =>
    result({ ...breach, path: [...path.map(({ event }) => event), last] }, false);

  reached.set(stage.key(first), first.adverse);
  path.push({ event: "begin", next: guarded(successors(stage, first)) });
  while (path.length > 0) {
    const top = path[path.length - 1] as Frame;
    const { value, done } = top.next.next();
    if (done === true) {
      path.pop();
      continue;
    }
    const { event, world, breach } = value;
    events += 1;
    if (breach !== null) return found(breach, event);
    const key = stage.key(world);
    const before = reached.get(key);
    if (before !== undefined && before <= world.adverse) continue;
    reached.set(key, world.adverse);
    if (before === undefined && reached.size % PROGRESS_EVERY_STATES === 0)
      onProgress?.(reached.size, path.length);
    if (reached.size >= statesMax) return result(null, false);
    const unfinished = isEnd(stage, world) ? agreementAfter(stage, world, agreed) : null;
    if (unfinished !== null) return found(unfinished, event);
    path.push({ event, next: guarded(successors(stage, world)) });
    depth = Math.max(depth, path.length);
  }
  return result(null, true);
}

function isEnd(stage: Stage, world: World): boolean {
  const settled = world.hosts.every(
    ({ jobs, agent, ticked }) => agent !== null && ticked && jobs.length === 0,
  );
  return world.trueUs >= endUs(stage) && settled && !isOutstanding(world);
}

/** What the core asserts holds in every state too: a failed assertion is a breach, with its path. */
function* guarded(next: Generator<Successor>): Generator<Successor> {
  for (;;) {
    let step: IteratorResult<Successor>;
    try {
      step = next.next();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      yield { event: "a step fails", breach: { invariant: "no-assertion-fails", text }, world: EMPTY };
      return;
    }
    if (step.done === true) return;
    yield step.value;
  }
}

const EMPTY: World = { trueUs: 0, hosts: [], flight: [], adverse: 0, orders: [], promised: new Map() };
