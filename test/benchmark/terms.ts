/** What the bench's parties trade under: one policy, one schema, blocks side by side in one band. */
import { PLAIN_CLASS } from "../../src/core/policy/plain-class.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import type { Schema } from "../../src/core/record/kinds/schema.ts";
import { clear } from "../../src/core/record/sealed.ts";
import type { Block, Box, Vertex } from "../../src/core/record/spectrum-fields.ts";
import { START_WALL_US } from "./virtual-clock.ts";

const HOUR_US = 3_600_000_000;
const LOWER_HZ = 433_000_000;
const BLOCK_HZ = 25_000;
/** Between two blocks, so that neighbours keep the schema's guard band. */
const RASTER_HZ = 50_000;
export const CENTRE: Vertex = { latE7: 525_000_000, lonE7: 134_000_000 };
export const COMMODITY_CLASS = "spectrum-block";
export const LEASE_CLASS = "bench";
export const ELIGIBILITY_CLASS = "bench";

/** As `profiles/policies/bench-cabled.yaml`, but with windows of a minute: no alarm rings in a bench. */
export const policy: Policy = {
  name: "benchmark",
  profiles: [],
  startUs: START_WALL_US - HOUR_US,
  endUs: null,
  succeeds: null,
  spatialWindowMm: 50_000,
  temporalWindowUs: 60_000_000,
  evidenceAgeMaxUs: 60_000_000,
  contextSkewMaxUs: 60_000_000,
  clockBoundUs: 1_000_000,
  timeAssurance: ["simulated", "gnss"],
  placeAssurance: ["simulated", "gnss"],
  tiers: ["software", "tpm"],
  levels: [
    { name: "regulator", rank: 100, response: "obey", weight: 100, admits: "all" },
    { name: "licensee", rank: 60, response: "advise", weight: 60, admits: "all" },
    { name: "user", rank: 20, response: "ignore", weight: 20, admits: "all" },
  ],
  transactionTypes: [
    {
      first: "offer",
      second: "acceptance",
      rules: ["content-match", "handshake", "derivation", "composite"],
    },
  ],
  leaseClasses: [
    {
      name: LEASE_CLASS,
      periodUs: 10_000_000,
      reachUs: 30_000_000,
      snapshotAgeMaxUs: 24 * HOUR_US,
      holdoverUs: 30_000_000,
      deadmen: ["guard"],
      muteLatencyMaxUs: 1_000_000,
      verifyWithinUs: 2_000_000,
      preemption: null,
      ...PLAIN_CLASS,
    },
  ],
  confirmByMaxUs: 30_000_000,
  effectiveByMaxUs: 30_000_000,
  weightThreshold: 40,
  weighing: null,
  selfDealing: "refuse",
  allocateUnconfirmed: true,
  rulesVersions: [1],
  quotas: { rejections: 20, windowUs: 60_000_000 },
  consequences: [],
  ceilings: [],
  dutyCycles: [],
  sessionKeys: null,
};

export const schema: Schema = {
  name: "block-25k",
  commodityClass: COMMODITY_CLASS,
  steps: {
    frequencyStepHz: BLOCK_HZ,
    frequencyMinimumHz: BLOCK_HZ,
    timeStepUs: 0,
    timeMinimumUs: 0,
    areaDivisible: false,
  },
  guardBandHz: BLOCK_HZ,
  mask: [],
  tdd: null,
  borderLimit: null,
};

const square: readonly Vertex[] = [
  [-1, -1],
  [-1, 1],
  [1, 1],
  [1, -1],
].map(([north = 0, east = 0]) => ({
  latE7: CENTRE.latE7 + north * 90_000,
  lonE7: CENTRE.lonE7 + east * 150_000,
}));

/** The whole band for a day, about 1 km to each side. */
export const band: Box = {
  lowerHz: LOWER_HZ,
  upperHz: LOWER_HZ + 100_000_000,
  area: square,
  fromUs: START_WALL_US - HOUR_US,
  untilUs: START_WALL_US + 24 * HOUR_US,
  limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "erp", detector: "rms" }],
  commodityClass: COMMODITY_CLASS,
};

/** The block with number `i`: exclusive, free of all others. */
export function blockOf(i: number): Block {
  const lowerHz = LOWER_HZ + i * RASTER_HZ;
  const untilUs = START_WALL_US + HOUR_US;
  return {
    ...band,
    lowerHz,
    upperHz: lowerHz + BLOCK_HZ,
    fromUs: START_WALL_US,
    untilUs,
    area: [...square],
    exclusive: true,
  };
}

/** A link for the key of `subjectLineage` and `subjectKey`; null parent: the root's own. */
export function link(
  subject: Pick<Credential, "subjectLineage" | "subjectKey" | "level" | "verbs" | "owner">,
  parent: Uint8Array | null,
  scope: readonly Box[] = [band],
  depthLeft: number = parent === null ? 4 : 0,
): Credential {
  return {
    ...subject,
    eligibilityClasses: [ELIGIBILITY_CLASS],
    scope,
    fromUs: band.fromUs,
    untilUs: band.untilUs,
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft,
    budgets: [],
    holdingsMaxHz: null,
    parent,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "the bench",
    revocationChannel: "status",
    nonce: new Uint8Array(16),
  };
}
