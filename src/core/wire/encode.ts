/** Writes the strict MessagePack profile: the one encoding of each value (PROTOCOL §1 Codec). */
import { assert } from "../base/assert.ts";
import { limits } from "./limits.ts";
import { encodeUtf8 } from "./utf8.ts";
import { INTEGER_MAX, INTEGER_MIN, type Value } from "./value.ts";

/** Values come from our own code, so what cannot be written is a programming error. */
export function encode(value: Value): Uint8Array {
  const out = new Output();
  writeValue(out, value, 1);
  return out.bytes();
}

class Output {
  #buffer = new Uint8Array(256);
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  reserve(count: number): void {
    if (this.#length + count <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + count));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  /** `width` bytes of `value`, big-endian. */
  uint(value: number, width: 1 | 2 | 4): void {
    this.reserve(width);
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8)
      this.#buffer[this.#length++] = (value >>> shift) & 0xff;
  }

  uint64(value: bigint): void {
    this.uint(Number((value >> 32n) & 0xffffffffn), 4);
    this.uint(Number(value & 0xffffffffn), 4);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }
}

function writeValue(out: Output, value: Value, depth: number): void {
  if (value === null) out.uint(0xc0, 1);
  else if (typeof value === "number") writeNumber(out, value);
  else if (typeof value === "bigint") writeBigint(out, value);
  else if (typeof value === "string") writeText(out, value);
  else if (value instanceof Uint8Array) writeBytes(out, value);
  else writeArray(out, value, depth);
}

function writeNumber(out: Output, value: number): void {
  assert(Number.isSafeInteger(value), "only safe integers are written as numbers");
  if (value >= 0 && value < 0x80) out.uint(value, 1);
  else if (value < 0 && value >= -32) out.uint(0x100 + value, 1);
  else if (value >= 0 && value <= 0xffffffff) writeUnsigned32(out, value);
  else writeBigint(out, BigInt(value));
}

function writeUnsigned32(out: Output, value: number): void {
  if (value <= 0xff) {
    out.uint(0xcc, 1);
    out.uint(value, 1);
  } else if (value <= 0xffff) {
    out.uint(0xcd, 1);
    out.uint(value, 2);
  } else {
    out.uint(0xce, 1);
    out.uint(value, 4);
  }
}

function writeBigint(out: Output, value: bigint): void {
  assert(value >= INTEGER_MIN && value <= INTEGER_MAX, "integers have at most 64 bits");
  if (value >= -32n && value <= 0xffffffffn && value >= 0n) writeNumber(out, Number(value));
  else if (value > 0n) {
    out.uint(0xcf, 1);
    out.uint64(value);
  } else if (value >= -32n) writeNumber(out, Number(value));
  else writeNegative(out, value);
}

function writeNegative(out: Output, value: bigint): void {
  if (value >= -0x80n) {
    out.uint(0xd0, 1);
    out.uint(Number(value) & 0xff, 1);
  } else if (value >= -0x8000n) {
    out.uint(0xd1, 1);
    out.uint(Number(value) & 0xffff, 2);
  } else if (value >= -0x80000000n) {
    out.uint(0xd2, 1);
    out.uint(Number(value) >>> 0, 4);
  } else {
    out.uint(0xd3, 1);
    out.uint64(BigInt.asUintN(64, value));
  }
}

function writeText(out: Output, value: string): void {
  const bytes = encodeUtf8(value);
  assert(bytes !== null, "text is well formed");
  if (bytes.length < 32) out.uint(0xa0 | bytes.length, 1);
  else writeLength(out, bytes.length, TEXT_TAGS);
  out.raw(bytes);
}

function writeBytes(out: Output, value: Uint8Array): void {
  writeLength(out, value.length, BYTES_TAGS);
  out.raw(value);
}

function writeArray(out: Output, value: readonly Value[], depth: number): void {
  assert(depth <= limits.DEPTH_MAX, "nesting stays within the codec's depth");
  assert(value.length <= limits.ARRAY_ITEMS_MAX, "arrays stay within the codec's length");
  if (value.length < 16) out.uint(0x90 | value.length, 1);
  else {
    out.uint(0xdc, 1);
    out.uint(value.length, 2);
  }
  for (const item of value) writeValue(out, item, depth + 1);
}

type LengthTags = readonly [tag8: number, tag16: number, tag32: number];

const TEXT_TAGS: LengthTags = [0xd9, 0xda, 0xdb];
const BYTES_TAGS: LengthTags = [0xc4, 0xc5, 0xc6];

function writeLength(out: Output, length: number, [tag8, tag16, tag32]: LengthTags): void {
  if (length <= 0xff) {
    out.uint(tag8, 1);
    out.uint(length, 1);
  } else if (length <= 0xffff) {
    out.uint(tag16, 1);
    out.uint(length, 2);
  } else {
    out.uint(tag32, 1);
    out.uint(length, 4);
  }
}
