/** The promise of every failure: it says what was measured and what is required (STYLE 11). */
import { expect } from "vitest";
import { explainCode } from "../../src/core/base/codes.ts";
import type { Rejection } from "../../src/core/base/rejection.ts";

/** Said in some places where nothing was measured or is required: that there is none is all that can be said. */
const BARE = new Set(
  "attestation-other-key commodity-steps not-entitled payload-malformed quarantine queue-full radio-missing refusal-recomputed withdrawn".split(
    " ",
  ),
);

type Failure = Omit<Rejection, "field">;

/** Fails with what is missing of that promise. Words of peers are nobody's promise: ids that nobody registered pass. */
export function assertTold(failures: readonly Failure[]): void {
  expect(failures.flatMap(untold)).toEqual([]);
}

function untold({ code, measured, required }: Failure): readonly string[] {
  const entry = BARE.has(code) ? null : explainCode(code);
  if (entry === null) return [];
  const isMute = (names: readonly string[], said: object): boolean =>
    names.length > 0 && Object.keys(said).length === 0;
  return [
    ...(isMute(entry.measured, measured) ? [`${code} says nothing measured`] : []),
    ...(isMute(entry.required, required) ? [`${code} says nothing required`] : []),
  ];
}
