/** The promise of every failure: it says what was measured and what is required, by registered names (STYLE 11). */
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
  // What an audit's check was found by is said by the name of that finding, which goes with its own measures.
  const inner = entry.measured.includes("code") ? explainCode(String(measured["code"])) : null;
  const named = [entry.measured, entry.required, inner?.measured ?? [], inner?.required ?? []].flat();
  const unnamed = [...Object.keys(measured), ...Object.keys(required)].filter(
    (name) => !named.includes(name),
  );
  return [
    ...(isMute(entry.measured, measured) ? [`${code} says nothing measured`] : []),
    ...(isMute(entry.required, required) ? [`${code} says nothing required`] : []),
    ...unnamed.map((name) => `${code} says ${name}, which its entry does not name`),
  ];
}
