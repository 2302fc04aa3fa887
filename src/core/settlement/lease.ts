/** A lease as one party's records say: from bound to its end (PROTOCOL §6). */
import { equalBytes } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { DerivedArtifact } from "./artifact.ts";
import type { RenewalBounds } from "./renewal-bounds.ts";

export type Lease = {
  readonly role: "holder" | "consumer";
  readonly derived: DerivedArtifact;
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  /** The holder's: with it the lease is *bound*. */
  readonly holderSettlement: RecordOf<"settlement">;
  /** The consumer's: with it *confirmed*. The holder stores it with its first renewal or an acknowledgement, whichever is first. */
  readonly consumerSettlement: RecordOf<"settlement"> | null;
  /** All that the context names, with the policy and schema of the offer. */
  readonly documents: readonly AnyRecord[];
  readonly lastRequest: RecordOf<"renewal-request"> | null;
  /** Stored renewals: the holder's own, or those that the consumer's records name. With the first one *effective*. */
  readonly lastRenewal: RecordOf<"renewal"> | null;
  /** How long all renewals signed for the lease may still carry a transmission. */
  readonly bounds: RenewalBounds | null;
  readonly actuation: RecordOf<"actuation"> | null;
  readonly outcome: RecordOf<"actuation-outcome"> | null;
  /** Names the interval in which the end of the last actuation could not be recorded. */
  readonly outage: RecordOf<"outage"> | null;
  /** The consumer's: what a level above the parties said of the lease, stored. Without it some classes arm no radio. */
  readonly acknowledgement: RecordOf<"acknowledgement"> | null;
  readonly termination: RecordOf<"lease-termination"> | null;
  readonly relinquishment: RecordOf<"relinquishment"> | null;
  /** What directives made of it, in the order of the own log. */
  readonly preemptions: readonly Preempted[];
};

/** What is not yet of a lease when its first settlement is appended. */
export const JUST_BOUND: Pick<
  Lease,
  | "lastRequest"
  | "lastRenewal"
  | "bounds"
  | "actuation"
  | "outcome"
  | "outage"
  | "acknowledgement"
  | "termination"
  | "relinquishment"
  | "preemptions"
> = {
  lastRequest: null,
  lastRenewal: null,
  bounds: null,
  actuation: null,
  outcome: null,
  outage: null,
  acknowledgement: null,
  termination: null,
  relinquishment: null,
  preemptions: [],
};

export type Preempted = {
  readonly state: RecordOf<"lease-state">;
  readonly directive: RecordOf<"preemption">;
};

/** After a suspension, before anybody takes silence for a lapse: the consumer has to ask, and to be answered. */
const RESUME_WITHIN_US = 30_000_000;

/** Until then the lease waits for a renewal because of a suspension, whatever else it is due by; 0: none was. */
export function resumableUntilUs({ preemptions }: Lease): number {
  return preemptions.reduce((latest, { state }) => {
    const { untilUs } = state.body;
    return untilUs === null ? latest : Math.max(latest, untilUs + RESUME_WITHIN_US);
  }, 0);
}

export type LeasePhase = "bound" | "confirmed" | "effective" | "terminated" | "relinquished";

export function phaseOf(lease: Lease): LeasePhase {
  if (lease.relinquishment !== null) return "relinquished";
  if (lease.termination !== null) return "terminated";
  if (lease.lastRenewal !== null) return "effective";
  return lease.consumerSettlement === null ? "bound" : "confirmed";
}

/** Termination and relinquishment are terminal on both sides: nothing is renewed or armed after either. */
export function isOver(lease: Lease): boolean {
  return lease.termination !== null || lease.relinquishment !== null;
}

/**
 * Nothing can act on it any more, whatever the clocks say: for the holder its block is free, for the consumer nobody
 * has to be told. A terminated lease with renewals out is not spent: its block waits for both bounds.
 */
export function isSpent(lease: Lease): boolean {
  const { role, termination, relinquishment, bounds } = lease;
  if (termination === null || isUnrecorded(lease)) return false;
  return relinquishment !== null || (role === "holder" && bounds === null);
}

/** RF may have been switched on by the lease's last actuation, and neither an outcome nor an outage names its end. */
export function isUnrecorded({ role, actuation, outcome, outage, relinquishment }: Lease): boolean {
  if (role !== "consumer" || actuation === null || outage !== null) return false;
  const gaveUp = relinquishment !== null && equalBytes(relinquishment.body.bootId, actuation.body.bootId);
  return !gaveUp && outcome?.body.result !== "muted";
}

export function grantEndUs(lease: Lease): number {
  return lease.derived.artifact.block.untilUs;
}
