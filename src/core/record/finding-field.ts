/** A check with what was measured and what is required, as it stands in artifacts and rejections. */
import { assert } from "../base/assert.ts";
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import type { Value } from "../wire/value.ts";
import { type Field, identifier, integer, list, struct, text } from "./field.ts";

type Entry = { readonly name: string; readonly value: number | string };

const number: Field<number> = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const words: Field<string> = text(200);

const scalar: Field<number | string> = {
  spec: words.spec,
  read(value, path, out) {
    return typeof value === "string" ? words.read(value, path, out) : number.read(value, path, out);
  },
  write(value): Value {
    return typeof value === "string" ? words.write(value) : number.write(value);
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
    const sorted = read.every((entry, i) => i === 0 || (read[i - 1] as Entry).name < entry.name);
    if (!sorted) {
      out.push(rejection("finding-order", path, {}, { order: "sorted by name, none twice" }));
      return undefined;
    }
    return Object.fromEntries(read.map(({ name, value: each }) => [name, each]));
  },
  write(value) {
    const names = Object.keys(value).sort();
    assert(names.length <= ENTRIES_MAX, "a measure names few things");
    return names.map((name) => [entryName.write(name), scalar.write(plain(value[name]))]);
  },
  json: (value) => value,
};

const TEXT_UNITS_MAX = 200;

/** At most 200 UTF-16 units of whole characters: what was measured may be a peer's text, cut anywhere. */
function clipped(value: string): string {
  if (value.length <= TEXT_UNITS_MAX && PLAIN.test(value)) return value;
  let kept = "";
  for (const character of value) {
    if (kept.length + character.length > TEXT_UNITS_MAX) break;
    kept += LONE_SURROGATE.test(character) ? "?" : character;
  }
  return kept;
}

/** What our own checks measure, as good as always. */
const PLAIN = /^[\x20-\x7e]*$/;
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
