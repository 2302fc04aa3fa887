/** Fields that several kinds share, with their units and ranges (PROTOCOL §1 Units). */
import { bytes, choice, type Field, identifier, integer, list, struct } from "./field.ts";

/** SHA-256 of something: record ids, lineage ids, key ids, artifact ids. */
export const digest: Field<Uint8Array> = bytes(32);
export const bootIdentity: Field<Uint8Array> = bytes(16);

/** µs since 1970 UTC; the year 2255 is the end of the safe integers. */
export const instantUs: Field<number> = integer(0, Number.MAX_SAFE_INTEGER);
export const durationUs: Field<number> = integer(0, 1_000_000_000_000_000);
export const bootUs: Field<number> = integer(0, Number.MAX_SAFE_INTEGER);
export const frequencyHz: Field<number> = integer(0, 3_000_000_000_000);
export const centiDbm: Field<number> = integer(-30_000, 30_000);
export const counter: Field<number> = integer(0, Number.MAX_SAFE_INTEGER);

export const assurance: Field<Assurance> = choice(
  "none",
  "asserted",
  "gnss",
  "gnss-consistent",
  "gnss-authenticated",
  "corroborated",
  "surveyed",
  "simulated",
  "replay",
);
export type Assurance =
  | "none"
  | "asserted"
  | "gnss"
  | "gnss-consistent"
  | "gnss-authenticated"
  | "corroborated"
  | "surveyed"
  | "simulated"
  | "replay";

export type Interval = { readonly earliestUs: number; readonly latestUs: number };
export const interval: Field<Interval> = struct<Interval>({ earliestUs: instantUs, latestUs: instantUs });

/** Its author's claim of when, with what stands behind the claim. */
export type TimeEvidence = Interval & {
  readonly assurance: Assurance;
  /** Age of the fix that the interval was carried on from. */
  readonly ageUs: number;
};
export const timeEvidence: Field<TimeEvidence> = struct<TimeEvidence>({
  earliestUs: instantUs,
  latestUs: instantUs,
  assurance,
  ageUs: durationUs,
});

/** What a place on or near the Earth can be said to be: beyond these nobody knows where it is. */
export const placeLimits = {
  HEIGHT_MM_MIN: -20_000_000,
  HEIGHT_MM_MAX: 100_000_000,
  ERROR_MM_MAX: 50_000_000_000,
} as const;

/** Place of the transmit antenna. Errors are 95 % bounds. */
export type PlaceEvidence = {
  readonly latE7: number;
  readonly lonE7: number;
  readonly heightMm: number;
  readonly horizontalErrorMm: number;
  readonly verticalErrorMm: number;
  readonly assurance: Assurance;
  readonly ageUs: number;
};
export const placeEvidence: Field<PlaceEvidence> = struct<PlaceEvidence>({
  latE7: integer(-900_000_000, 900_000_000),
  lonE7: integer(-1_800_000_000, 1_800_000_000),
  heightMm: integer(placeLimits.HEIGHT_MM_MIN, placeLimits.HEIGHT_MM_MAX),
  horizontalErrorMm: integer(0, placeLimits.ERROR_MM_MAX),
  verticalErrorMm: integer(0, placeLimits.ERROR_MM_MAX),
  assurance,
  ageUs: durationUs,
});

export const tier: Field<Tier> = choice("simulated", "software", "tpm", "tpm-ek-verified");
/** How the signing key is protected, as far as its author can say. */
export type Tier = "simulated" | "software" | "tpm" | "tpm-ek-verified";

export const deadman: Field<Deadman> = choice("device", "guard", "none");
export type Deadman = "device" | "guard" | "none";

export const digests = (max: number): Field<readonly Uint8Array[]> => list(digest, 0, max);
export const word: Field<string> = identifier(64);
