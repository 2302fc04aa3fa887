/** The outcome of an audit as plain values: what `verify` prints, and what `--json` gives. */
import type { AuditCheck } from "./audit-check.ts";
import type { Refusal } from "./refusals.ts";

export const VERIFY_SCHEMA = "spectrum-agent.verify/1";

export type NumberedCheck = { readonly number: number } & AuditCheck;

export type VerifiedLineage = {
  readonly lineage: string;
  /** As its inception says; nobody vouches for it. */
  readonly owner: string;
  readonly tier: string;
  readonly root: boolean;
  /** The bundle says that it holds this lineage whole. */
  readonly exported: boolean;
  readonly records: number;
  readonly lastSeq: number;
  /** Ranges of missing positions. */
  readonly missing: readonly string[];
};

export type VerifiedSettlement = {
  readonly artifactId: string;
  readonly holder: string;
  readonly consumer: string;
  readonly resource: string;
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly exclusive: boolean;
  /** Worst case, as evaluated anew; null where the artifact did not come out again. */
  readonly distanceMm: number | null;
  readonly skewUs: number | null;
  readonly evaluation: "admit" | "admit-on-condition" | null;
  readonly countersigned: boolean;
  readonly renewals: number;
  readonly actuations: number;
  /** Reason of the holder's termination, or null. */
  readonly terminated: string | null;
  readonly relinquished: string | null;
  readonly leaseClass: string;
  /** `side scheme: value` of each regulatory identifier that is open here. */
  readonly identifiers: readonly string[];
  readonly licence: string | null;
  readonly verdict: "passed" | "failed" | "not-checkable";
};

export type VerdictCounts = {
  readonly records: number;
  readonly duplicates: number;
  readonly unreadable: number;
  readonly verified: number;
  readonly authorUnknown: number;
  readonly lineages: number;
  readonly settlements: number;
  readonly refusals: number;
  readonly passed: number;
  readonly failed: number;
  readonly notCheckable: number;
};

export type Verdict = {
  readonly schema: typeof VERIFY_SCHEMA;
  readonly verdict: "passed" | "failed";
  readonly counts: VerdictCounts;
  readonly simulated: boolean;
  readonly marks: readonly string[];
  readonly lineages: readonly VerifiedLineage[];
  readonly settlements: readonly VerifiedSettlement[];
  readonly refusals: readonly Refusal[];
  readonly checks: readonly NumberedCheck[];
};
