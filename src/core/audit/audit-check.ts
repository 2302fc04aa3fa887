/** One question that an audit asked of the records, and its answer (PROTOCOL §9: not checkable is never passed). */
import type { Measure } from "../base/rejection.ts";
import { type AuditCode, auditCodes } from "./audit-codes.ts";

export type CheckResult = "passed" | "failed" | "not-checkable";

export type AuditCheck = {
  readonly code: AuditCode;
  /** Hex id of the record, lineage or artifact that the check is about, or `line N`, or `bundle`. */
  readonly subject: string;
  /** Hex id of the settlement that it belongs to, or null. */
  readonly artifact: string | null;
  readonly result: CheckResult;
  readonly measured: Measure;
  readonly required: Measure;
  /** One plain sentence; for a check that could not be made, why not. */
  readonly sentence: string;
};

export type Subject = string | { readonly subject: string; readonly artifact: string };

const NOTHING: Measure = {};

export function passed(
  code: AuditCode,
  about: Subject,
  measured: Measure = NOTHING,
  required: Measure = NOTHING,
): AuditCheck {
  return { code, ...named(about), result: "passed", measured, required, sentence: auditCodes[code].passed };
}

export function failed(
  code: AuditCode,
  about: Subject,
  measured: Measure = NOTHING,
  required: Measure = NOTHING,
): AuditCheck {
  return { code, ...named(about), result: "failed", measured, required, sentence: auditCodes[code].failed };
}

export function notCheckable(
  code: AuditCode,
  about: Subject,
  reason: string,
  measured: Measure = NOTHING,
): AuditCheck {
  return { code, ...named(about), result: "not-checkable", measured, required: NOTHING, sentence: reason };
}

/** `found`, or one passed check where there is nothing to find; nothing at all where nothing was looked at. */
export function orPassed(
  code: AuditCode,
  about: Subject,
  looked: number,
  found: readonly AuditCheck[],
): readonly AuditCheck[] {
  if (found.length > 0 || looked === 0) return found;
  return [passed(code, about, { looked })];
}

function named(about: Subject): Pick<AuditCheck, "subject" | "artifact"> {
  return typeof about === "string" ? { subject: about, artifact: null } : about;
}
