/** A broken invariant in a smaller world: fewer faults, agents and events, by delta debugging over the options. */
import { assert } from "../core/base/assert.ts";
import type { FaultName } from "./faults/fault-names.ts";

/** What is made smaller. */
export type ShrinkableWorld = {
  readonly agents: number;
  /** Of the stormy part. */
  readonly events: number;
  /** The event that the world ends at; null: it goes on to its end. */
  readonly until: number | null;
  readonly without: readonly FaultName[];
};

/** What a run of a world broke. */
export type Broken = {
  readonly invariant: string;
  readonly atEvent: number;
  /** Only the whole run shows it. */
  readonly atEnd: boolean;
  /** What struck until then. */
  readonly struck: readonly FaultName[];
};

export type ShrinkParts = {
  /** null: every invariant held. */
  readonly run: (world: ShrinkableWorld) => Promise<Broken | null>;
  readonly onTry: (world: ShrinkableWorld, isBroken: boolean, tries: number) => void;
  /** Runs at most. */
  readonly triesMax: number;
  /** True ends the search with what it has found so far; a run that it cuts short counts for nothing. */
  readonly isInterrupted: () => boolean;
};

export type Shrunk = {
  readonly world: ShrinkableWorld;
  readonly broken: Broken;
  readonly tries: number;
};

const AGENTS_LEAST = 2;

/** The smallest world found that breaks the same invariant: `world` itself, ended at its breach, where none smaller does. */
export async function shrink(world: ShrinkableWorld, broken: Broken, parts: ShrinkParts): Promise<Shrunk> {
  const search = new Search(world, broken, parts);
  for (let before = -1; before !== search.gains && !search.isSpent(); ) {
    before = search.gains;
    await leaveFaultsOut(search);
    await lessen(search, "agents", AGENTS_LEAST);
    // A world that ends within its storm is as short as it can be.
    if (search.broken.atEnd || search.broken.atEvent > search.world.events) await lessen(search, "events", 1);
  }
  return search.result();
}

class Search {
  world: ShrinkableWorld;
  broken: Broken;
  /** Smaller worlds found. */
  gains = 0;
  #tries = 0;
  readonly #parts: ShrinkParts;
  readonly #invariant: string;
  /** Worlds that were tried in vain: no round tries them again. */
  readonly #held = new Set<string>();

  constructor(world: ShrinkableWorld, broken: Broken, parts: ShrinkParts) {
    this.#parts = parts;
    this.#invariant = broken.invariant;
    this.broken = broken;
    this.world = endedAt(world, broken);
  }

  isSpent(): boolean {
    return this.#tries >= this.#parts.triesMax || this.#parts.isInterrupted();
  }

  result(): Shrunk {
    return { world: this.world, broken: this.broken, tries: this.#tries };
  }

  /** True where `smaller` breaks the same invariant: it is then what the search goes on from. */
  async take(smaller: ShrinkableWorld): Promise<boolean> {
    const key = JSON.stringify(smaller);
    if (this.isSpent() || this.#held.has(key)) return false;
    const broken = await this.#parts.run(smaller);
    if (this.#parts.isInterrupted()) return false;
    this.#tries += 1;
    const isSame = broken?.invariant === this.#invariant;
    this.#parts.onTry(smaller, isSame, this.#tries);
    if (!isSame || broken === null) {
      this.#held.add(key);
      return false;
    }
    this.gains += 1;
    this.broken = broken;
    this.world = endedAt(smaller, broken);
    return true;
  }
}

/** A storm longer than the world, or faults that do not strike any more, are nothing that a reader needs. */
function endedAt(world: ShrinkableWorld, { atEvent, atEnd }: Broken): ShrinkableWorld {
  const until = atEnd ? null : atEvent;
  return { ...world, until, events: until === null ? world.events : Math.min(world.events, until) };
}

/** All at once, then halves of those that are left, then quarters, down to single ones. */
async function leaveFaultsOut(search: Search): Promise<void> {
  let wide = remaining(search).length;
  while (wide >= 1 && !search.isSpent()) {
    for (let at = 0; at < remaining(search).length; ) {
      const part = remaining(search).slice(at, at + wide);
      const { world } = search;
      // What is left out leaves the list, and the next part stands in its place.
      if (!(await search.take({ ...world, without: [...world.without, ...part] }))) at += wide;
    }
    wide = Math.floor(wide / 2);
  }
}

function remaining({ world, broken }: Search): readonly FaultName[] {
  return broken.struck.filter((name) => !world.without.includes(name));
}

/** As few as still do, by steps that halve when one is too wide. */
async function lessen(search: Search, what: "agents" | "events", least: number): Promise<void> {
  for (let step = search.world[what] - least; step >= 1 && !search.isSpent(); ) {
    const fewer = search.world[what] - step;
    assert(fewer >= least, "a step leads to the least number at most");
    const isTaken = await search.take({ ...search.world, [what]: fewer });
    step = isTaken ? Math.min(step, search.world[what] - least) : Math.floor(step / 2);
  }
}
