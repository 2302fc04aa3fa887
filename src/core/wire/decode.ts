/** Reads the strict MessagePack profile and nothing else: encode(decode(x)) = x for each x it takes (PROTOCOL §1). */
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { limits } from "./limits.ts";
import { decodeUtf8 } from "./utf8.ts";
import type { Value } from "./value.ts";

/**
 * Peer-controlled: `bytes` of any content, at most `maxBytes`. Work is linear in the length; any failure is one Rejection
 * with the offset in `measured`.
 */
export function decode(bytes: Uint8Array, maxBytes: number): Result<Value> {
  if (bytes.length > maxBytes) {
    return refuse(rejection("wire-too-long", "", { bytes: bytes.length }, { bytesMax: maxBytes }));
  }
  const input: Input = { bytes, at: 0, failure: null };
  const value = readValue(input, 1);
  if (input.failure !== null) return refuse(input.failure);
  if (input.at !== bytes.length) {
    return refuse(
      rejection("wire-trailing-bytes", "", { offset: input.at, bytes: bytes.length }, { trailing: 0 }),
    );
  }
  return accept(value);
}

type Input = { readonly bytes: Uint8Array; at: number; failure: Rejection | null };

function fail(input: Input, code: string, required: string): null {
  input.failure ??= rejection(code, "", { offset: input.at }, { form: required });
  return null;
}

function readValue(input: Input, depth: number): Value {
  const tag = input.bytes[input.at];
  if (tag === undefined) return fail(input, "wire-truncated", "a complete value");
  input.at += 1;
  if (tag < 0x80) return tag;
  if (tag >= 0xe0) return tag - 0x100;
  if (tag >= 0xa0 && tag < 0xc0) return readText(input, tag & 0x1f);
  if (tag >= 0x90 && tag < 0xa0) return readArray(input, tag & 0x0f, depth);
  return readTagged(input, tag, depth);
}

function readTagged(input: Input, tag: number, depth: number): Value {
  switch (tag) {
    case 0xc0:
      return null;
    case 0xc4:
      return readBytes(input, readUint(input, 1, 0));
    case 0xc5:
      return readBytes(input, readUint(input, 2, 0x100));
    case 0xc6:
      return readBytes(input, readUint(input, 4, 0x10000));
    case 0xcc:
      return readUint(input, 1, 0x80);
    case 0xcd:
      return readUint(input, 2, 0x100);
    case 0xce:
      return readUint(input, 4, 0x10000);
    case 0xcf:
      return readUint64(input);
    case 0xd0:
      return readInt(input, 1, -32);
    case 0xd1:
      return readInt(input, 2, -0x80);
    case 0xd2:
      return readInt(input, 4, -0x8000);
    case 0xd3:
      return readInt64(input);
    case 0xd9:
      return readText(input, readUint(input, 1, 32));
    case 0xda:
      return readText(input, readUint(input, 2, 0x100));
    case 0xdb:
      return readText(input, readUint(input, 4, 0x10000));
    case 0xdc:
      return readArray(input, readUint(input, 2, 16), depth);
    default:
      input.at -= 1;
      return fail(input, "wire-type-forbidden", "nil, integer, text, bytes or array");
  }
}

/** Big-endian unsigned of `width` bytes; below `least` a shorter form exists. */
function readUint(input: Input, width: 1 | 2 | 4, least: number): number {
  if (input.at + width > input.bytes.length) {
    fail(input, "wire-truncated", "a complete value");
    return 0;
  }
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (input.bytes[input.at + i] as number);
  if (value < least) fail(input, "wire-not-minimal", "the shortest form");
  input.at += width;
  return value;
}

/** Two's complement of `width` bytes; at or above `bound` a shorter form exists. */
function readInt(input: Input, width: 1 | 2 | 4, bound: number): number {
  const raw = readUint(input, width, 0);
  const value = raw - 2 ** (8 * width);
  if (raw < 2 ** (8 * width - 1) || value >= bound) fail(input, "wire-not-minimal", "the shortest form");
  return value;
}

function readUint64(input: Input): number | bigint {
  const high = readUint(input, 4, 0);
  const low = readUint(input, 4, 0);
  if (high === 0) fail(input, "wire-not-minimal", "the shortest form");
  // Below 2^53 a number says it exactly: every instant and frequency is one.
  return high < TWO_21 ? high * TWO_32 + low : (BigInt(high) << 32n) | BigInt(low);
}

const TWO_21 = 0x20_0000;
const TWO_32 = 0x1_0000_0000;

function readInt64(input: Input): number | bigint {
  const high = readUint(input, 4, 0);
  const low = readUint(input, 4, 0);
  const value = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  if (value >= -0x80000000n) fail(input, "wire-not-minimal", "the shortest form");
  return value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

function readBytes(input: Input, length: number): Uint8Array {
  if (!holds(input, length)) return new Uint8Array(0);
  const value = input.bytes.slice(input.at, input.at + length);
  input.at += length;
  return value;
}

/** Whether `length` more bytes are there; else the failure is noted. */
function holds(input: Input, length: number): boolean {
  if (input.failure === null && input.at + length <= input.bytes.length) return true;
  fail(input, "wire-truncated", "a complete value");
  return false;
}

function readText(input: Input, length: number): string {
  if (!holds(input, length)) return "";
  const text = decodeUtf8(input.bytes, input.at, length);
  input.at += length;
  if (text === null) fail(input, "wire-text-malformed", "valid UTF-8");
  return text ?? "";
}

function readArray(input: Input, length: number, depth: number): readonly Value[] {
  if (depth > limits.DEPTH_MAX) fail(input, "wire-too-deep", `at most ${limits.DEPTH_MAX} levels`);
  if (length > limits.ARRAY_ITEMS_MAX)
    fail(input, "wire-array-too-long", `at most ${limits.ARRAY_ITEMS_MAX} items`);
  const items: Value[] = [];
  for (let i = 0; i < length && input.failure === null; i++) items.push(readValue(input, depth + 1));
  return items;
}
