/** The reader of the strict MessagePack profile (core/wire/decode). */
import type { Result } from "../../../src/core/base/rejection.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { packMutator } from "../msgpack-mutator.ts";
import { plainMutators } from "../mutator.ts";
import { breach, type Target } from "../target.ts";
import { sameBytes } from "./canonical.ts";

/** encode(decode(x)) = x; each value stands for at least one byte; a refusal is one rejection with its place. */
export function wireTarget(read: (bytes: Uint8Array) => Result<Value> = readWire): Target {
  return {
    name: "wire",
    seeds,
    mutators: [...plainMutators, packMutator, packMutator, packMutator],
    bytesMax: 2_048,
    run(input) {
      const result = read(input);
      if (!result.ok) {
        const [only] = result.rejections;
        const offset = only?.measured["offset"] ?? 0;
        if (result.rejections.length !== 1) breach("a refusal of the codec is one rejection");
        if (typeof offset !== "number" || offset > input.length)
          breach("a refusal names a place in the input");
        return;
      }
      const { values, depth } = sizeOf(result.value, 1);
      if (values > input.length) breach("work and memory are linear in the input");
      if (depth > limits.DEPTH_MAX + 1) breach("values nest no deeper than the limit");
      sameBytes("a value", input, encode(result.value));
    },
  };
}

function readWire(bytes: Uint8Array): Result<Value> {
  return decode(bytes, limits.ENVELOPE_BYTES_MAX);
}

function sizeOf(value: Value, depth: number): { readonly values: number; readonly depth: number } {
  if (!Array.isArray(value)) return { values: 1, depth };
  let [values, deepest] = [1, depth];
  for (const item of value as readonly Value[]) {
    const size = sizeOf(item, depth + 1);
    values += size.values;
    deepest = Math.max(deepest, size.depth);
  }
  return { values, depth: deepest };
}

function seeds(): readonly Uint8Array[] {
  const integers = [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -32, -33, -129, -32_769];
  const wide = [2n ** 64n - 1n, -(2n ** 63n), -(2n ** 31n) - 1n, 2n ** 53n];
  const texts = ["", "a", "é€📡", "x".repeat(31), "x".repeat(32), "x".repeat(256)];
  const bytes = [0, 1, 255, 256].map((length) => new Uint8Array(length));
  const values: readonly Value[] = [null, ...integers, ...wide, ...texts, ...bytes];
  return [...values.map(encode), encode(values), encode([[[[[[[1]]]]]]]), encode(Array(20).fill([null]))];
}
