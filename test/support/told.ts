/** The promise of every failure: its id is registered, and it says what was measured and what is required (STYLE 11). */
import { expect } from "vitest";
import { explainCode } from "../../src/core/base/codes.ts";
import type { Rejection } from "../../src/core/base/rejection.ts";

/** Said in some places where nothing was measured: that there is none is all that can be said. */
const UNMEASURED = new Set(
  "attestation-other-key commodity-steps not-entitled payload-malformed quarantine queue-full radio-missing withdrawn".split(
    " ",
  ),
);

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
  if (side === "measured" && UNMEASURED.has(code)) return [];
  return registered.length > 0 && said.length === 0 ? [`${code} says nothing under ${side}`] : [];
}
