/** Any value that the codec carries, in the form in which it is read back. */
import fc from "fast-check";
import { INTEGER_MAX, INTEGER_MIN, type Value } from "../../../src/core/wire/value.ts";

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** 2^k − 1, 2^k and 2^k + 1 and their negatives: where the forms change. */
const edges: readonly Value[] = [5, 7, 8, 15, 16, 31, 32, 53, 63, 64]
  .flatMap((bits) => [-1n, 0n, 1n].map((by) => 2n ** BigInt(bits) + by))
  .flatMap((value) => [value, -value])
  .filter((value) => value >= INTEGER_MIN && value <= INTEGER_MAX)
  .map(asRead);

/** Numbers where they are safe, bigints beyond: as `decode` gives them. */
export function asRead(value: bigint): number | bigint {
  return value >= -SAFE_MAX && value <= SAFE_MAX ? Number(value) : value;
}

/** Up to eight points of Unicode, ASCII and edges more often than others; never a lone surrogate. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0, max: 0x10f7ff })), {
    maxLength: 8,
  })
  .map((points) => String.fromCodePoint(...points.map((point) => (point < 0xd800 ? point : point + 0x800))));

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.constantFrom(...edges),
  fc.bigInt(INTEGER_MIN, INTEGER_MAX).map(asRead),
  fc.maxSafeInteger(),
  anyText,
  fc.integer({ min: 30, max: 33 }).map((length) => "m".repeat(length)),
  fc.integer({ min: 254, max: 257 }).map((length) => "é".repeat(length / 2)),
  fc.uint8Array({ maxLength: 8 }),
  fc.integer({ min: 254, max: 257 }).map((length) => new Uint8Array(length).fill(length)),
);

/** At most seven arrays around a scalar, so that one more fits. */
export const anyValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value; items: Value }>((tie) => ({
  value: fc.oneof({ maxDepth: 6, depthSize: "small", withCrossShrink: true }, scalar, tie("items")),
  items: fc.array(tie("value"), { maxLength: 17 }),
})).value;
