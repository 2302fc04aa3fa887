/** The wire's view of one field, for tests that change it before it is read. */
import { assert } from "../../src/core/base/assert.ts";
import { type Field, fieldBytes } from "../../src/core/record/field.ts";
import { decode } from "../../src/core/wire/decode.ts";
import { limits } from "../../src/core/wire/limits.ts";
import type { Value } from "../../src/core/wire/value.ts";

export function wireValue<T>(field: Field<T>, value: T): Value {
  const decoded = decode(fieldBytes(field, value), limits.ARTIFACT_BYTES_MAX);
  assert(decoded.ok, "what a field writes is read again");
  return decoded.value;
}
