/** A reader that breaks one invariant of its target, and has to be found. */
import type { Target } from "./target.ts";

export type Plant = {
  readonly says: string;
  readonly target: () => Target;
  /** Enough for seed 1. */
  readonly batches: number;
  /** What is said of it. */
  readonly breach: RegExp;
};
