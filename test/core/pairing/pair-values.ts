/** What a pair that fits in every point consists of: places, times, block, policy, schema, price. */

import { PLAIN_CLASS } from "../../../src/core/policy/plain-class.ts";
import type { PriceTerms } from "../../../src/core/record/kinds/offer.ts";
import type { LeaseClass, Policy } from "../../../src/core/record/kinds/policy.ts";
import type { Schema } from "../../../src/core/record/kinds/schema.ts";
import type { PlaceEvidence, TimeEvidence } from "../../../src/core/record/shared-fields.ts";
import type { Block, Box, Steps, Vertex } from "../../../src/core/record/spectrum-fields.ts";

/** The instant at which the pair meets. */
export const NOW_US = 1_750_000_000_000_000;
export const HOUR_US = 3_600_000_000;
const LAT_E7 = 481_371_540;
const LON_E7 = 115_761_240;

/** The square of `half` units of 1e-7 degree around the pair. */
export function squareOf(half: number): readonly Vertex[] {
  const [south, north, west, east] = [LAT_E7 - half, LAT_E7 + half, LON_E7 - half, LON_E7 + half];
  return [
    { latE7: south, lonE7: west },
    { latE7: south, lonE7: east },
    { latE7: north, lonE7: east },
    { latE7: north, lonE7: west },
  ];
}

/** Evidence of `lengthUs` from `afterUs` after NOW_US on. */
export function timeAt(afterUs: number, change: Partial<TimeEvidence> = {}): TimeEvidence {
  const earliestUs = NOW_US + afterUs;
  return { earliestUs, latestUs: earliestUs + 1_000, assurance: "gnss", ageUs: 100_000, ...change };
}

/** A place `northE7` and `eastE7` units from the pair's centre; 1e-7 degree of latitude is 11 mm. */
export function placeAt(northE7: number, eastE7: number, change: Partial<PlaceEvidence> = {}): PlaceEvidence {
  return {
    latE7: LAT_E7 + northE7,
    lonE7: LON_E7 + eastE7,
    heightMm: 520_000,
    horizontalErrorMm: 3_000,
    verticalErrorMm: 4_000,
    assurance: "gnss",
    ageUs: 100_000,
    ...change,
  };
}

export const box: Box = {
  lowerHz: 433_000_000,
  upperHz: 434_000_000,
  area: squareOf(100_000),
  fromUs: NOW_US - HOUR_US,
  untilUs: NOW_US + 2 * HOUR_US,
  limits: [{ centiDbm: 1000, referenceHz: 0, measure: "eirp", detector: "rms" }],
  commodityClass: "bench-433",
};

export const block: Block = {
  ...box,
  upperHz: 433_200_000,
  fromUs: NOW_US,
  untilUs: NOW_US + HOUR_US,
  exclusive: true,
};

export const steps: Steps = {
  frequencyStepHz: 25_000,
  frequencyMinimumHz: 50_000,
  timeStepUs: 60_000_000,
  timeMinimumUs: 120_000_000,
  areaDivisible: true,
};

export const price: PriceTerms = { form: "fixed", microUnits: 5_000_000n, currency: "EUR" };

export const leaseClass: LeaseClass = {
  name: "bench",
  periodUs: 10_000_000,
  reachUs: 30_000_000,
  snapshotAgeMaxUs: 600_000_000,
  holdoverUs: 5_000_000,
  deadmen: ["device", "guard"],
  muteLatencyMaxUs: 500_000,
  preemption: null,
  verifyWithinUs: 2_000_000,
  ...PLAIN_CLASS,
};

export const policy: Policy = {
  name: "bench policy",
  profiles: [],
  startUs: NOW_US - 24 * HOUR_US,
  endUs: NOW_US + 24 * HOUR_US,
  succeeds: null,
  spatialWindowMm: 100_000,
  temporalWindowUs: 2_000_000,
  evidenceAgeMaxUs: 5_000_000,
  contextSkewMaxUs: 1_000_000,
  clockBoundUs: 10_000,
  timeAssurance: ["gnss", "gnss-consistent"],
  placeAssurance: ["gnss", "surveyed"],
  tiers: ["software", "tpm"],
  levels: [
    { name: "licensee", rank: 20, response: "obey", weight: 60, admits: "all" },
    { name: "operator", rank: 10, response: "advise", weight: 40, admits: "all" },
    { name: "user", rank: 5, response: "ignore", weight: 20, admits: "all" },
  ],
  transactionTypes: [
    {
      first: "offer",
      second: "acceptance",
      rules: ["content-match", "handshake", "derivation", "composite"],
    },
  ],
  leaseClasses: [leaseClass],
  confirmByMaxUs: 30_000_000,
  effectiveByMaxUs: 30_000_000,
  weightThreshold: 50,
  weighing: null,
  selfDealing: "mark",
  allocateUnconfirmed: false,
  rulesVersions: [1],
  quotas: { rejections: 8, windowUs: 60_000_000 },
  consequences: [],
  ceilings: [],
  dutyCycles: [],
  sessionKeys: null,
};

export const schema: Schema = {
  name: "bench block",
  commodityClass: box.commodityClass,
  steps,
  guardBandHz: 25_000,
  mask: [{ offsetHz: 0, centiDbm: -3_600, referenceHz: 100_000 }],
  tdd: null,
  borderLimit: null,
};
