/** What a store is asked to do until power is lost, drawn from a seed. */
import { SEGMENT_HEADER_BYTES } from "../../src/adapters/store/segment-format.ts";
import type { DiskFault } from "../../src/adapters/store/simulated-disk.ts";
import type { Chance } from "../../src/sim/chance.ts";

export type Action =
  /** Appends, as lists of frame lengths; perhaps a mark is written meanwhile. */
  | {
      readonly kind: "append";
      readonly appends: readonly (readonly number[])[];
      /** How long each waits for the one before it: 0 is the same moment, more is amid its flush. */
      readonly turnsApart: number;
      readonly mark: Mark | null;
    }
  | { readonly kind: "mark"; readonly mark: Mark }
  /** An orderly end, then another opening. */
  | { readonly kind: "close" }
  /** The agent's end without a word: what it wrote stays in the page cache. */
  | { readonly kind: "kill" }
  /** The operation `after` further ones fails, whatever it is. */
  | { readonly kind: "fault"; readonly fault: Exclude<DiskFault, "power-loss">; readonly after: number }
  /** Room for `bytes` more, or for all again. */
  | { readonly kind: "room"; readonly bytes: number | null }
  | { readonly kind: "reopen" };

/** `length` null removes it. */
export type Mark = { readonly name: string; readonly length: number | null };

export type Layout = { readonly segmentBytes: number; readonly setAsideBytes: number };

export type Plan = { readonly layout: Layout; readonly actions: readonly Action[] };

const MARK_NAMES: readonly [string, ...string[]] = ["counter", "image"];

export function planOf(chance: Chance): Plan {
  const layout = {
    segmentBytes: SEGMENT_HEADER_BYTES + chance.pick([1, 700, 2_000, 4_096, 16_000]),
    setAsideBytes: chance.pick([0, 512, 3_000, 4_096]),
  };
  const actions = Array.from({ length: chance.between(1, ACTIONS_MAX) }, () => actionsOf(chance));
  return { layout, actions: actions.flat() };
}

const ACTIONS_MAX = 7;

/** Small enough for one batch header or more of them within a sector, and larger than a segment. */
const LENGTHS: readonly [number, ...number[]] = [0, 4, 20, 100, 300, 460, 600, 1_000, 1_800, 5_000];

function actionsOf(chance: Chance): readonly Action[] {
  const which = chance.below(20);
  if (which < 10) return [append(chance)];
  if (which < 12) return [{ kind: "mark", mark: markOf(chance) }];
  if (which < 14) return [{ kind: "close" }];
  if (which < 16) return [{ kind: "kill" }];
  if (which < 18) return failing(chance);
  if (which < 19)
    return [{ kind: "room", bytes: chance.below(3_000) }, append(chance), { kind: "room", bytes: null }];
  return [{ kind: "reopen" }];
}

/** What fails is followed by a reopening or by the agent's end, and that by work on what either found. */
function failing(chance: Chance): readonly Action[] {
  const fault = chance.pick(["write-error", "flush-error"] as const);
  const then: Action = chance.hits(600) ? { kind: "reopen" } : { kind: "kill" };
  return [{ kind: "fault", fault, after: chance.below(7) }, append(chance), then, append(chance)];
}

function append(chance: Chance): Action {
  const appends = Array.from({ length: chance.between(1, 3) }, () =>
    Array.from({ length: chance.between(1, 3) }, () => chance.pick(LENGTHS)),
  );
  const turnsApart = chance.pick([0, 0, 1, 3, 6]);
  return { kind: "append", appends, turnsApart, mark: chance.hits(100) ? markOf(chance) : null };
}

function markOf(chance: Chance): Mark {
  const length = chance.hits(250) ? null : chance.pick([0, 1, 8, 500, 512, 1_500, 4_096]);
  return { name: chance.pick(MARK_NAMES), length };
}
