/** The smallest pieces of a schema: one value of a file, read into one typed value or into one complaint. */
import * as z from "zod";
import { type Complaint, complaint, didYouMean } from "./profile-error.ts";

/** A piece of a schema that takes anything and gives a `T`. */
export type Piece<T> = z.ZodType<T, unknown>;

export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly told: Complaint };

/** What the JSON Schema for editors says of a leaf. */
export type LeafForm = {
  readonly type: "string" | "integer" | "boolean";
  readonly description?: string;
  readonly $comment?: string;
  readonly pattern?: string;
  readonly examples?: readonly string[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

export function read<T>(value: T): Reading<T> {
  return { ok: true, value };
}

export function refuse<T>(told: Complaint): Reading<T> {
  return { ok: false, told };
}

/** `allowed` says what the leaf takes, for a value that is absent or of another type. */
export function leaf<T>(form: LeafForm, allowed: string, reader: (value: unknown) => Reading<T>): Piece<T> {
  return z
    .unknown()
    .meta(form as Record<string, unknown>)
    .transform((value, context) => {
      const reading =
        value === undefined || value === null ? refuse<T>(complaint("field-absent", allowed)) : reader(value);
      if (reading.ok) return reading.value;
      complain(context, [], reading.told);
      return z.NEVER;
    });
}

/** The part of zod's context that a transform needs to complain of a key. */
export type Complaining = Pick<z.core.$RefinementCtx, "addIssue">;

/** Says of the value at `path`, below the piece that is being read, what is wrong with it. */
export function complain(context: Complaining, path: readonly (string | number)[], told: Complaint): void {
  context.addIssue({ code: "custom", message: told.allowed, path: [...path], params: { ...told } });
}

/** A text leaf: `reader` gets texts only. */
export function textLeaf<T>(
  form: Omit<LeafForm, "type">,
  allowed: string,
  reader: (text: string) => Reading<T>,
): Piece<T> {
  return leaf({ type: "string", ...form }, allowed, (value) =>
    typeof value === "string"
      ? reader(value)
      : refuse(complaint("field-type", allowed, "put a text that looks like something else in quotes")),
  );
}

/** Names of things: identifiers on the wire, levels of topics. */
const WORD_PATTERN = "^[a-z0-9][a-z0-9_.-]*$";

/** A name of 1..max lower-case letters, digits, `-`, `_` and `.`. */
export function word(max: number, description: string): Piece<string> {
  const allowed = `1 to ${max} of a-z 0-9 - _ . beginning with a letter or digit`;
  return textLeaf({ description, pattern: WORD_PATTERN }, allowed, (text) =>
    new RegExp(WORD_PATTERN).test(text) && text.length <= max
      ? read(text)
      : refuse(complaint("field-form", allowed)),
  );
}

/** 1..max visible ASCII characters: identifiers that other registers gave out. */
export function token(max: number, description: string): Piece<string> {
  const allowed = `1 to ${max} visible ASCII characters without spaces`;
  return textLeaf({ description, pattern: "^[!-~]+$" }, allowed, (text) =>
    /^[!-~]+$/.test(text) && text.length <= max ? read(text) : refuse(complaint("field-form", allowed)),
  );
}

/** 1..max printable ASCII characters, none of them a space at either end. */
export function printableText(max: number, description: string): Piece<string> {
  const allowed = `1 to ${max} printable ASCII characters`;
  return textLeaf({ description, pattern: "^[ -~]+$" }, allowed, (text) =>
    /^[ -~]+$/.test(text) && text.trim() === text && text.length <= max
      ? read(text)
      : refuse(complaint("field-form", allowed)),
  );
}

/** 1..max characters of any language, line ends allowed. */
export function freeText(max: number, description: string): Piece<string> {
  const allowed = `1 to ${max} characters of text`;
  return textLeaf({ description }, allowed, (text) =>
    text.length >= 1 && text.length <= max && !/\p{Surrogate}/u.test(text)
      ? read(text)
      : refuse(complaint("field-range", allowed)),
  );
}

/** One of a closed set of words. */
export function choice<const T extends string>(words: readonly T[], description: string): Piece<T> {
  const allowed = words.join(" | ");
  return textLeaf({ description, enum: words }, allowed, (text) => {
    const found = words.find((each) => each === text);
    return found === undefined
      ? refuse(complaint("field-choice", allowed, didYouMean(text, words)))
      : read(found);
  });
}

/** `true` or `false`. */
export function flag(description: string): Piece<boolean> {
  return leaf({ type: "boolean", description }, "true | false", (value) =>
    typeof value === "boolean" ? read(value) : refuse(complaint("field-type", "true | false")),
  );
}

/** A count: the only numbers that stand without a unit. */
export function count(min: number, max: number, description: string): Piece<number> {
  const allowed = `a whole number from ${min} to ${max}`;
  return leaf({ type: "integer", description, minimum: min, maximum: max }, allowed, (value) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value))
      return refuse(complaint("field-type", allowed));
    return value >= min && value <= max ? read(value) : refuse(complaint("field-range", allowed));
  });
}

/** A map of exactly these keys; `allowed` keys travel to the error in zod's message. */
export function map<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  description?: string,
): z.ZodObject<Shape, z.core.$strict> {
  const keys = Object.keys(shape).join(" | ");
  const piece = z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? keys : undefined),
  });
  return description === undefined ? piece : piece.meta({ description });
}

/** A list of min..max entries. */
export function list<Item extends z.core.$ZodType>(
  item: Item,
  min: number,
  max: number,
  description?: string,
): z.ZodArray<Item> {
  const piece = z.array(item).min(min).max(max);
  return description === undefined ? piece : piece.meta({ description });
}

/** The index of the first entry that stands before in the list, by `keyOf`, or -1. */
export function firstTwice<T>(entries: readonly T[], keyOf: (entry: T) => string): number {
  const seen = new Set<string>();
  return entries.findIndex((entry) => {
    const key = keyOf(entry);
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}
