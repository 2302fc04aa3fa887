/** Seeded choices: the same for a seed and a name on every machine, and independent of each other by name. */

export type Chance = {
  /** A whole number in [0, below); 1 ≤ below ≤ 2^32. */
  below(below: number): number;
  /** A whole number in [least, most]. */
  between(least: number, most: number): number;
  /** True in `permille` of 1000 cases. */
  hits(permille: number): boolean;
  pick<T>(from: readonly [T, ...T[]]): T;
  /** A stream of its own: what one draws does not shift what another one gets. */
  fork(name: string): Chance;
  /** Fresh bytes of the stream. */
  bytes(length: number): Uint8Array;
};

type Words = [number, number, number, number];

export function newChance(seed: number, name: string = ""): Chance {
  return chanceOf(wordsOf(seed, name));
}

/** xoshiro128** by Blackman and Vigna: 32-bit integer arithmetic only. */
function chanceOf(state: Words): Chance {
  const next = (): number => {
    const [a, b, c, d] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const [mixedC, mixedD] = [c ^ a, d ^ b];
    state[1] = (b ^ mixedC) >>> 0;
    state[0] = (a ^ mixedD) >>> 0;
    state[2] = (mixedC ^ (b << 9)) >>> 0;
    state[3] = rotate(mixedD, 11);
    return result;
  };
  // The bias of a multiplication is below 2^-20 for every range that a simulation asks for.
  const below = (limit: number): number => Math.floor((next() / 0x1_0000_0000) * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    hits: (permille) => below(1000) < permille,
    pick: (from) => from[below(from.length)] ?? from[0],
    fork: (name) => chanceOf(wordsOf(next(), name)),
    bytes(length) {
      const out = new Uint8Array(length);
      for (let i = 0; i < length; i++) out[i] = next() >>> 24;
      return out;
    },
  };
}

function rotate(value: number, by: number): number {
  return ((value << by) | (value >>> (32 - by))) >>> 0;
}

function wordsOf(seed: number, name: string): Words {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193) >>> 0;
  const word = (): number => {
    hash = (hash + 0x9e3779b9) >>> 0;
    let x = hash;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return (x ^ (x >>> 15)) >>> 0;
  };
  return [word(), word(), word(), word() | 1];
}
