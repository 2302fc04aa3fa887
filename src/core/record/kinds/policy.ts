/** The common policy: windows, rules, taxonomy, lease classes, deadlines, assurance, quotas (PROTOCOL §4). */

import { choice, type Field, flag, identifier, integer, list, nilable, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import {
  type Assurance,
  assurance,
  type Deadman,
  deadman,
  durationUs,
  frequencyHz,
  instantUs,
  type Tier,
  tier,
  word,
} from "../shared-fields.ts";
import { area, type Vertex } from "../spectrum-fields.ts";

/** One level of the authority taxonomy. */
export type Level = {
  readonly name: string;
  /** Higher stands above. */
  readonly rank: number;
  /** What an agent does with this level's directives. */
  readonly response: "obey" | "advise" | "ignore";
  readonly weight: number;
  /** Which records of this level change state: all, or only with corroboration, or none. */
  readonly admits: "all" | "corroborated" | "none";
};

export type RecognitionId = "content-match" | "handshake" | "derivation" | "composite";

/** Which observations make a transaction of this type, and by which rule. */
export type TransactionType = {
  readonly first: "offer" | "tender" | "commitment";
  readonly second: "acceptance" | "fulfilment";
  readonly rules: readonly RecognitionId[];
};

/** A level above the parties that hears of each lease, or has to acknowledge it before its radio is armed. */
export type Oversight = { readonly level: string; readonly duty: "notified" | "acknowledged" };

/** Schemes of regulatory identifiers that each side has to state in its credentials or its settlement. */
export type RequiredIdentifiers = {
  readonly holder: readonly string[];
  readonly consumer: readonly string[];
};

export type LeaseClass = {
  readonly name: string;
  /** Who answers for what is on the air: 47 CFR 1.9020 licensee, 1.9030 lessee, 96.35 nobody against others. */
  readonly control: "licensee" | "lessee" | "shared";
  /** nil: nobody above the parties has to do with a lease of this class. */
  readonly oversight: Oversight | null;
  /** With the seller's licence ends the lease; or already its agreed term may not reach beyond it. */
  readonly endsWithLicence: "lease" | "term";
  readonly exclusive: "allowed" | "never";
  readonly identifiers: RequiredIdentifiers;
  /** Between two renewals. */
  readonly periodUs: number;
  /** Longest duration that one renewal grants. */
  readonly reachUs: number;
  /** Oldest status snapshot that a settlement or renewal tolerates; its issue time + this caps the transmit expiry. */
  readonly snapshotAgeMaxUs: number;
  /** How long assurance may be below the lease's term before RF goes off. */
  readonly holdoverUs: number;
  readonly deadmen: readonly Deadman[];
  readonly muteLatencyMaxUs: number;
  /** An actuation that is not verified within this is muted. */
  readonly verifyWithinUs: number;
};

/** What a refusal brings with it. */
export type Consequence = {
  readonly code: string;
  readonly consequence: "none" | "retry-after" | "quota" | "suspend-peer" | "dispute";
  readonly afterUs: number;
};

export type Quotas = {
  /** Rejection records a peer and window before they are aggregated. */
  readonly rejections: number;
  readonly windowUs: number;
};

/** How much bandwidth anybody may hold at one time, over all sellers (47 CFR 96.31: 40 MHz of PAL in a licence area). */
export type HoldingsCeiling = {
  readonly commodityClass: string;
  /** nil: of any lease class. */
  readonly leaseClass: string | null;
  /** nil: anywhere. */
  readonly area: readonly Vertex[] | null;
  readonly holdingsMaxHz: number;
};

export type Policy = {
  readonly name: string;
  readonly startUs: number;
  /** End of the usable interval, as the successor states it. */
  readonly endUs: number | null;
  readonly spatialWindowMm: number;
  readonly temporalWindowUs: number;
  readonly evidenceAgeMaxUs: number;
  /** How far the holder's interval of evaluation may lie outside the consumer's own. */
  readonly contextSkewMaxUs: number;
  readonly clockBoundUs: number;
  readonly timeAssurance: readonly Assurance[];
  readonly placeAssurance: readonly Assurance[];
  readonly tiers: readonly Tier[];
  readonly levels: readonly Level[];
  readonly transactionTypes: readonly TransactionType[];
  readonly leaseClasses: readonly LeaseClass[];
  readonly confirmByMaxUs: number;
  readonly effectiveByMaxUs: number;
  /** Sum of both parties' level weights that a pair must reach. */
  readonly weightThreshold: number;
  readonly selfDealing: "refuse" | "mark";
  /** May exclusive allocation go on after a quarantine whose head nobody confirmed? */
  readonly allocateUnconfirmed: boolean;
  readonly rulesVersions: readonly number[];
  readonly quotas: Quotas;
  readonly consequences: readonly Consequence[];
  readonly ceilings: readonly HoldingsCeiling[];
};

const level: Field<Level> = struct<Level>({
  name: word,
  rank: integer(0, 255),
  response: choice("obey", "advise", "ignore"),
  weight: integer(-1000, 1000),
  admits: choice("all", "corroborated", "none"),
});

const transactionType: Field<TransactionType> = struct<TransactionType>({
  first: choice("offer", "tender", "commitment"),
  second: choice("acceptance", "fulfilment"),
  rules: list(choice("content-match", "handshake", "derivation", "composite"), 1, 4),
});

const schemes: Field<readonly string[]> = list(word, 0, 8);

const leaseClass: Field<LeaseClass> = struct<LeaseClass>({
  name: word,
  control: choice("licensee", "lessee", "shared"),
  oversight: nilable(struct<Oversight>({ level: word, duty: choice("notified", "acknowledged") })),
  endsWithLicence: choice("lease", "term"),
  exclusive: choice("allowed", "never"),
  identifiers: struct<RequiredIdentifiers>({ holder: schemes, consumer: schemes }),
  periodUs: durationUs,
  reachUs: durationUs,
  snapshotAgeMaxUs: durationUs,
  holdoverUs: durationUs,
  deadmen: list(deadman, 1, 3),
  muteLatencyMaxUs: durationUs,
  verifyWithinUs: durationUs,
});

const consequence: Field<Consequence> = struct<Consequence>({
  code: identifier(64),
  consequence: choice("none", "retry-after", "quota", "suspend-peer", "dispute"),
  afterUs: durationUs,
});

const ceiling: Field<HoldingsCeiling> = struct<HoldingsCeiling>({
  commodityClass: word,
  leaseClass: nilable(word),
  area: nilable(area),
  holdingsMaxHz: frequencyHz,
});

const body: Field<Policy> = struct<Policy>({
  name: word,
  startUs: instantUs,
  endUs: nilable(instantUs),
  spatialWindowMm: integer(0, 100_000_000),
  temporalWindowUs: durationUs,
  evidenceAgeMaxUs: durationUs,
  contextSkewMaxUs: durationUs,
  clockBoundUs: durationUs,
  timeAssurance: list(assurance, 1, 9),
  placeAssurance: list(assurance, 1, 9),
  tiers: list(tier, 1, 4),
  levels: list(level, 1, 16),
  transactionTypes: list(transactionType, 1, 8),
  leaseClasses: list(leaseClass, 1, 8),
  confirmByMaxUs: durationUs,
  effectiveByMaxUs: durationUs,
  weightThreshold: integer(-2000, 2000),
  selfDealing: choice("refuse", "mark"),
  allocateUnconfirmed: flag,
  rulesVersions: list(integer(1, 65_535), 1, 4),
  quotas: struct<Quotas>({ rejections: integer(0, 10_000), windowUs: durationUs }),
  consequences: list(consequence, 0, 64),
  ceilings: list(ceiling, 0, 8),
});

export const policy: Kind<Policy> = {
  name: "policy",
  summary: "The common policy that offers, acceptances and artifacts name by its id.",
  body,
  mayBeNil: OFFLINE,
};
