/** Ranges of a record's fields, so that a file can hold exactly what its record can (PROTOCOL §1 Kinds are tables). */
import { assert } from "../core/base/assert.ts";
import type { FieldSpec } from "../core/record/field.ts";

export type Bounds = { readonly min: number; readonly max: number };

/** Least and greatest value, or least and greatest number of entries, of the field at a dotted path (`levels.rank`). */
export function boundsOf(field: { readonly spec: FieldSpec }, path: string): Bounds {
  const spec = path.split(".").reduce<FieldSpec>(member, field.spec);
  const bare = spec.type === "nilable" ? spec.of : spec;
  assert(bare.type === "integer" || bare.type === "list", `${path} is an integer or a list`);
  return { min: bare.min, max: bare.max };
}

function member(spec: FieldSpec, name: string): FieldSpec {
  const inner = spec.type === "list" || spec.type === "nilable" ? spec.of : spec;
  assert(inner.type === "struct", `${name} is a member of a struct`);
  const found = inner.fields.find(([each]) => each === name);
  assert(found !== undefined, `the struct has a member ${name}`);
  return found[1];
}
