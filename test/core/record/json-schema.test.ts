import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rejection } from "../../../src/core/base/rejection.ts";
import type { Field } from "../../../src/core/record/field.ts";
import { amount, flag, integer, list, nilable, text } from "../../../src/core/record/field.ts";
import { header } from "../../../src/core/record/header.ts";
import { fieldJsonSchema, type JsonSchema, kindJsonSchema } from "../../../src/core/record/json-schema.ts";
import { kindNames, kinds } from "../../../src/core/record/kinds.ts";
import { violations } from "./draft-seven.ts";
import { soundValue } from "./spec-values.ts";

const RUNS = 40;

describe("the JSON Schema of a kind", () => {
  test.each(kindNames)("accepts the JSON view of every %s", (name) => {
    const { body: field, mayBeNil } = kinds[name];
    const body = field as Field<unknown>;
    const schema = kindJsonSchema(name);
    fc.assert(
      fc.property(soundValue(header.spec), soundValue(body.spec), (head, value) => {
        const readHead = read(header, head);
        const view = { kind: name, header: header.json(readHead), body: body.json(read(body, value)) };
        const nil = Object.entries(readHead).filter(
          ([field, each]) => each === null && !mayBeNil.includes(field as never),
        );
        const found = violations(schema, JSON.parse(JSON.stringify(view)));
        // A header field that this kind may not leave nil is refused when it is, and nothing else is.
        expect(found.length > 0).toBe(nil.length > 0);
        for (const reason of found)
          expect(nil.some(([field]) => reason.startsWith(`.header.${field}`))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  test.each(kindNames)("names every field of %s, and refuses one more and one less", (name) => {
    const schema = kindJsonSchema(name);
    const { body } = schema.properties as Readonly<Record<string, JsonSchema>>;
    const { spec } = kinds[name].body;
    const fields = spec.type === "struct" ? spec.fields.map(([field]) => field) : [];
    expect(fields.length).toBeGreaterThan(0);
    expect(Object.keys(body?.properties ?? {})).toEqual(fields);
    expect(violations(schema, { kind: name, header: {}, body: {} })).toEqual(
      expect.arrayContaining(fields.map((field) => `.body.${field} is missing`)),
    );
    expect(violations(schema, { kind: name, header: {}, body: { extra: 1 } })).toContain(
      ".body.extra is not known",
    );
    expect(violations(schema, { kind: `${name}s`, header: {}, body: {} })).toContain(
      ".kind is no word of it",
    );
  });

  test("says the units of fields, by the endings of their names", () => {
    const offer = JSON.stringify(kindJsonSchema("offer"));
    expect(offer).toContain(
      '"lowerHz":{"type":"integer","minimum":0,"maximum":3000000000000,"description":"Hz"}',
    );
    expect(offer).toContain(
      '"latE7":{"type":"integer","minimum":-900000000,"maximum":900000000,"description":"1e-7 degree"}',
    );
    expect(offer).toContain(
      '"description":"millionths of the currency\'s unit; decimal, 0 to 9223372036854775807"',
    );
  });

  test.each([
    ["a value one above the range", integer(0, 5), 6],
    ["a value one below the range", integer(0, 5), -1],
    ["a fraction", integer(0, 5), 1.5],
    ["a number where a flag stands", flag, 1],
    ["a number where an amount stands", amount(0n, 9n), 5],
    ["an amount with a point", amount(0n, 9n), "1.5"],
    ["one item too many", list(integer(0, 1), 0, 1), [0, 1]],
    ["one item too few", list(integer(0, 1), 1, 2), []],
    ["a wrong item", list(integer(0, 1), 0, 2), [0, 2]],
    ["a text that is too long", text(3), "abcd"],
    ["a word where nil or a number stands", nilable(integer(0, 1)), "nil"],
  ] as const)("refuses %s", (_, field, value) => {
    expect(violations(fieldJsonSchema(field.spec), value)).not.toEqual([]);
  });
});

function read<T>(field: Field<T>, value: Parameters<Field<T>["read"]>[0]): T {
  const out: Rejection[] = [];
  const result = field.read(value, "", out);
  if (result === undefined) throw new Error(`a random value does not read: ${JSON.stringify(out)}`);
  return result;
}
