/** A check with what was measured and what is required, as it stands in artifacts and rejections. */
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

const entries: Field<readonly Entry[]> = list(struct<Entry>({ name: identifier(40), value: scalar }), 0, 16);

/** Named measurements, sorted by name so that their bytes are one. Booleans are the words "true" and "false". */
export const measure: Field<Measure> = {
  spec: entries.spec,
  read(value, path, out) {
    const read = entries.read(value, path, out);
    if (read === undefined) return undefined;
    const sorted = read.every((entry, i) => i === 0 || (read[i - 1] as Entry).name < entry.name);
    if (!sorted) {
      out.push(rejection("field-order", path, {}, { order: "sorted by name, none twice" }));
      return undefined;
    }
    return Object.fromEntries(read.map(({ name, value: each }) => [name, each]));
  },
  write: (value) => entries.write(sortedEntries(value)),
  json: (value) => value,
};

const TEXT_UNITS_MAX = 200;

/** At most 200 UTF-16 units of whole characters: what was measured may be a peer's text, cut anywhere. */
function clipped(value: string): string {
  let kept = "";
  for (const character of value) {
    if (kept.length + character.length > TEXT_UNITS_MAX) break;
    kept += LONE_SURROGATE.test(character) ? "?" : character;
  }
  return kept;
}

const LONE_SURROGATE = /^[\ud800-\udfff]$/;

function sortedEntries(value: Measure): Entry[] {
  return Object.keys(value)
    .sort()
    .map((name) => {
      const each = value[name];
      return { name, value: typeof each === "number" ? each : clipped(String(each)) };
    });
}

export const finding: Field<Rejection> = struct<Rejection>({
  code: identifier(64),
  field: text(100),
  measured: measure,
  required: measure,
});
