/** A small seeded stream for fates of messages: the same in every run of a seed. */

export type Chance = {
  /** An integer from 0 to `below` − 1. */
  below(below: number): number;
  /** True `percent` times of a hundred. */
  hits(percent: number): boolean;
};

export function chance(seed: number): Chance {
  let state = seed >>> 0 || 1;
  function next(): number {
    // Marsaglia's xorshift32.
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  }
  return { below: (below) => next() % below, hits: (percent) => next() % 100 < percent };
}
