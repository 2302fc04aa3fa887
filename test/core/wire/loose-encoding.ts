/** A writer that can put one value of a tree in a form that the strict profile forbids. */
import { concat } from "../../../src/core/base/bytes.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { encodeUtf8 } from "../../../src/core/wire/utf8.ts";
import type { Value } from "../../../src/core/wire/value.ts";

/** Indexes from the outermost array inwards. */
export type Path = readonly number[];

/** `tree` with `bytes` in place of the value at `path`, and the offset at which they stand. */
export function encodeWith(
  tree: Value,
  path: Path,
  bytes: Uint8Array,
): { readonly encoded: Uint8Array; readonly offset: number } {
  const [first, ...rest] = path;
  if (first === undefined) return { encoded: bytes, offset: 0 };
  if (!Array.isArray(tree)) throw new Error("the path leads through arrays");
  const items = tree as readonly Value[];
  const before = concat(arrayHead(items.length), ...items.slice(0, first).map(encode));
  const inner = encodeWith(items[first] as Value, rest, bytes);
  return {
    encoded: concat(before, inner.encoded, ...items.slice(first + 1).map(encode)),
    offset: before.length + inner.offset,
  };
}

/** Every encoding of `value` that MessagePack allows and that is longer than the shortest one. */
export function longerForms(value: Value): readonly Uint8Array[] {
  if (typeof value === "number" || typeof value === "bigint") return longerIntegers(BigInt(value));
  if (typeof value === "string") {
    const bytes = encodeUtf8(value) ?? new Uint8Array(0);
    return longerLengths(bytes.length, [0xd9, 0xda, 0xdb], 32).map((head) => concat(head, bytes));
  }
  if (value instanceof Uint8Array) {
    return longerLengths(value.length, [0xc4, 0xc5, 0xc6], 0).map((head) => concat(head, value));
  }
  if (!Array.isArray(value) || value.length >= 16) return [];
  return [concat(Uint8Array.of(0xdc, 0, value.length), ...(value as readonly Value[]).map(encode))];
}

/** Big-endian two's complement of `width` bytes after `tag`. */
export function tagged(tag: number, value: bigint, width: number): Uint8Array {
  const out = new Uint8Array(width + 1);
  out[0] = tag;
  const raw = BigInt.asUintN(8 * width, value);
  for (let i = 0; i < width; i++) out[width - i] = Number((raw >> BigInt(8 * i)) & 0xffn);
  return out;
}

function arrayHead(length: number): Uint8Array {
  return length < 16 ? Uint8Array.of(0x90 | length) : tagged(0xdc, BigInt(length), 2);
}

function longerIntegers(value: bigint): readonly Uint8Array[] {
  const least = encode(value).length;
  const unsigned = [0xcc, 0xcd, 0xce, 0xcf].map((tag, i) => ({
    tag,
    width: 2 ** i,
    from: 0n,
    bits: 8 * 2 ** i,
  }));
  const signed = [0xd0, 0xd1, 0xd2, 0xd3].map((tag, i) => {
    const bits = 8 * 2 ** i - 1;
    return { tag, width: 2 ** i, from: -(2n ** BigInt(bits)), bits };
  });
  // A positive number in a signed form is never the shortest: an unsigned one of that width holds it too.
  return [...unsigned, ...signed]
    .filter(({ from, bits }) => value >= from && value < 2n ** BigInt(bits))
    .filter(({ tag, width }) => width + 1 > least || (value >= 0n && tag >= 0xd0))
    .map(({ tag, width }) => tagged(tag, value, width));
}

function longerLengths(length: number, tags: readonly number[], fixBelow: number): readonly Uint8Array[] {
  return tags.flatMap((tag, i) => {
    const width = 2 ** i;
    const least = i === 0 ? fixBelow : 2 ** (4 * width);
    return length < least ? [tagged(tag, BigInt(length), width)] : [];
  });
}
