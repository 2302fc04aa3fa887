/** Values for field tables: within the tables' ranges, at their edges more often than not. */
import type { FieldSpec } from "../../../src/core/record/field.ts";
import type { Value } from "../../../src/core/wire/value.ts";

/** The next whole number below `below`. */
export type Pick = (below: number) => number;

export function pickFrom(bytes: (length: number) => Uint8Array): Pick {
  return (below) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes(6);
    const drawn = ((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f;
    return drawn % below;
  };
}

export function drawn(spec: FieldSpec, pick: Pick): Value {
  switch (spec.type) {
    case "integer":
      return edge(
        [
          spec.min,
          spec.max,
          Math.max(spec.min, Math.min(spec.max, 0)),
          spec.min + pick(Math.min(spec.max - spec.min, 2 ** 40) + 1),
        ],
        pick,
      );
    case "amount":
      return edge([spec.min, spec.max, spec.min + BigInt(pick(1_000_000))], pick);
    case "bytes":
      return Uint8Array.from({ length: pick(2) === 0 ? spec.min : spec.max }, () => pick(256));
    case "identifier":
      return "a".repeat(pick(2) === 0 ? 1 : spec.max);
    case "text":
      return "ü".repeat(pick(2) === 0 ? 0 : spec.max);
    case "choice":
      return edge(spec.of, pick);
    case "list": {
      const length = edge([spec.min, Math.min(spec.max, spec.min + 3), Math.min(spec.max, 40)], pick);
      return Array.from({ length }, () => drawn(spec.of, pick));
    }
    case "struct":
      return spec.fields.map(([, field]) => drawn(field, pick));
    case "nilable":
      return pick(3) === 0 ? null : drawn(spec.of, pick);
    case "sealable":
      return pick(4) === 0 ? Uint8Array.from({ length: 32 }, () => pick(256)) : drawn(spec.of, pick);
  }
}

/** `value` with each field, at any depth, replaced now and then. */
export function disturbed(value: Value, spec: FieldSpec, oneIn: number, pick: Pick): Value {
  if (pick(oneIn) === 0) return drawn(spec, pick);
  if (spec.type === "struct" && Array.isArray(value)) {
    return spec.fields.map(([, field], i) =>
      disturbed((value as readonly Value[])[i] ?? null, field, oneIn, pick),
    );
  }
  if (spec.type === "list" && Array.isArray(value)) {
    return (value as readonly Value[]).map((each) => disturbed(each, spec.of, oneIn, pick));
  }
  if (spec.type === "nilable" && value !== null) return disturbed(value, spec.of, oneIn, pick);
  if (spec.type === "sealable" && Array.isArray(value)) return disturbed(value, spec.of, oneIn, pick);
  return value;
}

function edge<T>(of: readonly T[], pick: Pick): T {
  return of[pick(of.length)] as T;
}
