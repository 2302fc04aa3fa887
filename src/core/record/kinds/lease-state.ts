/** What a directive made of a lease, in the words of CBRS grants (PROTOCOL §7; WINNF-TS-0016 §9.2: grant states). */
import { amount, choice, type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest, durationUs, instantUs } from "../shared-fields.ts";
import { type Exposure, exposures, type PreemptionCause, preemptionCause } from "./preemption.ts";

export type LeaseState = {
  readonly artifact: Uint8Array;
  readonly state: "suspended" | "terminated";
  /** The directive, and its cause as it published it. */
  readonly directive: Uint8Array;
  readonly cause: PreemptionCause;
  /** When renewals may be asked for again; nil: never. */
  readonly untilUs: number | null;
  /** Of the granted time, what this directive takes. */
  readonly unservedUs: number;
  /** That part of the price, rounded down, in millionths of its currency's unit; nil: the price is sealed. */
  readonly unservedMicroUnits: bigint | null;
  /** What becomes of it, as the pair's policy says. */
  readonly settled: "refund" | "none";
  /** The directive's budgets as this record's author has seen them used. */
  readonly seen: readonly Exposure[];
};

const body: Field<LeaseState> = struct<LeaseState>({
  artifact: digest,
  state: choice("suspended", "terminated"),
  directive: digest,
  cause: preemptionCause,
  untilUs: nilable(instantUs),
  unservedUs: durationUs,
  unservedMicroUnits: nilable(amount(0n, 2n ** 63n - 1n)),
  settled: choice("refund", "none"),
  seen: exposures,
});

export const leaseState: Kind<LeaseState> = {
  name: "lease-state",
  summary:
    "A party records what a directive made of its lease: suspended or terminated, and what stays unserved.",
  body,
  mayBeNil: DEVICE,
};
