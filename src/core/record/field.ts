/** Field descriptors: codec, checks, JSON view and specification of a field come from one value (PROTOCOL §1 Kinds). */
import { assert } from "../base/assert.ts";
import { toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { encoded } from "../wire/encode.ts";
import type { Output } from "../wire/output.ts";
import type { Value } from "../wire/value.ts";

/** What a field is, for JSON Schema, the bad-input tests and the printed specification. */
export type FieldSpec =
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "amount"; readonly min: bigint; readonly max: bigint }
  | { readonly type: "bytes"; readonly min: number; readonly max: number }
  | { readonly type: "identifier"; readonly max: number }
  | { readonly type: "text"; readonly max: number }
  | { readonly type: "choice"; readonly of: readonly string[] }
  | { readonly type: "list"; readonly of: FieldSpec; readonly min: number; readonly max: number }
  | { readonly type: "struct"; readonly fields: readonly (readonly [string, FieldSpec])[] }
  | { readonly type: "nilable"; readonly of: FieldSpec }
  | { readonly type: "sealable"; readonly of: FieldSpec };

export interface Field<T> {
  readonly spec: FieldSpec;
  /** The typed value, or undefined after pushing at least one Rejection that names `path`. */
  read(value: Value | undefined, path: string, out: Rejection[]): T | undefined;
  /** Asserts what `read` would refuse: only our own code writes. */
  write(value: T, out: Output): void;
  json(value: T): unknown;
}

/** The bytes of `value` alone. */
export function fieldBytes<T>(field: Field<T>, value: T): Uint8Array {
  return encoded((out) => field.write(value, out));
}

function wrong(out: Rejection[], found: Rejection): undefined {
  out.push(found);
  return undefined;
}

function absentOrType(out: Rejection[], path: string, value: Value | undefined, type: string): undefined {
  if (value === undefined || value === null)
    return wrong(out, rejection("field-absent", path, { found: "nil" }, { type }));
  const found = value instanceof Uint8Array ? "bytes" : Array.isArray(value) ? "array" : typeof value;
  return wrong(out, rejection("field-type", path, { found }, { type }));
}

/** An integer of at most 53 bits; its unit stands in the field's name. */
export function integer(min: number, max: number): Field<number> {
  assert(
    Number.isSafeInteger(min) && Number.isSafeInteger(max),
    "bounds of integer fields are safe integers",
  );
  const within = `integer in [${min}, ${max}]`;
  return {
    spec: { type: "integer", min, max },
    read(value, path, out) {
      if (typeof value === "bigint")
        return wrong(out, rejection("field-range", path, { value: value.toString() }, { min, max }));
      if (typeof value !== "number") return absentOrType(out, path, value, "integer");
      if (value < min || value > max)
        return wrong(out, rejection("field-range", path, { value }, { min, max }));
      return value;
    },
    write(value, out) {
      const isWithin = Number.isSafeInteger(value) && value >= min && value <= max;
      assert(isWithin, isWithin ? within : `${within}, not ${value}`);
      out.integer(value);
    },
    json: (value) => value,
  };
}

/** A 64-bit integer: micro-units of a currency. */
export function amount(min: bigint, max: bigint): Field<bigint> {
  return {
    spec: { type: "amount", min, max },
    read(value, path, out) {
      if (typeof value !== "number" && typeof value !== "bigint")
        return absentOrType(out, path, value, "integer");
      const wide = BigInt(value);
      if (wide >= min && wide <= max) return wide;
      return wrong(
        out,
        rejection(
          "field-range",
          path,
          { value: wide.toString() },
          { min: min.toString(), max: max.toString() },
        ),
      );
    },
    write(value, out) {
      assert(value >= min && value <= max, "amount within its range");
      out.amount(value);
    },
    json: (value) => value.toString(),
  };
}

export function bytes(min: number, max: number = min): Field<Uint8Array> {
  const within = `bytes of ${min}..${max}`;
  return {
    spec: { type: "bytes", min, max },
    read(value, path, out) {
      if (!(value instanceof Uint8Array)) return absentOrType(out, path, value, "bytes");
      if (value.length >= min && value.length <= max) return value;
      return wrong(
        out,
        rejection("field-range", path, { bytes: value.length }, { bytesMin: min, bytesMax: max }),
      );
    },
    write(value, out) {
      const isWithin = value.length >= min && value.length <= max;
      assert(isWithin, isWithin ? within : `${within}, not ${value.length}`);
      out.binary(value);
    },
    json: toHex,
  };
}

/** 1..max printable ASCII characters, compared bytewise. */
export function identifier(max: number): Field<string> {
  return textual(
    { type: "identifier", max },
    (text) => text.length > 0 && text.length <= max && isPrintable(text),
  );
}

/** Only the characters 0x20 to 0x7e. */
export function isPrintable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Free UTF-8 text of 0..max UTF-16 units, never normalised. */
export function text(max: number): Field<string> {
  return textual({ type: "text", max }, (value) => value.length <= max);
}

function textual(
  spec: FieldSpec & { type: "identifier" | "text" },
  valid: (text: string) => boolean,
): Field<string> {
  const within = `${spec.type} within its form`;
  return {
    spec,
    read(value, path, out) {
      if (typeof value !== "string") return absentOrType(out, path, value, spec.type);
      if (valid(value)) return value;
      return wrong(
        out,
        rejection("field-range", path, { length: value.length }, { type: spec.type, lengthMax: spec.max }),
      );
    },
    write(value, out) {
      assert(valid(value), within);
      out.text(value);
    },
    json: (value) => value,
  };
}

/** One of a closed set of words. */
export function choice<const T extends string>(...of: readonly T[]): Field<T> {
  const oneOf = of.join(" ");
  const within = `one of ${oneOf}`;
  return {
    spec: { type: "choice", of },
    read(value, path, out) {
      if (typeof value !== "string") return absentOrType(out, path, value, "identifier");
      const found = of.find((word) => word === value);
      return found ?? wrong(out, rejection("field-range", path, { value: value.slice(0, 40) }, { oneOf }));
    },
    write(value, out) {
      assert(of.includes(value), within);
      out.text(value);
    },
    json: (value) => value,
  };
}

export function list<T>(item: Field<T>, min: number, max: number): Field<readonly T[]> {
  const within = `list of ${min}..${max}`;
  return {
    spec: { type: "list", of: item.spec, min, max },
    read(value, path, out) {
      if (!Array.isArray(value)) return absentOrType(out, path, value, "list");
      if (value.length < min || value.length > max) {
        return wrong(
          out,
          rejection("field-range", path, { items: value.length }, { itemsMin: min, itemsMax: max }),
        );
      }
      const items: T[] = [];
      for (let i = 0; i < value.length; i++) {
        const read = item.read(value[i], `${path}[${i}]`, out);
        if (read === undefined) return undefined;
        items.push(read);
      }
      return items;
    },
    write(value, out) {
      assert(value.length >= min && value.length <= max, within);
      out.array(value.length);
      for (const each of value) item.write(each, out);
    },
    json: (value) => value.map((each) => item.json(each)),
  };
}

export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** Named fields in wire order: a positional array of exactly that many items. */
export function struct<T extends object>(fields: Fields<T>): Field<T> {
  const entries = Object.entries(fields) as [keyof T & string, Field<unknown>][];
  const names = entries.map(([name]) => name);
  const items = entries.map(([, field]) => field);
  return {
    spec: { type: "struct", fields: entries.map(([name, field]) => [name, field.spec] as const) },
    read(value, path, out) {
      if (!Array.isArray(value)) return absentOrType(out, path, value, "struct");
      if (value.length !== entries.length) {
        return wrong(
          out,
          rejection("field-count", path, { fields: value.length }, { fields: entries.length }),
        );
      }
      const before = out.length;
      const result: Record<string, unknown> = {};
      const prefix = path === "" ? "" : `${path}.`;
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        result[name] = (items[i] as Field<unknown>).read(value[i], prefix + name, out);
      }
      return out.length === before ? (result as T) : undefined;
    },
    write(value, out) {
      out.array(items.length);
      for (let i = 0; i < items.length; i++)
        (items[i] as Field<unknown>).write(value[names[i] as keyof T & string], out);
    },
    json: (value) => Object.fromEntries(entries.map(([name, field]) => [name, field.json(value[name])])),
  };
}

export function nilable<T>(field: Field<T>): Field<T | null> {
  return {
    spec: { type: "nilable", of: field.spec },
    read: (value, path, out) => (value === null ? null : field.read(value, path, out)),
    write(value, out) {
      if (value === null) out.nil();
      else field.write(value, out);
    },
    json: (value) => (value === null ? null : field.json(value)),
  };
}

/** Yes or no, as 1 or 0. */
export const flag: Field<boolean> = {
  spec: { type: "integer", min: 0, max: 1 },
  read(value, path, out) {
    const read = bit.read(value, path, out);
    return read === undefined ? undefined : read === 1;
  },
  write: (value, out) => out.integer(value ? 1 : 0),
  json: (value) => value,
};

const bit: Field<number> = integer(0, 1);
