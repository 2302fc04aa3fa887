/**
 * Changes that know MessagePack: other tags, deeper nesting, integers and lengths in longer forms. Reads by a loose reader
 * of its own, so that broken inputs are taken apart too, and the coverage of the production reader stays its own.
 */
import { concat, u32be } from "../../src/core/base/bytes.ts";
import type { FieldSpec } from "../../src/core/record/field.ts";
import { kinds } from "../../src/core/record/kinds.ts";
import { encode } from "../../src/core/wire/encode.ts";
import { INTEGER_MAX, INTEGER_MIN } from "../../src/core/wire/value.ts";
import type { Chance } from "../../src/sim/chance.ts";
import { type Mutator, plainMutators } from "./mutator.ts";

type Pack =
  /** Nil, integers, and whatever the profile forbids, as they came. */
  | { readonly form: "raw"; readonly bytes: Uint8Array }
  /** `width`: bytes of its length, 0 the shortest form. */
  | { readonly form: "bytes" | "text"; readonly content: Uint8Array; readonly width: number }
  | { readonly form: "array"; readonly items: readonly Pack[]; readonly width: number };

const DEPTH_MAX = 24;
const ITEMS_MAX = 2_000;

export const packMutator: Mutator = (chance, input, other) => {
  const { pack, end } = parse(input, 0, 1);
  const changed = changedSomewhere(chance, pack, other);
  return concat(written(changed), input.subarray(end));
};

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

function parse(bytes: Uint8Array, at: number, depth: number): { readonly pack: Pack; readonly end: number } {
  const tag = bytes[at] ?? 0xc0;
  if (depth < DEPTH_MAX) {
    if (tag >= 0x90 && tag < 0xa0) return parseArray(bytes, at + 1, tag & 0x0f, depth);
    if (tag === 0xdc) return parseArray(bytes, at + 3, uint(bytes, at + 1, 2), depth);
  }
  const content = contentAt(bytes, at, tag);
  if (content !== null) return content;
  const end = Math.min(bytes.length, at + 1 + (RAW_BYTES[tag] ?? 0));
  return { pack: { form: "raw", bytes: bytes.slice(at, end) }, end };
}

function parseArray(
  bytes: Uint8Array,
  from: number,
  count: number,
  depth: number,
): { readonly pack: Pack; readonly end: number } {
  const items: Pack[] = [];
  let end = Math.min(from, bytes.length);
  while (items.length < Math.min(count, ITEMS_MAX) && end < bytes.length) {
    const item = parse(bytes, end, depth + 1);
    items.push(item.pack);
    end = item.end;
  }
  return { pack: { form: "array", items, width: 0 }, end };
}

function contentAt(
  bytes: Uint8Array,
  at: number,
  tag: number,
): { readonly pack: Pack; readonly end: number } | null {
  const text = tag >= 0xd9 && tag <= 0xdb;
  const isShort = tag >= 0xa0 && tag < 0xc0;
  if (!(text || isShort || (tag >= 0xc4 && tag <= 0xc6))) return null;
  const width = isShort ? 0 : 1 << (tag - (text ? 0xd9 : 0xc4));
  const from = at + 1 + width;
  const length = isShort ? tag & 0x1f : uint(bytes, at + 1, width);
  const end = Math.min(bytes.length, from + length);
  const content = bytes.slice(from, end);
  return {
    pack: { form: text || isShort ? "text" : "bytes", content, width: 0 },
    end: Math.max(end, at + 1),
  };
}

function uint(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}

function written(pack: Pack): Uint8Array {
  if (pack.form === "raw") return pack.bytes;
  if (pack.form === "array") {
    const { items } = pack;
    const head =
      items.length < 16 && pack.width === 0
        ? Uint8Array.of(0x90 | items.length)
        : Uint8Array.of(0xdc, items.length >>> 8, items.length & 0xff);
    return concat(head, ...items.map(written));
  }
  const { content } = pack;
  const shortest =
    pack.form === "text" && content.length < 32
      ? 0
      : content.length < 256
        ? 1
        : content.length < 65_536
          ? 2
          : 4;
  const width = Math.max(shortest, pack.width);
  if (width === 0) return concat(Uint8Array.of(0xa0 | content.length), content);
  const first = pack.form === "text" ? 0xd9 : 0xc4;
  const tag = first + (width === 4 ? 2 : width - 1);
  return concat(Uint8Array.of(tag), u32be(content.length).subarray(4 - width), content);
}

/** Walks down to one place, each item as likely as the others, and changes it. */
function changedSomewhere(chance: Chance, pack: Pack, other: Uint8Array): Pack {
  if (pack.form === "array" && pack.items.length > 0 && chance.hits(pack.items.length < 5 ? 700 : 850)) {
    const at = chance.below(pack.items.length);
    const items = pack.items.map((item, i) => (i === at ? changedSomewhere(chance, item, other) : item));
    return { ...pack, items };
  }
  // A payload is MessagePack within a byte string: most of what matters stands there.
  if (pack.form === "bytes" && isArrayTag(pack.content[0]) && chance.hits(900)) {
    const inner = parse(pack.content, 0, 1);
    const changed = written(changedSomewhere(chance, inner.pack, other));
    return { ...pack, content: concat(changed, pack.content.subarray(inner.end)) };
  }
  return chance.pick(CHANGES)(chance, pack, other);
}

function isArrayTag(tag: number | undefined): boolean {
  return tag !== undefined && ((tag >= 0x90 && tag < 0xa0) || tag === 0xdc);
}

type Change = (chance: Chance, pack: Pack, other: Uint8Array) => Pack;

const LENGTHS: readonly [number, ...number[]] = [0, 1, 15, 16, 17, 31, 32, 33, 64, 65, 96, 97, 255, 256, 300];

const integerInAnyForm: Change = (chance) => ({ form: "raw", bytes: integer(chance) });

const NIL: Pack = { form: "raw", bytes: Uint8Array.of(0xc0) };

const MOVES: readonly [bigint, ...bigint[]] = [-1n, 1n, -1_000n, 1_000n, 1_000_000n, -1_000_000n, 1n << 40n];

/** In its shortest form, so that what reads behind the codec sees it: near what stood there, or at an edge. */
const integerMoved: Change = (chance, pack) => {
  const known = pack.form === "raw" ? integerOf(pack.bytes) : null;
  const value =
    known === null || chance.hits(300)
      ? BigInt(chance.pick(LENGTHS)) * (chance.hits(200) ? -1n : 1n)
      : chance.hits(200)
        ? -known
        : known + chance.pick(MOVES);
  const isIn = value >= INTEGER_MIN && value <= INTEGER_MAX;
  return { form: "raw", bytes: encode(isIn ? value : 0n) };
};

function integerOf(bytes: Uint8Array): bigint | null {
  const tag = bytes[0] ?? 0xc0;
  if (tag < 0x80) return BigInt(tag);
  if (tag >= 0xe0) return BigInt(tag) - 0x100n;
  if (tag < 0xcc || tag > 0xd3) return null;
  let value = 0n;
  for (const byte of bytes.subarray(1)) value = (value << 8n) | BigInt(byte);
  return tag < 0xd0 ? value : BigInt.asIntN(8 * (bytes.length - 1), value);
}

const nested: Change = (chance, pack) => {
  let out = pack;
  for (let i = chance.between(1, 9); i > 0; i--) out = { form: "array", items: [out], width: 0 };
  return out;
};

const retagged: Change = (chance, pack) => {
  if (pack.form === "bytes") return { ...pack, form: "text" };
  if (pack.form === "text") return { ...pack, form: "bytes" };
  const tag = chance.pick([0xc0, 0xc2, 0xc3, 0xca, 0xcb, 0xc1, 0xc7, 0xd4, 0xde, 0x80, 0xdd]);
  const bytes = written(pack).slice();
  bytes[0] = tag;
  return { form: "raw", bytes };
};

const widened: Change = (chance, pack) =>
  pack.form === "raw" ? { form: "raw", bytes: integer(chance) } : { ...pack, width: chance.pick([1, 2, 4]) };

const resized: Change = (chance, pack) => {
  const length = chance.pick(LENGTHS);
  if (pack.form === "raw") return { form: "bytes", content: chance.bytes(length), width: 0 };
  if (pack.form === "array") {
    const items = Array.from(
      { length: Math.min(length, 70) },
      (_, i) => pack.items[i % pack.items.length] ?? NIL,
    );
    return { ...pack, items };
  }
  const content = new Uint8Array(length).fill(0x61);
  content.set(pack.content.subarray(0, length));
  return { ...pack, content };
};

const itemsMoved: Change = (chance, pack) => {
  if (pack.form !== "array" || pack.items.length === 0) return NIL;
  const items = [...pack.items];
  const at = chance.below(items.length);
  const item = items[at] ?? NIL;
  if (chance.hits(330)) items.splice(at, 1);
  else items.splice(chance.below(items.length + 1), 0, item);
  return { ...pack, items };
};

const contentChanged: Change = (chance, pack) => {
  if (pack.form === "raw" || pack.form === "array") return { form: "raw", bytes: integer(chance) };
  return { ...pack, content: chance.pick(plainMutators)(chance, pack.content, pack.content) };
};

/** Overlong, lone surrogate, beyond Unicode, cut off, and forms of more bytes that are well formed. */
const TEXTS: readonly [readonly number[], ...(readonly number[])[]] = [
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x93, 0xa1],
  [0],
];

const textOfBytes: Change = (chance) => ({
  form: "text",
  content: Uint8Array.from(chance.pick(TEXTS)),
  width: 0,
});

/** The words that fields choose from, whatever the kind. */
const WORDS: readonly string[] = [
  ...new Set(["", ...Object.keys(kinds), ...Object.values(kinds).flatMap(({ body }) => wordsOf(body.spec))]),
];

function wordsOf(spec: FieldSpec): readonly string[] {
  if (spec.type === "choice") return spec.of;
  if (spec.type === "struct") return spec.fields.flatMap(([, field]) => wordsOf(field));
  return "of" in spec ? wordsOf(spec.of as FieldSpec) : [];
}

const word: Change = (chance) => {
  const text = WORDS[chance.below(WORDS.length)] ?? "";
  return { form: "text", content: new Uint8Array(Buffer.from(text)), width: 0 };
};

const fromOther: Change = (chance, pack, other) => {
  let found = parse(other, 0, 1).pack;
  for (let i = chance.below(6); i > 0; i--) {
    if (found.form === "bytes" && isArrayTag(found.content[0])) found = parse(found.content, 0, 1).pack;
    else if (found.form === "array" && found.items.length > 0)
      found = found.items[chance.below(found.items.length)] ?? pack;
  }
  return found;
};

const CHANGES: readonly [Change, ...Change[]] = [
  integerInAnyForm,
  integerMoved,
  integerMoved,
  integerMoved,
  () => NIL,
  nested,
  retagged,
  widened,
  resized,
  itemsMoved,
  contentChanged,
  contentChanged,
  textOfBytes,
  word,
  fromOther,
  fromOther,
];

const TAGS: readonly [readonly [number, number], ...(readonly [number, number])[]] = [
  [0xcc, 1],
  [0xcd, 2],
  [0xce, 4],
  [0xcf, 8],
  [0xd0, 1],
  [0xd1, 2],
  [0xd2, 4],
  [0xd3, 8],
];

/** Any integer in any of its forms, the shortest or not; most of them at the ends of a form. */
function integer(chance: Chance): Uint8Array {
  if (chance.hits(300))
    return Uint8Array.of(chance.hits(500) ? chance.below(0x80) : chance.between(0xe0, 0xff));
  const [tag, width] = chance.pick(TAGS);
  const value = chance.hits(300)
    ? chance.bytes(width)
    : new Uint8Array(width).fill(chance.pick([0, 0, 0xff]));
  if (chance.hits(600)) value[width - 1] = chance.below(256);
  if (chance.hits(300)) value[0] = chance.pick([0, 0x7f, 0x80, 0xff]);
  if (width === 8 && chance.hits(400)) value[chance.below(3)] = chance.pick([0, 0x1f, 0x20, 0xe0, 0xdf]);
  return concat(Uint8Array.of(tag), value);
}
