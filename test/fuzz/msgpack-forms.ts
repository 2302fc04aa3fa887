/**
 * One MessagePack value at a time, by a loose reader of the fuzzer's own: broken inputs are taken apart too, and the
 * coverage of the production reader stays its own.
 */
import { joined, roomFor } from "./room.ts";

export type Pack =
  /** Nil, integers, whatever the profile forbids, and what stands inside an array: as it came. */
  | { readonly form: "raw"; readonly bytes: Uint8Array }
  /** `width`: bytes of its length, 0 the shortest form. */
  | { readonly form: "bytes" | "text"; readonly content: Uint8Array; readonly width: number }
  | { readonly form: "array"; readonly items: readonly Pack[]; readonly width: number };

const ITEMS_MAX = 2_000;

/** Bytes behind the tag, for integers and floats. */
const RAW_BYTES: Readonly<Record<number, number>> = {
  202: 4,
  203: 8,
  204: 1,
  205: 2,
  206: 4,
  207: 8,
  208: 1,
  209: 2,
  210: 4,
  211: 8,
};

export function isArrayTag(tag: number | undefined): boolean {
  return tag !== undefined && ((tag >= 0x90 && tag < 0xa0) || tag === 0xdc);
}

/** Where the items of the array at `at` begin, and how many there should be. */
export function itemsOf(bytes: Uint8Array, at: number): { readonly from: number; readonly count: number } {
  const tag = bytes[at] ?? 0xc0;
  return tag === 0xdc
    ? { from: Math.min(at + 3, bytes.length), count: uint(bytes, at + 1, 2) }
    : { from: at + 1, count: tag & 0x0f };
}

/** One past the value at `at`, all that it holds included; the end of `bytes` where it is cut off. */
export function skip(bytes: Uint8Array, at: number): number {
  let end = at;
  // Bounded: each turn moves by a tag at least.
  for (let left = 1; left > 0 && end < bytes.length; left--) {
    if (isArrayTag(bytes[end])) {
      const { from, count } = itemsOf(bytes, end);
      left += count;
      end = from;
    } else {
      const { from, length } = contentAt(bytes, end);
      end = from + length;
    }
  }
  return Math.min(end, bytes.length);
}

/** The content of the byte string at `at` that itself begins as an array does, or null. */
export function innerArray(bytes: Uint8Array, at: number): Uint8Array | null {
  const tag = bytes[at] ?? 0xc0;
  if (tag < 0xc4 || tag > 0xc6) return null;
  const { from, length } = contentAt(bytes, at);
  return isArrayTag(bytes[from]) ? bytes.subarray(from, from + length) : null;
}

export function parse(bytes: Uint8Array, at: number): Pack {
  const tag = bytes[at] ?? 0xc0;
  if (isArrayTag(tag)) return { form: "array", items: parsedItems(bytes, at), width: 0 };
  const { form, from, length } = contentAt(bytes, at);
  if (form === "raw") return { form, bytes: bytes.subarray(at, from + length) };
  return { form, content: bytes.subarray(from, from + length), width: 0 };
}

function parsedItems(bytes: Uint8Array, at: number): readonly Pack[] {
  const { from, count } = itemsOf(bytes, at);
  const items: Pack[] = [];
  for (let next = from; items.length < Math.min(count, ITEMS_MAX) && next < bytes.length; ) {
    const end = skip(bytes, next);
    items.push({ form: "raw", bytes: bytes.subarray(next, end) });
    next = end;
  }
  return items;
}

type Content = {
  readonly form: "raw" | "bytes" | "text";
  readonly from: number;
  readonly length: number;
};

function contentAt(bytes: Uint8Array, at: number): Content {
  const tag = bytes[at] ?? 0xc0;
  if (tag >= 0xa0 && tag < 0xc0) return { form: "text", from: at + 1, length: tag & 0x1f };
  const isText = tag >= 0xd9 && tag <= 0xdb;
  if (!isText && (tag < 0xc4 || tag > 0xc6))
    return { form: "raw", from: at + 1, length: RAW_BYTES[tag] ?? 0 };
  const width = 1 << (tag - (isText ? 0xd9 : 0xc4));
  const length = uint(bytes, at + 1, width);
  return { form: isText ? "text" : "bytes", from: at + 1 + width, length };
}

function uint(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

export function written(pack: Pack): Uint8Array {
  if (pack.form === "raw") return pack.bytes;
  if (pack.form === "array") {
    const { items } = pack;
    const head =
      items.length < 16 && pack.width === 0
        ? numbers(0x90 | items.length)
        : numbers(0xdc, items.length >>> 8, items.length & 0xff);
    return joined([head, ...items.map(written)]);
  }
  return joined([headOf(pack.form, pack.content.length, pack.width), pack.content]);
}

/** The head of a byte string or text; `width` as in `Pack`. */
export function headOf(form: "bytes" | "text", length: number, width: number): Uint8Array {
  const shortest = form === "text" && length < 32 ? 0 : length < 256 ? 1 : length < 65_536 ? 2 : 4;
  const first = form === "text" ? 0xd9 : 0xc4;
  switch (Math.max(shortest, width)) {
    case 0:
      return numbers(0xa0 | length);
    case 1:
      return numbers(first, length);
    case 2:
      return numbers(first + 1, length >>> 8, length & 0xff);
    default:
      return numbers(first + 2, length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
  }
}

function numbers(...values: readonly number[]): Uint8Array {
  const out = roomFor(values.length);
  out.set(values);
  return out;
}
