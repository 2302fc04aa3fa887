/** A check with what was measured and what is required, as it stands in artifacts and rejections. */
import { assert } from "../base/assert.ts";
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import { type Field, identifier, integer, isPrintable, list, struct, text } from "./field.ts";

type Entry = { readonly name: string; readonly value: number | string };

const number: Field<number> = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const words: Field<string> = text(200);

const scalar: Field<number | string> = {
  spec: words.spec,
  read(value, path, out) {
    return typeof value === "string" ? words.read(value, path, out) : number.read(value, path, out);
  },
  write(value, out) {
    if (typeof value === "string") words.write(value, out);
    else number.write(value, out);
  },
  json: (value) => value,
};

const ENTRIES_MAX = 16;
const entryName: Field<string> = identifier(40);
const entries: Field<readonly Entry[]> = list(
  struct<Entry>({ name: entryName, value: scalar }),
  0,
  ENTRIES_MAX,
);

/** Named measurements, sorted by name so that their bytes are one. Booleans are the words "true" and "false". */
export const measure: Field<Measure> = {
  spec: entries.spec,
  read(value, path, out) {
    const read = entries.read(value, path, out);
    if (read === undefined) return undefined;
    const inOrder = read.every((entry, i) => i === 0 || (read[i - 1] as Entry).name < entry.name);
    if (!inOrder) {
      out.push(rejection("finding-order", path, {}, { order: "sorted by name, none twice" }));
      return undefined;
    }
    return Object.fromEntries(read.map(({ name, value: each }) => [name, each]));
  },
  write(value, out) {
    const names = Object.keys(value);
    assert(names.length <= ENTRIES_MAX, "a measure names few things");
    sort(names);
    out.array(names.length);
    for (const name of names) {
      out.array(2);
      entryName.write(name, out);
      scalar.write(plain(value[name]), out);
    }
  },
  json: (value) => value,
};

/** In place, by insertion: a measure names few things, nearly in order, and there are hundreds in an artifact. */
function sort(names: string[]): void {
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string;
    let at = i;
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string;
    names[at] = name;
  }
}

const TEXT_UNITS_MAX = 200;

/** At most 200 UTF-16 units of whole characters: what was measured may be a peer's text, cut anywhere. */
function clipped(value: string): string {
  // What our own checks measure, as good as always.
  if (value.length <= TEXT_UNITS_MAX && isPrintable(value)) return value;
  let kept = "";
  for (const character of value) {
    if (kept.length + character.length > TEXT_UNITS_MAX) break;
    kept += LONE_SURROGATE.test(character) ? "?" : character;
  }
  return kept;
}

const LONE_SURROGATE = /^[\ud800-\udfff]$/;

function plain(value: Measure[string] | undefined): number | string {
  return typeof value === "number" ? value : clipped(String(value));
}

export const finding: Field<Rejection> = struct<Rejection>({
  code: identifier(64),
  field: text(100),
  measured: measure,
  required: measure,
});
