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

/** Written over by each `encode`, which calls nothing that encodes: whatever is sent or signed fits, and is copied out. */
const SCRATCH = new Uint8Array(limits.ARTIFACT_BYTES_MAX);

class Output {
  #buffer = SCRATCH;
  #length = 0;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** `width` bytes of `value`, big-endian. */
  uint(value: number, width: 2 | 4): void {
    this.#reserve(width);
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8)
      this.#buffer[this.#length++] = (value >>> shift) & 0xff;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** One byte a character. */
  ascii(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) this.#buffer[this.#length + i] = text.charCodeAt(i);
    this.#length += text.length;
  }

  #reserve(count: number): void {
    if (this.#length + count > this.#buffer.length) this.#grow(count);
  }

  #grow(count: number): void {
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#length + count));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

function writeValue(out: Output, value: Value, depth: number): void {
  if (typeof value === "string") writeText(out, value);
  else if (typeof value === "number") writeNumber(out, value);
  else if (value === null) out.byte(0xc0);
  else if (typeof value === "bigint") writeBigint(out, value);
  else if (value instanceof Uint8Array) writeBytes(out, value);
  else writeArray(out, value, depth);
}

const TWO_32 = 0x1_0000_0000;

function writeNumber(out: Output, value: number): void {
  assert(Number.isSafeInteger(value), "only safe integers are written as numbers");
  if (value < 0) writeNegative(out, value);
  else if (value < 0x80) out.byte(value);
  else if (value < TWO_32) writeUnsigned32(out, value);
  else write64(out, 0xcf, Math.floor(value / TWO_32), value % TWO_32);
}

function writeUnsigned32(out: Output, value: number): void {
  if (value <= 0xff) {
    out.byte(0xcc);
    out.byte(value);
  } else if (value <= 0xffff) {
    out.byte(0xcd);
    out.uint(value, 2);
  } else {
    out.byte(0xce);
    out.uint(value, 4);
  }
}

function writeNegative(out: Output, value: number): void {
  if (value >= -32) out.byte(0x100 + value);
  else if (value >= -0x80) {
    out.byte(0xd0);
    out.byte(value & 0xff);
  } else if (value >= -0x8000) {
    out.byte(0xd1);
    out.uint(value, 2);
  } else if (value >= -0x80000000) {
    out.byte(0xd2);
    out.uint(value, 4);
  } else {
    // Two's complement: the floor of a negative number, and what is left above it.
    const high = Math.floor(value / TWO_32);
    write64(out, 0xd3, high, value - high * TWO_32);
  }
}

/** Beyond 53 bits a number cannot say it; all that it can say is written as numbers are. */
function writeBigint(out: Output, value: bigint): void {
  assert(value >= INTEGER_MIN && value <= INTEGER_MAX, "integers have at most 64 bits");
  const narrow = Number(value);
  if (Number.isSafeInteger(narrow)) writeNumber(out, narrow);
  else
    write64(
      out,
      value > 0n ? 0xcf : 0xd3,
      Number(BigInt.asIntN(32, value >> 32n)),
      Number(value & 0xffffffffn),
    );
}

function write64(out: Output, tag: number, high: number, low: number): void {
  out.byte(tag);
  out.uint(high, 4);
  out.uint(low, 4);
}

/** Nearly every text of ours is ASCII: there its length in bytes is known, and no copy is made. */
function writeText(out: Output, value: string): void {
  if (isAscii(value)) {
    writeTextLength(out, value.length);
    out.ascii(value);
    return;
  }
  const bytes = encodeUtf8(value);
  assert(bytes !== null, "text is well formed");
  writeTextLength(out, bytes.length);
  out.raw(bytes);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function writeTextLength(out: Output, length: number): void {
  if (length < 32) out.byte(0xa0 | length);
  else writeLength(out, length, TEXT_TAGS);
}

function writeBytes(out: Output, value: Uint8Array): void {
  writeLength(out, value.length, BYTES_TAGS);
  out.raw(value);
}

function writeArray(out: Output, value: readonly Value[], depth: number): void {
  assert(depth <= limits.DEPTH_MAX, "nesting stays within the codec's depth");
  assert(value.length <= limits.ARRAY_ITEMS_MAX, "arrays stay within the codec's length");
  if (value.length < 16) out.byte(0x90 | value.length);
  else {
    out.byte(0xdc);
    out.uint(value.length, 2);
  }
  for (const item of value) writeValue(out, item, depth + 1);
}

type LengthTags = readonly [tag8: number, tag16: number, tag32: number];

const TEXT_TAGS: LengthTags = [0xd9, 0xda, 0xdb];
const BYTES_TAGS: LengthTags = [0xc4, 0xc5, 0xc6];

function writeLength(out: Output, length: number, [tag8, tag16, tag32]: LengthTags): void {
  if (length <= 0xff) {
    out.byte(tag8);
    out.byte(length);
  } else if (length <= 0xffff) {
    out.byte(tag16);
    out.uint(length, 2);
  } else {
    out.byte(tag32);
    out.uint(length, 4);
  }
}
