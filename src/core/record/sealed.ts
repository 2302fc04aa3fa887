/** A field that may stand in the signed bytes as SHA-256(16-byte salt ‖ encoded field) (PROTOCOL §1 Sealed fields). */
import { assert } from "../base/assert.ts";
import { concat, equalBytes, toHex } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { rejection } from "../base/rejection.ts";
import { decode } from "../wire/decode.ts";
import type { Opening } from "../wire/envelope.ts";
import { limits } from "../wire/limits.ts";
import { type Field, fieldBytes } from "./field.ts";

/** `digest` null: in clear. `value` null: sealed, and nobody opened it. */
export type Sealable<T> = { readonly digest: Uint8Array | null; readonly value: T | null };

export function clear<T>(value: T): Sealable<T> {
  return { digest: null, value };
}

/** Only for fields that are arrays on the wire: a byte string there can then only be a digest. */
export function sealable<T>(field: Field<T>): Field<Sealable<T>> {
  assert(
    field.spec.type === "struct" || field.spec.type === "list",
    "a sealable field is an array on the wire",
  );
  return {
    spec: { type: "sealable", of: field.spec },
    read(value, path, out) {
      if (value instanceof Uint8Array) {
        if (value.length === 32) return { digest: value, value: null };
        out.push(rejection("field-range", path, { bytes: value.length }, { bytesMin: 32, bytesMax: 32 }));
        return undefined;
      }
      const read = field.read(value, path, out);
      return read === undefined ? undefined : clear(read);
    },
    write(value, out) {
      if (value.digest !== null) {
        out.binary(value.digest);
        return;
      }
      assert(value.value !== null, "a field in clear has a value");
      field.write(value.value, out);
    },
    json(value) {
      const opened = value.value === null ? null : field.json(value.value);
      return value.digest === null ? opened : { sealed: toHex(value.digest), opened };
    },
  };
}

/** Seals `value` under a fresh 16-byte `salt`; the opening travels beside the record. */
export function seal<T>(
  field: Field<T>,
  value: T,
  salt: Uint8Array,
  sha256: Sha256,
): { readonly sealed: Sealable<T>; readonly opening: Opening } {
  assert(salt.length === 16, "salts have 16 bytes");
  const encoded = fieldBytes(field, value);
  return { sealed: { digest: sha256(concat(salt, encoded)), value }, opening: { salt, encoded } };
}

/** `sealed` with its value where one of `openings` fits; an opening whose content is malformed opens nothing. */
export function open<T>(
  field: Field<T>,
  sealed: Sealable<T>,
  openings: readonly Opening[],
  sha256: Sha256,
): Sealable<T> {
  const digest = sealed.digest;
  if (digest === null || sealed.value !== null) return sealed;
  const fit = openings.find(({ salt, encoded }) => equalBytes(sha256(concat(salt, encoded)), digest));
  if (fit === undefined) return sealed;
  const decoded = decode(fit.encoded, limits.RECORD_BYTES_MAX);
  const value = decoded.ok ? field.read(decoded.value, "", []) : undefined;
  return value === undefined ? sealed : { digest, value };
}
