/** Every interleaving of a small scope: depth first over hashed states, until the space is closed or a bound is reached. */
import type { Sha256 } from "../../core/base/primitives.ts";
import { beginning } from "./beginning.ts";
import { agreementAfter } from "./calm.ts";
import type { Breach } from "./judge.ts";
import { endUs, isOutstanding } from "./passing.ts";
import type { Scope } from "./scope.ts";
import { Stage } from "./stage.ts";
import { StateTable } from "./state-table.ts";
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
  /** The most leases that the holder's log held in one state. */
  readonly leasesMost: number;
  /** Ends that were reached, and from which, with nothing going wrong any more, all came to agree. */
  readonly agreements: number;
  /** Events of the longest history without a state twice. */
  readonly depth: number;
  readonly breach: (Breach & { readonly path: readonly string[] }) | null;
};

export type ExploreParts = {
  readonly sha256: Sha256;
  readonly statesMax: number;
  /** False: as if nothing could be spared; for small scopes, to compare. */
  readonly reduces?: boolean;
  /** Called with each state that is reached for the first time. */
  readonly onState?: (state: Reached) => void;
  readonly onProgress?: (states: number, depth: number) => void;
};

export type Reached = {
  /** The same for the same state in every exploration of the scope. */
  readonly words: string;
  /** Nothing is outstanding at the scope's last instant. */
  readonly isEnd: boolean;
};

const PROGRESS_EVERY_STATES = 100_000;

type Frame = { readonly event: string; readonly next: Iterator<Successor> };

export function explore(scope: Scope, parts: ExploreParts): Exploration {
  const { sha256, statesMax, onProgress, onState, reduces = true } = parts;
  const stage = new Stage(scope, sha256, reduces);
  // With more adverse events than a state was reached with nothing new follows.
  const reached = new StateTable(scope.consumers + 2);
  const agreed = new Set<string>();
  const path: Frame[] = [];
  let [events, depth, agreements] = [0, 0, 0];
  const first = beginning(stage);
  const result = (breach: Exploration["breach"], isClosed: boolean): Exploration => ({
    scope: scope.name,
    states: reached.size,
    events,
    isClosed,
    cutHistories: stage.cutHistories,
    leasesMost: stage.leasesMost,
    agreements,
    depth,
    breach,
  });
  const found = (breach: Breach, last: string): Exploration =>
    result({ ...breach, path: [...path.map(({ event }) => event), last] }, false);

  reached.reach(stage.row(first), first.adverse);
  onState?.({ words: stage.inWords(first), isEnd: false });
  path.push({ event: "begin", next: guarded(successors(stage, first), first) });
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
    const isNew = reached.reach(stage.row(world), world.adverse);
    if (isNew === "known") continue;
    if (isNew === "new" && reached.size % PROGRESS_EVERY_STATES === 0)
      onProgress?.(reached.size, path.length);
    if (reached.size >= statesMax) return result(null, false);
    const isLast = isEnd(stage, world);
    if (isNew === "new") onState?.({ words: stage.inWords(world), isEnd: isLast });
    if (isLast) agreements += 1;
    const unfinished = isLast ? agreementAfter(stage, world, agreed) : null;
    if (unfinished !== null) return found(unfinished, event);
    path.push({ event, next: guarded(successors(stage, world), world) });
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
function* guarded(next: Generator<Successor>, last: World): Generator<Successor> {
  for (;;) {
    let step: IteratorResult<Successor>;
    try {
      step = next.next();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      yield { event: "a step fails", breach: { invariant: "no-assertion-fails", text }, world: last };
      return;
    }
    if (step.done === true) return;
    yield step.value;
  }
}
