/** Explores the scopes named first, as a process of its own: one JSON line at the end, progress before it. */
import { hash } from "node:crypto";
import {
  type Exploration,
  type ExploreParts,
  explore,
  type Reached,
} from "../../../src/sim/explore/explore.ts";
import { SCOPE_DEFAULT, type Scope } from "../../../src/sim/explore/scope.ts";

/** What the tests ask of one process. */
export type Asked = {
  readonly scopes: readonly Partial<Scope>[];
  readonly statesMax: number;
  /** Each scope a second time, nothing spared: the same states have to be reached. */
  readonly compares: boolean;
};

/** One of these a scope. */
export type Told = Exploration & {
  readonly seconds: number;
  readonly bytes: number;
  /** Only where it was asked for. */
  readonly comparison: Comparison | null;
};

export type Comparison = {
  /** Rows of the state table without any reduction. */
  readonly states: number;
  /** What the two reached, in words; the last two have to be 0. */
  readonly alike: number;
  readonly endsAlike: number;
  readonly missed: number;
  readonly invented: number;
  readonly breach: string | null;
};

const asked = JSON.parse(process.argv[2] ?? "{}") as Asked;
process.stdout.write(JSON.stringify(asked.scopes.map((change) => tell({ ...SCOPE_DEFAULT, ...change }))));

function tell(scope: Scope): Told {
  const begunMs = performance.now();
  const found = shortest(scope);
  const seconds = Math.round((performance.now() - begunMs) / 100) / 10;
  const comparison = asked.compares ? compared(scope) : null;
  return { ...found, seconds, bytes: process.memoryUsage.rss(), comparison };
}

/** With few adverse events first: what is found then has the shortest cause. */
function shortest(scope: Scope): Exploration {
  for (let adverse = 0; adverse < scope.adverse; adverse++) {
    const found = run({ ...scope, adverse });
    if (found.breach !== null) return found;
  }
  return run(scope);
}

function run(scope: Scope, more: Partial<ExploreParts> = {}): Exploration {
  return explore(scope, {
    sha256: (bytes) => hash("sha256", bytes, "buffer"),
    statesMax: asked.statesMax,
    onProgress: (states, depth) => process.stderr.write(`${states} states, ${depth} events deep\n`),
    ...more,
  });
}

/** The states that were reached, and whether time ends there. */
type Ran = { readonly found: Exploration; readonly reached: ReadonlyMap<string, boolean> };

function compared(scope: Scope): Comparison {
  const ran = (reduces: boolean): Ran => {
    const reached = new Map<string, boolean>();
    const onState = ({ words, isEnd }: Reached): void => {
      reached.set(words, isEnd || reached.get(words) === true);
    };
    const found = run(scope, { reduces, onState });
    return { found, reached };
  };
  const [few, all] = [ran(true), ran(false)];
  const alike = [...few.reached].filter(([words, isEnd]) => all.reached.get(words) === isEnd);
  return {
    states: all.found.states,
    alike: alike.length,
    endsAlike: alike.filter(([, isEnd]) => isEnd).length,
    missed: all.reached.size - alike.length,
    invented: few.reached.size - alike.length,
    breach: few.found.breach?.invariant ?? all.found.breach?.invariant ?? null,
  };
}
