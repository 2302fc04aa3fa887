/** A checker for the few draft-07 keywords that `json-schema.ts` uses; any other keyword is an error of the test. */
import type { JsonSchema } from "../../../src/core/record/json-schema.ts";

type Judge = (value: unknown, wanted: never, path: string) => readonly string[];

/** Every reason why `value` is not as `schema` says, with its path; none when it is. */
export function violations(schema: JsonSchema, value: unknown, path: string = ""): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, wanted]) => {
    if (keyword === "additionalProperties") return others(schema, value, path);
    const judge = judges[keyword];
    if (judge === undefined) throw new Error(`the checker does not know the keyword ${keyword}`);
    return judge(value, wanted as never, path);
  });
}

const none: Judge = () => [];

const judges: Readonly<Record<string, Judge>> = {
  $schema: none,
  title: none,
  description: none,
  type: (value, wanted: string, path) => unless(typeOf(value, wanted) === wanted, `${path} is no ${wanted}`),
  enum: (value, wanted: readonly unknown[], path) =>
    unless(wanted.includes(value), `${path} is no word of it`),
  minimum: (value, wanted: number, path) => unless(number(value) >= wanted, `${path} is below ${wanted}`),
  maximum: (value, wanted: number, path) => unless(number(value) <= wanted, `${path} is above ${wanted}`),
  pattern: (value, wanted: string, path) =>
    unless(typeof value !== "string" || new RegExp(wanted, "u").test(value), `${path} is not ${wanted}`),
  minLength: (value, wanted: number, path) => unless(length(value) >= wanted, `${path} is too short`),
  maxLength: (value, wanted: number, path) => unless(length(value) <= wanted, `${path} is too long`),
  minItems: (value, wanted: number, path) =>
    unless(items(value).length >= wanted, `${path} has too few items`),
  maxItems: (value, wanted: number, path) =>
    unless(items(value).length <= wanted, `${path} has too many items`),
  items: (value, wanted: JsonSchema, path) =>
    items(value).flatMap((item, i) => violations(wanted, item, `${path}[${i}]`)),
  properties: (value, wanted: Readonly<Record<string, JsonSchema>>, path) =>
    Object.entries(wanted).flatMap(([name, schema]) =>
      isObject(value) && Object.hasOwn(value, name) ? violations(schema, value[name], `${path}.${name}`) : [],
    ),
  required: (value, wanted: readonly string[], path) =>
    wanted
      .filter((name) => isObject(value) && !Object.hasOwn(value, name))
      .map((name) => `${path}.${name} is missing`),
  anyOf: (value, wanted: readonly JsonSchema[], path) =>
    unless(
      wanted.some((schema) => violations(schema, value, path).length === 0),
      `${path} is none of the forms`,
    ),
};

function others(
  { additionalProperties, properties }: JsonSchema,
  value: unknown,
  path: string,
): readonly string[] {
  if (!isObject(value)) return [];
  const names = Object.keys(value).filter(
    (name) => properties === undefined || !Object.hasOwn(properties, name),
  );
  return names.flatMap((name) =>
    typeof additionalProperties === "object"
      ? violations(additionalProperties, value[name], `${path}.${name}`)
      : unless(additionalProperties !== false, `${path}.${name} is not known`),
  );
}

function unless(holds: boolean, reason: string): readonly string[] {
  return holds ? [] : [reason];
}

function typeOf(value: unknown, wanted: string): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return wanted === "integer" && Number.isInteger(value) ? "integer" : typeof value;
}

/** Keywords for numbers say nothing of other values. */
function number(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** In code points, as JSON Schema counts. */
function length(value: unknown): number {
  return typeof value === "string" ? [...value].length : Number.NaN;
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
