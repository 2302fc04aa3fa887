/** Random bodies of a kind, from its field table alone: every one reads, writes and has a JSON view. */
import * as fc from "fast-check";
import { type FieldSpec, flag } from "../../../src/core/record/field.ts";
import { measure } from "../../../src/core/record/finding-field.ts";
import type { Value } from "../../../src/core/wire/value.ts";

/** Lists are kept this short, so that all kinds together stay quick; their least length still holds. */
const ITEMS_MAX = 3;
const BYTES_MAX = 80;

/** A value as it stands on the wire, before `Field.read`. */
export function wireValue(spec: FieldSpec): fc.Arbitrary<Value> {
  if (spec === measure.spec) return measured;
  if (spec === flag.spec) return fc.constantFrom(0, 1);
  switch (spec.type) {
    case "integer":
      return fc.integer({ min: spec.min, max: spec.max });
    case "amount":
      return fc.bigInt({ min: spec.min, max: spec.max });
    case "bytes":
      return fc.uint8Array({
        minLength: spec.min,
        maxLength: Math.min(spec.max, Math.max(spec.min, BYTES_MAX)),
      });
    case "identifier":
      return printable(1, spec.max);
    case "text":
      return fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => text.length <= spec.max);
    case "choice":
      return fc.constantFrom(...spec.of);
    case "list":
      return fc.array(wireValue(spec.of), {
        minLength: spec.min,
        maxLength: Math.min(spec.max, Math.max(spec.min, ITEMS_MAX)),
      });
    case "struct":
      return fc.tuple(...spec.fields.map(([, field]) => wireValue(field)));
    case "nilable":
      return fc.oneof(fc.constant(null), wireValue(spec.of));
    case "sealable":
      return fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), wireValue(spec.of));
  }
}

function printable(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: "grapheme-ascii", minLength, maxLength });
}

/** Sorted by name, none twice: what a measure asks for beyond its table. */
const measured: fc.Arbitrary<Value> = fc
  .uniqueArray(fc.tuple(printable(1, 40), fc.oneof(fc.maxSafeInteger(), printable(1, 30))), {
    maxLength: ITEMS_MAX,
    selector: ([name]) => name,
  })
  .map((entries) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
