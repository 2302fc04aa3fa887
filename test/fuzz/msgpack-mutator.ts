/**
 * Changes that know MessagePack: other tags, deeper nesting, integers and lengths in longer forms. One place is changed; what
 * stands around it stays byte for byte, so that an input costs little more than its own length.
 */
import type { FieldSpec } from "../../src/core/record/field.ts";
import { kinds } from "../../src/core/record/kinds.ts";
import { encode } from "../../src/core/wire/encode.ts";
import { INTEGER_MAX, INTEGER_MIN } from "../../src/core/wire/value.ts";
import type { Chance } from "../../src/sim/chance.ts";
import { headOf, innerArray, isArrayTag, itemsOf, type Pack, parse, skip, written } from "./msgpack-forms.ts";
import { type Mutator, plainMutators } from "./mutator.ts";
import { copyOf, joined, replaced, roomFor } from "./room.ts";

/** Walks down to one place, each item as likely as the others, and changes it. */
export const packMutator: Mutator = (chance, input, other) => {
  let at = 0;
  while (isArrayTag(input[at])) {
    const { from, count } = itemsOf(input, at);
    if (count === 0 || from >= input.length || !chance.hits(count < 5 ? 700 : 850)) break;
    at = itemAt(input, from, chance.below(count));
  }
  return replaced(input, at, skip(input, at), changedAt(chance, input, at, other));
};

/** Where the item with this index stands, or the last one that is there. */
function itemAt(bytes: Uint8Array, from: number, index: number): number {
  let at = from;
  for (let i = 0; i < index; i++) {
    const next = skip(bytes, at);
    if (next >= bytes.length) break;
    at = next;
  }
  return at;
}

function changedAt(chance: Chance, input: Uint8Array, at: number, other: Uint8Array): Uint8Array {
  // A payload is MessagePack within a byte string: most of what matters stands there.
  const inner = innerArray(input, at);
  if (inner === null || !chance.hits(900))
    return written(chance.pick(CHANGES)(chance, parse(input, at), other));
  const content = packMutator(chance, inner, other);
  return joined([headOf("bytes", content.length, 0), content]);
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
  for (let i = 1; i < bytes.length; i++) value = (value << 8n) | BigInt(bytes[i] ?? 0);
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
  const bytes = copyOf(written(pack));
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
  const content = roomFor(length).fill(0x61);
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
  let [bytes, at] = [other, 0];
  for (let i = chance.below(6); i > 0; i--) {
    const inner = innerArray(bytes, at);
    if (inner !== null) [bytes, at] = [inner, 0];
    else if (isArrayTag(bytes[at])) {
      const { from, count } = itemsOf(bytes, at);
      if (count === 0 || from >= bytes.length) return pack;
      at = itemAt(bytes, from, chance.below(count));
    }
  }
  return parse(bytes, at);
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
  const value = chance.hits(300) ? chance.bytes(width) : roomFor(width).fill(chance.pick([0, 0, 0xff]));
  if (chance.hits(600)) value[width - 1] = chance.below(256);
  if (chance.hits(300)) value[0] = chance.pick([0, 0x7f, 0x80, 0xff]);
  if (width === 8 && chance.hits(400)) value[chance.below(3)] = chance.pick([0, 0x1f, 0x20, 0xe0, 0xdf]);
  return joined([Uint8Array.of(tag), value]);
}
