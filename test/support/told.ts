/** The promise of every failure: its id is registered, and it says what was measured and what is required (STYLE 11). */
import { expect } from "vitest";
import { explainCode } from "../../src/core/base/codes.ts";
import type { Rejection } from "../../src/core/base/rejection.ts";

type Failure = Omit<Rejection, "field">;

/** Fails with what is missing of that promise. */
export function assertTold(failures: readonly Failure[]): void {
  expect(untold(failures)).toEqual([]);
}

function untold(failures: readonly Failure[]): readonly string[] {
  return failures.flatMap(({ code, measured, required }) => {
    const entry = explainCode(code);
    if (entry === null) return [`${code} is not registered`];
    return [
      ...unheld(code, "measured", entry.measured, Object.keys(measured)),
      ...unheld(code, "required", entry.required, Object.keys(required)),
    ];
  });
}

function unheld(
  code: string,
  side: string,
  registered: readonly string[],
  said: readonly string[],
): readonly string[] {
  const strange = said.filter((name) => !registered.includes(name));
  if (strange.length > 0) return [`${code} says ${strange.join(", ")} under ${side}, unregistered`];
  return registered.length > 0 && said.length === 0 ? [`${code} says nothing under ${side}`] : [];
}
