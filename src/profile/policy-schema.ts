/** A common policy as a file, `schema: spectrum-agent.policy/1`; it becomes the body of a policy record (PROTOCOL §4). */
import * as z from "zod";
import { type Policy, policy as policyKind } from "../core/record/kinds/policy.ts";
import type { Assurance, Tier } from "../core/record/shared-fields.ts";
import type { DutyCycle, PowerLimit } from "../core/record/spectrum-fields.ts";
import { APART_LEVELS, ORDERED_LEVELS } from "../core/window/assurance.ts";
import { holdingsCeiling } from "./budget-schema.ts";
import { boundsOf } from "./field-bounds.ts";
import { instant } from "./instant.ts";
import { type Complaining, choice, complain, count, flag, list, map, type Piece, word } from "./leaf.ts";
import { leaseClass } from "./lease-class-schema.ts";
import { edges } from "./offer-schema.ts";
import { policyProfiles } from "./policy-profiles.ts";
import {
  consequence,
  duration,
  level,
  listOf,
  number,
  sessionKeys,
  transactionType,
  weighing,
} from "./policy-tables.ts";
import { complaint, didYouMean } from "./profile-error.ts";
import { type Provenance, provenanceKeys, provenanceOf } from "./provenance.ts";
import { powerLimit, quantity } from "./quantity.ts";
import { LENGTH, PERCENT } from "./units.ts";

export const POLICY_SCHEMA = "spectrum-agent.policy/1";

/**
 * A band that the policy was written for. No part of the record: credentials and offers carry the limits, and whoever
 * issues them takes them from here.
 */
export type PolicyBand = {
  readonly lowerHz: number;
  readonly upperHz: number;
  /** Of devices, where limits differ by it. */
  readonly category?: string;
  readonly limits: readonly PowerLimit[];
  /** Absent: it may be used all the time. This the record carries: each lease in the band takes it over. */
  readonly dutyCycle?: DutyCycle;
};

export type PolicyDocument = Provenance & {
  readonly bands: readonly PolicyBand[];
  readonly body: Policy;
};

const ASSURANCES: readonly Assurance[] = [...ORDERED_LEVELS, ...APART_LEVELS];
const TIERS: readonly Tier[] = ["simulated", "software", "tpm", "tpm-ek-verified"];
const BANDS_MAX = 32;
const LIMITS_MAX = 8;

export function policyDocument(): Piece<PolicyDocument> {
  return map(shape()).transform((written, context): PolicyDocument => {
    const body = bodyOf(written);
    if (body.endUs !== null && body.endUs <= body.startUs) {
      complain(context, ["end"], complaint("fields-order", "after `start`"));
    }
    checkOversight(body, context);
    checkDutyCycles(body, context);
    return { ...provenanceOf(written), bands: written.bands, body };
  });
}

/** Each key of the file by itself. */
export function policyPieces(): Readonly<Record<string, Piece<unknown>>> {
  return shape();
}

function shape() {
  return {
    schema: z.literal(POLICY_SCHEMA),
    name: word(64, "what profiles call it"),
    ...provenanceKeys(),
    bands: list(
      policyBand(),
      0,
      BANDS_MAX,
      "bands that it was written for; of them it enforces the duty cycles alone",
    ).prefault([]),
    profiles: policyProfiles(
      "what it was composed of: jurisdiction, licence class, safety, in this order",
    ).prefault([]),
    start: instant("usable from"),
    end: instant("usable until, as its successor states it").optional(),
    "spatial-window": quantity(
      LENGTH,
      "both parties' antennas lie within it, their errors counted",
      boundsOf(policyKind.body, "spatialWindowMm"),
    ),
    "temporal-window": duration("temporalWindowUs", "both observations lie within it, their errors counted"),
    "evidence-age-max": duration("evidenceAgeMaxUs", "oldest fix behind an observation"),
    "context-skew-max": duration(
      "contextSkewMaxUs",
      "between the holder's evaluation and the consumer's clock",
    ),
    "clock-bound": duration("clockBoundUs", "allowed to a party's clock when deadlines are judged"),
    "time-assurance": listOf(
      "timeAssurance",
      choice(ASSURANCES, "a level"),
      "levels of time, each one named",
    ),
    "place-assurance": listOf(
      "placeAssurance",
      choice(ASSURANCES, "a level"),
      "levels of place, each one named",
    ),
    tiers: listOf("tiers", choice(TIERS, "a tier"), "how keys may be protected"),
    levels: listOf("levels", level(), "the authority taxonomy"),
    "transaction-types": listOf("transactionTypes", transactionType(), "which observations make a pair"),
    "lease-classes": listOf("leaseClasses", leaseClass(), "how leases are renewed and silenced"),
    "confirm-by-max": duration("confirmByMaxUs", "from acceptance to countersignature"),
    "effective-by-max": duration(
      "effectiveByMaxUs",
      "from there, or the grant's start, to the first renewal",
    ),
    "weight-threshold": number("weightThreshold", "least sum of both parties' weights"),
    weighing: weighing().optional(),
    "self-dealing": choice(["refuse", "mark"], "what becomes of pairs of one owner"),
    "allocate-unconfirmed": flag("may exclusive allocation go on after a quarantine that nobody confirmed"),
    "rules-versions": listOf("rulesVersions", count(1, 65_535, "a version"), "rules versions in use"),
    quotas: map({
      rejections: number("quotas.rejections", "rejection records a peer and window"),
      window: duration("quotas.windowUs", "of the quota"),
    }),
    consequences: listOf("consequences", consequence(), "what refusals bring with them").prefault([]),
    ceilings: listOf(
      "ceilings",
      holdingsCeiling(),
      "on what anybody holds at one time, over all sellers",
    ).prefault([]),
    "session-keys": sessionKeys().optional(),
  };
}

type Written = z.output<z.ZodObject<ReturnType<typeof shape>, z.core.$strict>>;

function bodyOf(written: Written): Policy {
  return {
    name: written.name,
    profiles: written.profiles,
    startUs: written.start,
    endUs: written.end ?? null,
    succeeds: null,
    spatialWindowMm: written["spatial-window"],
    temporalWindowUs: written["temporal-window"],
    evidenceAgeMaxUs: written["evidence-age-max"],
    contextSkewMaxUs: written["context-skew-max"],
    clockBoundUs: written["clock-bound"],
    timeAssurance: written["time-assurance"],
    placeAssurance: written["place-assurance"],
    tiers: written.tiers,
    levels: written.levels,
    transactionTypes: written["transaction-types"],
    leaseClasses: written["lease-classes"],
    confirmByMaxUs: written["confirm-by-max"],
    effectiveByMaxUs: written["effective-by-max"],
    weightThreshold: written["weight-threshold"],
    weighing: written.weighing ?? null,
    selfDealing: written["self-dealing"],
    allocateUnconfirmed: written["allocate-unconfirmed"],
    rulesVersions: written["rules-versions"],
    quotas: { rejections: written.quotas.rejections, windowUs: written.quotas.window },
    consequences: written.consequences,
    ceilings: written.ceilings,
    dutyCycles: written.bands.flatMap(({ dutyCycle }) => dutyCycle ?? []),
    sessionKeys: written["session-keys"] ?? null,
  };
}

/** A level that the taxonomy lacks could acknowledge nothing, and no radio would ever be armed. */
function checkOversight({ leaseClasses, levels }: Policy, context: Complaining): void {
  const known = levels.map(({ name }) => name);
  for (const [i, { oversight }] of leaseClasses.entries()) {
    if (oversight === null || known.includes(oversight.level)) continue;
    const told = complaint("field-choice", known.join(" | "), didYouMean(oversight.level, known));
    complain(context, ["lease-classes", i, "oversight", "level"], told);
  }
}

/** They go into each order to a radio, which has to fit in one line. */
function checkDutyCycles({ dutyCycles }: Policy, context: Complaining): void {
  const { max } = boundsOf(policyKind.body, "dutyCycles");
  if (dutyCycles.length > max) {
    complain(context, ["bands"], complaint("field-count", `at most ${max} bands with a duty cycle`));
  }
}

function policyBand(): Piece<PolicyBand> {
  return map({
    band: edges(),
    category: word(64, "of devices, where limits differ by it").optional(),
    limits: list(powerLimit("a power limit"), 1, LIMITS_MAX, "all of them hold"),
    "duty-cycle": map(
      {
        share: quantity(
          PERCENT,
          "of any window, at most",
          boundsOf(policyKind.body, "dutyCycles.shareCentiPercent"),
        ),
        window: duration("dutyCycles.windowUs", "within which it is counted, sliding"),
      },
      "a term of each lease in the band, which only transmitters serve that keep it; absent: all the time",
    ).optional(),
  }).transform(({ band, category, limits, "duty-cycle": duty }): PolicyBand => {
    const edgesHz = { lowerHz: band[0] ?? 0, upperHz: band[1] ?? 0 };
    return {
      ...edgesHz,
      limits,
      ...(category === undefined ? {} : { category }),
      ...(duty === undefined
        ? {}
        : { dutyCycle: { ...edgesHz, shareCentiPercent: duty.share, windowUs: duty.window } }),
    };
  });
}
