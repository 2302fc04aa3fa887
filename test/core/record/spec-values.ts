/** Values on the wire for a field, from nothing but its descriptor: sound ones, and each way in which one can be bad. */
import fc from "fast-check";
import type { FieldSpec } from "../../../src/core/record/field.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { anyText, asRead } from "../wire/random-value.ts";

/** The list of {name, value} that stands for a measure: sorted by name. */
export function isMeasure(spec: FieldSpec): boolean {
  return (
    spec.type === "list" &&
    spec.of.type === "struct" &&
    spec.of.fields.map(([name]) => name).join() === "name,value"
  );
}

export function soundValue(spec: FieldSpec): fc.Arbitrary<Value> {
  switch (spec.type) {
    case "integer":
      return fc.oneof(
        fc.constantFrom(spec.min, spec.max),
        fc.integer({ min: 0, max: 2 ** 31 }).map((by) => Math.min(spec.max, spec.min + by)),
      );
    case "amount":
      return fc.bigInt(spec.min, spec.max).map(asRead);
    case "bytes":
      return fc
        .tuple(fc.integer({ min: spec.min, max: Math.min(spec.max, spec.min + 40) }), fc.nat(255))
        .map(([length, fill]) => new Uint8Array(length).fill(fill));
    case "identifier":
      return fc.stringMatching(/^[ -~]{1,8}$/);
    case "text":
      return anyText.filter((text) => text.length <= spec.max);
    case "choice":
      return fc.constantFrom(...spec.of);
    case "list":
      return soundList(spec);
    case "struct":
      return fc.tuple(...spec.fields.map(([, of]) => soundValue(of)));
    case "nilable":
      return fc.option(soundValue(spec.of));
    case "sealable":
      return fc.oneof(soundValue(spec.of), fc.uint8Array({ minLength: 32, maxLength: 32 }));
  }
}

function soundList(spec: FieldSpec & { readonly type: "list" }): fc.Arbitrary<Value> {
  const most = Math.min(spec.max, spec.min + 2);
  if (!isMeasure(spec)) return fc.array(soundValue(spec.of), { minLength: spec.min, maxLength: most });
  const entry = fc.tuple(fc.stringMatching(/^[ -~]{1,40}$/), fc.oneof(fc.maxSafeInteger(), anyText));
  return fc
    .uniqueArray(entry, { maxLength: most, selector: ([name]) => name })
    .map((entries) => entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One sound value: the least of everything, lists with one item where they may have one. */
export function plainValue(spec: FieldSpec): Value {
  switch (spec.type) {
    case "integer":
      return spec.min;
    case "amount":
      return asRead(spec.min);
    case "bytes":
      return new Uint8Array(spec.min);
    case "identifier":
    case "text":
      return "a";
    case "choice":
      return spec.of[0] ?? "";
    case "list":
      return new Array<Value>(Math.max(1, spec.min)).fill(plainValue(spec.of));
    case "struct":
      return spec.fields.map(([, of]) => plainValue(of));
    case "nilable":
    case "sealable":
      return plainValue(spec.of);
  }
}

/** A field of a kind, reached through structs, first items of lists, nilables and sealables. */
export type Place = {
  /** Dotted, as a Rejection names it. */
  readonly name: string;
  /** Where it stands among the arrays on the wire. */
  readonly path: readonly number[];
  readonly spec: FieldSpec;
  readonly mayBeNil: boolean;
};

export function placesOf(
  spec: FieldSpec,
  name: string,
  path: readonly number[],
  mayBeNil = false,
): readonly Place[] {
  const own: Place = { name, path, spec, mayBeNil };
  switch (spec.type) {
    case "nilable":
      return placesOf(spec.of, name, path, true);
    case "sealable":
      return [own, ...placesOf(spec.of, name, path, mayBeNil).slice(1)];
    case "struct":
      return [
        own,
        ...spec.fields.flatMap(([field, of], i) => placesOf(of, `${name}.${field}`, [...path, i])),
      ];
    case "list":
      return [own, ...placesOf(spec.of, `${name}[0]`, [...path, 0])];
    default:
      return [own];
  }
}

/** A bad value, and the finding that it has to lead to. */
export type Fault = {
  readonly what: string;
  readonly value: Value;
  readonly code: string;
  readonly measured: Readonly<Record<string, unknown>>;
  readonly required: Readonly<Record<string, unknown>>;
};

export function faultsOf({ spec, mayBeNil }: Place): readonly Fault[] {
  const form = formOf(spec);
  const faults = [...wrongTypes(spec, form), ...outOfRange(spec)];
  if (mayBeNil) return faults;
  const absent: Fault = {
    what: "absent",
    value: null,
    code: "field-absent",
    measured: { found: "nil" },
    required: { type: form },
  };
  return [absent, ...faults];
}

/** The word by which a Rejection says what had to stand there. */
function formOf(spec: FieldSpec): string {
  if (spec.type === "amount") return "integer";
  if (spec.type === "choice") return "identifier";
  return spec.type === "sealable" ? formOf(spec.of) : spec.type;
}

function wrongTypes(spec: FieldSpec, form: string): readonly Fault[] {
  const samples: readonly (readonly [string, Value])[] = [
    ["number", 1],
    ["string", "one"],
    ["bytes", Uint8Array.of(1)],
    ["array", []],
  ];
  const own = {
    integer: "number",
    amount: "number",
    bytes: "bytes",
    list: "array",
    struct: "array",
  } as const;
  const right = spec.type === "sealable" ? "array" : (own[spec.type as keyof typeof own] ?? "string");
  return samples
    .filter(([found]) => found !== right && !(found === "bytes" && spec.type === "sealable"))
    .map(([found, value]) => ({
      what: `a ${found}`,
      value,
      code: "field-type",
      measured: { found },
      required: { type: form },
    }));
}

function outOfRange(spec: FieldSpec): readonly Fault[] {
  const fault = (
    what: string,
    value: Value,
    measured: Fault["measured"],
    required: Fault["required"],
  ): Fault => ({
    what,
    value,
    code: "field-range",
    measured,
    required,
  });
  switch (spec.type) {
    case "integer":
      return [BigInt(spec.min) - 1n, BigInt(spec.max) + 1n].map((wide) => {
        const value = asRead(wide);
        const shown = typeof value === "bigint" ? value.toString() : value;
        return fault(`${wide}`, value, { value: shown }, { min: spec.min, max: spec.max });
      });
    case "amount":
      return [spec.min - 1n, spec.max + 1n].map((wide) => {
        const required = { min: spec.min.toString(), max: spec.max.toString() };
        return fault(`${wide}`, asRead(wide), { value: wide.toString() }, required);
      });
    case "bytes":
      return [spec.min - 1, spec.max + 1]
        .filter((length) => length >= 0)
        .map((bytes) =>
          fault(
            `${bytes} bytes`,
            new Uint8Array(bytes),
            { bytes },
            { bytesMin: spec.min, bytesMax: spec.max },
          ),
        );
    case "sealable":
      return [31, 33].map((bytes) =>
        fault(`${bytes} bytes`, new Uint8Array(bytes), { bytes }, { bytesMin: 32, bytesMax: 32 }),
      );
    case "identifier":
    case "text":
      return textFaults(spec).map((value) =>
        fault(
          JSON.stringify(value),
          value,
          { length: value.length },
          { type: spec.type, lengthMax: spec.max },
        ),
      );
    case "choice":
      return [fault("another word", "other", { value: "other" }, { oneOf: spec.of.join(" ") })];
    case "list":
      return [spec.min - 1, spec.max + 1]
        .filter((items) => items >= 0)
        .map((items) => {
          const value = new Array<Value>(items).fill(plainValue(spec.of));
          return fault(`${items} items`, value, { items }, { itemsMin: spec.min, itemsMax: spec.max });
        });
    case "struct":
      return countFaults(spec);
    case "nilable":
      return [];
  }
}

function textFaults(spec: { readonly type: "identifier" | "text"; readonly max: number }): readonly string[] {
  const long = "x".repeat(spec.max + 1);
  return spec.type === "text" ? [long] : [long, "", "a\u007f", "a\u001f", "é"];
}

function countFaults(spec: FieldSpec & { readonly type: "struct" }): readonly Fault[] {
  const whole = plainValue(spec) as readonly Value[];
  return [[...whole, 0], whole.slice(1)].map((value) => ({
    what: `${value.length} of ${whole.length} fields`,
    value,
    code: "field-count",
    measured: { fields: value.length },
    required: { fields: whole.length },
  }));
}
