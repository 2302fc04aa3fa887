/** A finding held against one that was computed again. */
import type { Measure, Rejection } from "../base/rejection.ts";

export type Recomputed = {
  readonly recomputed: "same" | "differs" | "not-checkable";
  readonly reason: string;
};

export const SAME: Recomputed = { recomputed: "same", reason: "comes out again" };

export function differs(found: readonly Rejection[], finding: Rejection): Recomputed {
  const near = found.find((each) => each.code === finding.code && each.field === finding.field);
  const reason =
    near === undefined
      ? "no such finding comes out"
      : `${written(near.measured)} against ${written(near.required)}`;
  return { recomputed: "differs", reason };
}

/** Of a refusal because of a directive. */
export const DIRECTIVE_UNTOLD = "The directive that stood then is named, and not stored with the refusal.";

export function unknown(reason: string): Recomputed {
  return { recomputed: "not-checkable", reason };
}

/** Same code and field, and the same measurements as they stand in a record. */
export function same(a: Rejection, b: Rejection): boolean {
  return (
    a.code === b.code &&
    a.field === b.field &&
    written(a.measured) === written(b.measured) &&
    written(a.required) === written(b.required)
  );
}

/** As `record/finding-field.ts` writes a measure: sorted by name, text cut, booleans as words. */
function written(measure: Measure): string {
  return Object.keys(measure)
    .sort()
    .map((name) => {
      const value = measure[name];
      return `${name}=${typeof value === "number" ? value : JSON.stringify(String(value).slice(0, 200))}`;
    })
    .join(" ");
}
