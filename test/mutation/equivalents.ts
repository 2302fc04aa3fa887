/**
 * Mutants that nobody could tell from the source, each with the reason. They count neither as killed nor as survived;
 * each run says how many it met, and names those that its tests killed all the same.
 */
export type Equivalent = {
  /** As the list of a run names it: file, mutator, original, replacement and number, with tabs between. */
  readonly key: string;
  readonly reason: string;
};

export const equivalents: readonly Equivalent[] = [];
