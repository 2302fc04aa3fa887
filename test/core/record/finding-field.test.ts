import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Measure, Rejection } from "../../../src/core/base/rejection.ts";
import { choice } from "../../../src/core/record/field.ts";
import { finding, measure } from "../../../src/core/record/finding-field.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { wireValue } from "../../support/wire-value.ts";
import { anyText } from "../wire/random-value.ts";

function read(value: Value): {
  readonly found: Measure | undefined;
  readonly rejections: readonly Rejection[];
} {
  const rejections: Rejection[] = [];
  return { found: measure.read(value, "measured", rejections), rejections };
}

describe("a measure on the wire", () => {
  test("is sorted by name, so that equal measures have equal bytes", () => {
    const one = wireValue(measure, { skewUs: 5, distanceMm: -7, why: "text" });
    const other = wireValue(measure, { why: "text", distanceMm: -7, skewUs: 5 });
    expect(one).toEqual([
      ["distanceMm", -7],
      ["skewUs", 5],
      ["why", "text"],
    ]);
    expect(encode(other)).toEqual(encode(one));
  });

  test("reads back to what was written, whatever the names and values", () => {
    const name = fc.oneof(
      fc.stringMatching(/^[ -~]{1,40}$/),
      fc.constantFrom("__proto__", "constructor", "10", "9"),
    );
    const values = fc.oneof(fc.maxSafeInteger(), anyText);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, values), { maxLength: 16, selector: ([key]) => key }),
        (entries) => {
          const written = wireValue(measure, Object.fromEntries(entries));
          const { found, rejections } = read(written);
          expect(rejections).toEqual([]);
          expect(wireValue(measure, found as Measure)).toEqual(written);
          expect(Object.keys(measure.json(found as Measure) as object)).toHaveLength(entries.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("writes yes and no as words", () => {
    expect(wireValue(measure, { restricted: true, signs: false })).toEqual([
      ["restricted", "true"],
      ["signs", "false"],
    ]);
  });

  test("cuts long text to what it may hold", () => {
    expect(wireValue(measure, { classes: "x".repeat(500) })).toEqual([["classes", "x".repeat(200)]]);
  });

  test.each<[string, Value]>([
    [
      "out of order",
      [
        ["b", 1],
        ["a", 2],
      ],
    ],
    [
      "twice the same",
      [
        ["a", 1],
        ["a", 1],
      ],
    ],
    [
      "in capitals after small letters",
      [
        ["a", 1],
        ["B", 2],
      ],
    ],
  ])("is refused with names %s", (_, value) => {
    expect(read(value)).toEqual({
      found: undefined,
      rejections: [
        {
          code: "finding-order",
          field: "measured",
          measured: {},
          required: { order: "sorted by name, none twice" },
        },
      ],
    });
  });

  test.each<[string, Value, string, string]>([
    ["17 entries", Array.from({ length: 17 }, (_, i) => [`m${i + 10}`, 1]), "field-range", "measured"],
    ["a name of 41", [["m".repeat(41), 1]], "field-range", "measured[0].name"],
    ["no name", [["", 1]], "field-range", "measured[0].name"],
    ["a value of 201", [["m", "x".repeat(201)]], "field-range", "measured[0].value"],
    ["a value beyond the safe integers", [["m", 2n ** 53n]], "field-range", "measured[0].value"],
    ["a value in bytes", [["m", new Uint8Array(1)]], "field-type", "measured[0].value"],
    ["a value that is nil", [["m", null]], "field-absent", "measured[0].value"],
    ["an entry of three", [["m", 1, 2]], "field-count", "measured[0]"],
  ])("is refused with %s", (_, value, code, field) => {
    expect(read(value)).toMatchObject({ found: undefined, rejections: [{ code, field }] });
  });
});

test("a finding keeps code, field, measured and required", () => {
  const sound: Rejection = {
    code: "outside-temporal-window",
    field: "pair.skew",
    measured: { skewUs: 2_000_001 },
    required: { skewUsMax: 2_000_000 },
  };
  expect(finding.read(wireValue(finding, sound), "finding", [])).toEqual(sound);
  expect(finding.json(sound)).toEqual(sound);
});

describe("a peer's text, cut anywhere", () => {
  test("keeps whole characters up to 200 units", () => {
    const smile = "\u{1f600}";
    expect(wireValue(measure, { value: `${"x".repeat(198)}${smile}` })).toEqual([
      ["value", `${"x".repeat(198)}${smile}`],
    ]);
    expect(wireValue(measure, { value: `${"x".repeat(199)}${smile}` })).toEqual([["value", "x".repeat(199)]]);
  });

  test("has a mark in place of half a surrogate pair, so that it can be encoded", () => {
    expect(wireValue(measure, { value: "a\ud83d" })).toEqual([["value", "a?"]]);
    expect(wireValue(measure, { value: "\ude00b" })).toEqual([["value", "?b"]]);
  });

  test("may be what a refused choice measured", () => {
    const rejections: Rejection[] = [];
    choice("yes").read(`${"x".repeat(39)}\u{1f600}`, "answer", rejections);
    expect(rejections).toHaveLength(1);
    expect(() => encode(wireValue(finding, rejections[0] as Rejection))).not.toThrow();
  });

  test("of any units can be written and read", () => {
    const units = fc.array(fc.oneof(fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.nat(0xffff)), {
      maxLength: 210,
    });
    fc.assert(
      fc.property(units, (codes) => {
        const written = wireValue(measure, { value: String.fromCharCode(...codes) });
        expect(() => encode(written)).not.toThrow();
        expect(read(written).rejections).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
