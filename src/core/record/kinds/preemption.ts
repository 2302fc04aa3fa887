/** A directive: whoever is on the air in these bands and areas falls silent (PROTOCOL §7 Preemption). */
import { bytes, choice, type Field, integer, list, nilable, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { counter, frequencyHz, instantUs, word } from "../shared-fields.ts";
import { area, type Vertex } from "../spectrum-fields.ts";

/** Coarse on purpose: no record of anybody says more of the reason than the directive publishes. */
export type PreemptionCause = "incumbent" | "safety" | "interference" | "maintenance" | "unstated";

export const PREEMPTION_CAUSES: readonly PreemptionCause[] = [
  "incumbent",
  "safety",
  "interference",
  "maintenance",
  "unstated",
];

/** Silence in [lowerHz, upperHz), within the area, for one commodity class. */
export type PreemptedZone = {
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly area: readonly Vertex[];
  readonly commodityClass: string;
};

/** How much of one of its author's budgets is used, what the record does itself counted: the rest is what remains. */
export type Exposure = {
  /** Index among the budgets of the directive's credential. */
  readonly term: number;
  readonly used: number;
  readonly allowed: number;
};

export type Preemption = {
  readonly zones: readonly PreemptedZone[];
  readonly issuedUs: number;
  /** nil: as long as its author's credential lasts. */
  readonly untilUs: number | null;
  readonly cause: PreemptionCause;
  /** Leases that it hits at any one receiver at most, counted against the author's budgets in full; nil: any number. */
  readonly leasesMax: number | null;
  readonly budgets: readonly Exposure[];
  readonly nonce: Uint8Array;
};

const ZONES_MAX = 8;
const EXPOSURES_MAX = 8;

export const preemptionCause: Field<PreemptionCause> = choice(...PREEMPTION_CAUSES);

export const exposures: Field<readonly Exposure[]> = list(
  struct<Exposure>({ term: integer(0, EXPOSURES_MAX - 1), used: counter, allowed: counter }),
  0,
  EXPOSURES_MAX,
);

const body: Field<Preemption> = struct<Preemption>({
  zones: list(
    struct<PreemptedZone>({ lowerHz: frequencyHz, upperHz: frequencyHz, area, commodityClass: word }),
    1,
    ZONES_MAX,
  ),
  issuedUs: instantUs,
  untilUs: nilable(instantUs),
  cause: preemptionCause,
  leasesMax: nilable(counter),
  budgets: exposures,
  nonce: bytes(16),
});

export const preemption: Kind<Preemption> = {
  name: "preemption",
  summary: "A directive of an authority: radios in its zones are muted at once, and stay so while it stands.",
  body,
  mayBeNil: OFFLINE,
};
