/** A small scope: who takes part, what may go wrong and how often, and where the exploration begins. */
import { PLAIN_CLASS } from "../../core/policy/plain-class.ts";
import type { Policy } from "../../core/record/kinds/policy.ts";
import type { Schema } from "../../core/record/kinds/schema.ts";
import type { Block, Box, Vertex } from "../../core/record/spectrum-fields.ts";
import { type HostClocks, SCENE_BEGAN_US } from "./host-time.ts";

/** What counts as adverse: each costs one of `adverse`. `expiry`: time passes while something is outstanding. */
export type AdverseKind = "drop" | "duplicate" | "crash" | "reboot" | "expiry";

/** What an operator does, at any moment, once. Hosts by their order: the holder is 0. */
export type Order = {
  readonly host: number;
  readonly verb: "accept" | "relinquish" | "terminate";
};

export type Scope = {
  readonly name: string;
  readonly consumers: number;
  readonly instantUs: number;
  /** Exploration ends this many instants after its begin; from there on everything works, and all must agree. */
  readonly instants: number;
  /** Adverse events in one history, in all, and of which kinds. */
  readonly adverse: number;
  readonly adverseKinds: readonly AdverseKind[];
  /** Renewals of one lease that the holder may sign in one history: beyond it the history is cut, and counted. */
  readonly renewals: number;
  readonly orders: readonly Order[];
  /**
   * `accepted`: acceptances wait to be stored. `on-air`: the first consumer's radio is on. `restored`: the same, and the
   * holder's log ends before its settlement, with the quarantine's mark.
   */
  readonly begins: "accepted" | "on-air" | "restored";
  readonly grantInstants: number;
  /** How far one renewal reaches at most; the next one is asked for in each instant. */
  readonly reachInstants: number;
  /** From an acceptance to its countersignature, and from there to the first request for a renewal. */
  readonly deadlineInstants: number;
  readonly muteLatencyUs: number;
  readonly driftPpm: number;
  readonly timeBoundUs: number;
  /** By host; who has none is true. */
  readonly clocks: readonly HostClocks[];
  /** Time also stops where a guard's deadline or a renewal's bound passes, not at whole instants only. */
  readonly stopsAtBounds: boolean;
  /** RF has to be off by the transmit expiry. False only where the expiry bound was taken away to try the other alone. */
  readonly judgesExpiry: boolean;
  /** Whether all come to agree once everything works. False where another question is asked. */
  readonly judgesAgreement: boolean;
};

export const SCOPE_DEFAULT: Scope = {
  name: "two agents, one offer",
  consumers: 1,
  // Longer than any pause between two sendings of one record: each instant's tick sends again what is not answered.
  instantUs: 10_000_000,
  instants: 5,
  adverse: 2,
  adverseKinds: ["drop", "duplicate", "crash", "reboot", "expiry"],
  renewals: 2,
  orders: [],
  begins: "accepted",
  grantInstants: 2,
  reachInstants: 2,
  deadlineInstants: 1,
  muteLatencyUs: 1_000_000,
  driftPpm: 0,
  timeBoundUs: 20_000,
  clocks: [],
  stopsAtBounds: false,
  judgesExpiry: true,
  judgesAgreement: true,
};

const CORNER: Vertex = { latE7: 525_000_000, lonE7: 134_000_000 };

function squareAround(halfE7: number): readonly Vertex[] {
  const { latE7, lonE7 } = CORNER;
  return [
    { latE7: latE7 - halfE7, lonE7: lonE7 - halfE7 },
    { latE7: latE7 - halfE7, lonE7: lonE7 + halfE7 },
    { latE7: latE7 + halfE7, lonE7: lonE7 + halfE7 },
    { latE7: latE7 + halfE7, lonE7: lonE7 - halfE7 },
  ];
}

/** Everybody stands here. */
export const PLACE: Vertex & { readonly heightMm: number } = { ...CORNER, heightMm: 520_000 };

/** What outlasts every scope. */
const LONG_US = 10_000_000_000;

export const scopeBox: Box = {
  lowerHz: 433_000_000,
  upperHz: 435_000_000,
  area: squareAround(1_000_000),
  fromUs: SCENE_BEGAN_US - LONG_US,
  untilUs: SCENE_BEGAN_US + LONG_US,
  limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "eirp", detector: "rms" }],
  commodityClass: "ism-433",
};

export function scopeBlock({ grantInstants, instantUs }: Scope): Block {
  return {
    ...scopeBox,
    lowerHz: 433_100_000,
    upperHz: 433_300_000,
    area: squareAround(50_000),
    // Begun by everybody's earliest edge, with a receiver that is an instant early and says so.
    fromUs: SCENE_BEGAN_US - 3 * instantUs,
    untilUs: SCENE_BEGAN_US + grantInstants * instantUs,
    exclusive: true,
  };
}

export const scopeSchema: Schema = {
  name: "ism-433",
  commodityClass: "ism-433",
  steps: {
    frequencyStepHz: 25_000,
    frequencyMinimumHz: 25_000,
    timeStepUs: 0,
    timeMinimumUs: 0,
    areaDivisible: false,
  },
  guardBandHz: 0,
  mask: [],
  tdd: null,
  borderLimit: null,
};

const CLOCK_BOUND_US_MIN = 1_000_000;

export function scopePolicy(scope: Scope): Policy {
  const { muteLatencyUs, timeBoundUs, reachInstants, deadlineInstants, instantUs } = scope;
  return {
    name: "scope",
    profiles: [],
    startUs: SCENE_BEGAN_US - LONG_US,
    endUs: null,
    succeeds: null,
    spatialWindowMm: 500_000,
    temporalWindowUs: 100 * instantUs,
    evidenceAgeMaxUs: 100 * instantUs,
    contextSkewMaxUs: 2 * instantUs,
    clockBoundUs: Math.max(CLOCK_BOUND_US_MIN, timeBoundUs),
    timeAssurance: ["simulated"],
    placeAssurance: ["simulated"],
    tiers: ["simulated"],
    levels: [
      { name: "root", rank: 3, response: "obey", weight: 100, admits: "all" },
      { name: "licensee", rank: 2, response: "advise", weight: 50, admits: "all" },
      { name: "user", rank: 1, response: "ignore", weight: 10, admits: "all" },
    ],
    transactionTypes: [{ first: "offer", second: "acceptance", rules: ["content-match"] }],
    leaseClasses: [
      {
        name: "scope",
        // The slowest clock asks each instant too.
        periodUs: Math.floor(instantUs * 0.8),
        reachUs: reachInstants * instantUs,
        preemption: null,
        snapshotAgeMaxUs: LONG_US,
        holdoverUs: 100 * instantUs,
        deadmen: ["guard"],
        muteLatencyMaxUs: muteLatencyUs,
        verifyWithinUs: instantUs,
        ...PLAIN_CLASS,
      },
    ],
    confirmByMaxUs: deadlineInstants * instantUs,
    effectiveByMaxUs: deadlineInstants * instantUs,
    weightThreshold: 0,
    weighing: null,
    selfDealing: "refuse",
    allocateUnconfirmed: true,
    rulesVersions: [1],
    quotas: { rejections: 64, windowUs: instantUs },
    consequences: [],
    ceilings: [],
    dutyCycles: [],
    sessionKeys: null,
  };
}
