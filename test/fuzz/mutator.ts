/** Changes of an input that know nothing of its form: bits, bytes, stretches, lengths. */
import type { Chance } from "../../src/sim/chance.ts";
import { copyOf, joined, replaced, roomFor } from "./room.ts";

/** Another input from `input`, perhaps with parts of `other`. Both stay as they are. */
export type Mutator = (chance: Chance, input: Uint8Array, other: Uint8Array) => Uint8Array;

/** Where lengths and integers change their form, and one to each side. */
const EDGES: readonly [number, ...number[]] = [
  0, 1, 0x0f, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
  0x80000000, 0xffffffff,
];

export const flipBits: Mutator = (chance, input) => {
  const out = copyOf(input);
  for (let i = chance.between(1, 4); i > 0 && out.length > 0; i--) {
    const at = chance.below(out.length);
    out[at] = (out[at] ?? 0) ^ (1 << chance.below(8));
  }
  return out;
};

export const setByte: Mutator = (chance, input) => {
  const out = copyOf(input);
  if (out.length > 0) out[chance.below(out.length)] = chance.below(256);
  return out;
};

const insertBytes: Mutator = (chance, input) => {
  const at = chance.below(input.length + 1);
  const added = chance.hits(500)
    ? chance.bytes(chance.between(1, 8))
    : roomFor(chance.between(1, 40)).fill(chance.below(256));
  return replaced(input, at, at, added);
};

const removeBytes: Mutator = (chance, input) => {
  if (input.length === 0) return input;
  const at = chance.below(input.length);
  const many = chance.hits(700) ? chance.between(1, 4) : chance.between(1, input.length);
  return joined([input.subarray(0, at), input.subarray(at + many)]);
};

const cutShort: Mutator = (chance, input) => copyOf(input.subarray(0, chance.below(input.length + 1)));

const repeatStretch: Mutator = (chance, input) => {
  const from = chance.below(input.length + 1);
  const to = Math.min(input.length, from + chance.between(1, 32));
  return replaced(input, to, to, input.subarray(from, to));
};

const splice: Mutator = (chance, input, other) => {
  const at = chance.below(input.length + 1);
  const from = chance.below(other.length + 1);
  return joined([input.subarray(0, at), other.subarray(from)]);
};

const overwrite: Mutator = (chance, input, other) => {
  const out = copyOf(input);
  if (out.length === 0 || other.length === 0) return out;
  const from = chance.below(other.length);
  const stretch = other.subarray(from, from + chance.between(1, 48));
  const at = chance.below(out.length);
  out.set(stretch.subarray(0, out.length - at), at);
  return out;
};

/** A field of 1, 2 or 4 bytes, big-endian, moved by one or set to an edge. */
export const lengthField: Mutator = (chance, input) => {
  const out = copyOf(input);
  const width = chance.pick([1, 2, 4]);
  if (out.length < width) return out;
  const at = chance.below(out.length - width + 1);
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (out[at + i] ?? 0);
  value = chance.hits(500) ? value + chance.pick([-1, 1]) : chance.pick(EDGES);
  for (let i = width - 1; i >= 0; i--, value = Math.floor(value / 256)) out[at + i] = value & 0xff;
  return out;
};

export const plainMutators: readonly [Mutator, ...Mutator[]] = [
  flipBits,
  setByte,
  insertBytes,
  removeBytes,
  cutShort,
  repeatStretch,
  splice,
  overwrite,
  lengthField,
];
