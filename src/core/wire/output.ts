/** Where the strict MessagePack profile is written: one method a form, each value in its one encoding (PROTOCOL §1 Codec). */
import { assert } from "../base/assert.ts";
import { limits } from "./limits.ts";
import { encodeUtf8 } from "./utf8.ts";
import { INTEGER_MAX, INTEGER_MIN } from "./value.ts";

const TWO_32 = 0x1_0000_0000;

/** Written over by each output, of which there is one at a time: whatever is sent or signed fits, and is copied out. */
const SCRATCH = new Uint8Array(limits.ARTIFACT_BYTES_MAX);

/** Values come from our own code, so what cannot be written is a programming error. */
export class Output {
  #buffer = SCRATCH;
  #length = 0;

  /** A copy of what was written. */
  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  nil(): void {
    this.#byte(0xc0);
  }

  integer(value: number): void {
    assert(Number.isSafeInteger(value), "only safe integers are written as numbers");
    if (value < 0) this.#negative(value);
    else if (value < 0x80) this.#byte(value);
    else if (value < TWO_32) this.#unsigned32(value);
    else this.#wide(0xcf, Math.floor(value / TWO_32), value % TWO_32);
  }

  /** Beyond 53 bits a number cannot say it; all that it can say is written as numbers are. */
  amount(value: bigint): void {
    assert(value >= INTEGER_MIN && value <= INTEGER_MAX, "integers have at most 64 bits");
    const narrow = Number(value);
    if (Number.isSafeInteger(narrow)) this.integer(narrow);
    else
      this.#wide(
        value > 0n ? 0xcf : 0xd3,
        Number(BigInt.asIntN(32, value >> 32n)),
        Number(value & 0xffffffffn),
      );
  }

  text(value: string): void {
    // Nearly every text of ours is ASCII: there its length in bytes is known, and no copy is made.
    const start = this.#length;
    this.#textLength(value.length);
    this.#reserve(value.length);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code >= 0x80) {
        this.#length = start;
        this.#utf8(value);
        return;
      }
      buffer[at++] = code;
    }
    this.#length = at;
  }

  binary(value: Uint8Array): void {
    this.#header(value.length, BYTES_TAGS);
    this.#raw(value);
  }

  /** The head of an array: its items are written next. */
  array(items: number): void {
    assert(items <= limits.ARRAY_ITEMS_MAX, "arrays stay within the codec's length");
    if (items < 16) this.#byte(0x90 | items);
    else {
      this.#byte(0xdc);
      this.#uint(items, 2);
    }
  }

  #utf8(value: string): void {
    const bytes = encodeUtf8(value);
    assert(bytes !== null, "text is well formed");
    this.#textLength(bytes.length);
    this.#raw(bytes);
  }

  #textLength(length: number): void {
    if (length < 32) this.#byte(0xa0 | length);
    else this.#header(length, TEXT_TAGS);
  }

  #header(length: number, [tag8, tag16, tag32]: LengthTags): void {
    if (length <= 0xff) {
      this.#byte(tag8);
      this.#byte(length);
    } else if (length <= 0xffff) {
      this.#byte(tag16);
      this.#uint(length, 2);
    } else {
      this.#byte(tag32);
      this.#uint(length, 4);
    }
  }

  #unsigned32(value: number): void {
    if (value <= 0xff) {
      this.#byte(0xcc);
      this.#byte(value);
    } else if (value <= 0xffff) {
      this.#byte(0xcd);
      this.#uint(value, 2);
    } else {
      this.#byte(0xce);
      this.#uint(value, 4);
    }
  }

  #negative(value: number): void {
    if (value >= -32) this.#byte(0x100 + value);
    else if (value >= -0x80) {
      this.#byte(0xd0);
      this.#byte(value & 0xff);
    } else if (value >= -0x8000) {
      this.#byte(0xd1);
      this.#uint(value, 2);
    } else if (value >= -0x80000000) {
      this.#byte(0xd2);
      this.#uint(value, 4);
    } else {
      // Two's complement: the floor of a negative number, and what is left above it.
      const high = Math.floor(value / TWO_32);
      this.#wide(0xd3, high, value - high * TWO_32);
    }
  }

  #wide(tag: number, high: number, low: number): void {
    this.#byte(tag);
    this.#uint(high, 4);
    this.#uint(low, 4);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** `width` bytes of `value`, big-endian. */
  #uint(value: number, width: 2 | 4): void {
    this.#reserve(width);
    const buffer = this.#buffer;
    let at = this.#length;
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) buffer[at++] = (value >>> shift) & 0xff;
    this.#length = at;
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
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

type LengthTags = readonly [tag8: number, tag16: number, tag32: number];

const TEXT_TAGS: LengthTags = [0xd9, 0xda, 0xdb];
const BYTES_TAGS: LengthTags = [0xc4, 0xc5, 0xc6];
