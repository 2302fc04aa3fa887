/** One requirement held against what was found: the artifact keeps the passed ones too (PROTOCOL §6 The artifact). */
import type { Measure, Rejection } from "./rejection.ts";

/** What a check that does not pass leads to. */
export type Otherwise = "refuse" | "defer" | "condition";

export type Check = Rejection & { readonly passed: boolean; readonly otherwise: Otherwise };

export function check(
  code: string,
  field: string,
  passed: boolean,
  measured: Measure,
  required: Measure,
  otherwise: Otherwise = "refuse",
): Check {
  return { code, field, passed, measured, required, otherwise };
}

/** Passes where there are no failures; else one failed check for each of them. */
export function checkAll(code: string, field: string, failures: readonly Rejection[]): readonly Check[] {
  if (failures.length === 0) return [check(code, field, true, {}, {})];
  return failures.map((failure) => ({ ...failure, passed: false, otherwise: "refuse" as const }));
}
