/** A reader that breaks one invariant of its target, and has to be found. */
import type { Target } from "./target.ts";

export type Plant = {
  readonly says: string;
  readonly target: () => Target;
  /** Of the run that finds it; 1 unless told. Which seeds do changes with the ids of the inputs that a run begins with. */
  readonly seed?: number;
  /** Enough for that seed. */
  readonly batches: number;
  /** What is said of it. */
  readonly breach: RegExp;
};
