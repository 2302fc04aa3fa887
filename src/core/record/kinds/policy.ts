/** The common policy: windows, rules, taxonomy, lease classes, deadlines, assurance, quotas (PROTOCOL §4). */

import { choice, type Field, flag, identifier, integer, list, nilable, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { type SessionKeyRules, sessionKeyRules } from "../session-rules.ts";
import {
  type Assurance,
  assurance,
  type Deadman,
  deadman,
  digest,
  durationUs,
  frequencyHz,
  instantUs,
  type Tier,
  tier,
  word,
} from "../shared-fields.ts";
import { area, type DutyCycle, dutyCycles, type Vertex } from "../spectrum-fields.ts";

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
  /** nil: the class promises nothing to those who may preempt it, and settles nothing of what stays unserved. */
  readonly preemption: PreemptionTerms | null;
};

export type PreemptionTerms = {
  /** In-scope radios that hear of no directive are silent within this from when their holder heard it. */
  readonly withinUs: number;
  /** What becomes of the unserved part of a paid lease. */
  readonly unserved: "refund" | "none";
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

/** What evidence adds to the weight of a party's level, and between which weights the sum is held (PROTOCOL §4 Weight). */
export type Weighing = {
  /** For each earlier attestation that is unbrokenly behind the party's latest one. */
  readonly attestation: number;
  readonly attestationsMax: number;
  /** Two that follow each other sooner count as one: starting anew is no merit. */
  readonly attestationStepUs: number;
  /** For each observation of the party by authorities that share nothing with either side, nor with each other. */
  readonly corroboration: number;
  readonly corroborationsMax: number;
  readonly least: number;
  readonly most: number;
};

/** What the common policy is composed of, in the order of their rank (PROTOCOL §4 Common policy). */
export const PROFILE_ROLES = ["jurisdiction", "licence-class", "safety"] as const;

/** One of the documents that a common policy was composed of. */
export type PolicyProfile = {
  readonly role: (typeof PROFILE_ROLES)[number];
  readonly name: string;
  /** Those fields of the policy whose value is this document's. */
  readonly fields: readonly string[];
};

/** Which policy this one takes the place of, and when that one's usable interval ends. */
export type Succession = { readonly predecessor: Uint8Array; readonly endUs: number };

export type Policy = {
  readonly name: string;
  /** Empty: one document made it all. */
  readonly profiles: readonly PolicyProfile[];
  readonly startUs: number;
  /** Its own last instant; a successor may end it earlier. */
  readonly endUs: number | null;
  /** nil: a first policy. */
  readonly succeeds: Succession | null;
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
  /** Sum of both parties' weights that a pair must reach. */
  readonly weightThreshold: number;
  /** nil: the level alone weighs. */
  readonly weighing: Weighing | null;
  readonly selfDealing: "refuse" | "mark";
  /** May exclusive allocation go on after a quarantine whose head nobody confirmed? */
  readonly allocateUnconfirmed: boolean;
  readonly rulesVersions: readonly number[];
  readonly quotas: Quotas;
  readonly consequences: readonly Consequence[];
  readonly ceilings: readonly HoldingsCeiling[];
  /** Of each band; a lease takes over those that its block reaches into. */
  readonly dutyCycles: readonly DutyCycle[];
  /** nil: the device's own key signs everything. */
  readonly sessionKeys: SessionKeyRules | null;
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
  preemption: nilable(struct<PreemptionTerms>({ withinUs: durationUs, unserved: choice("refund", "none") })),
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

/** In one context stand both sides' attestations, so each has half of its list. */
const COUNTED_MAX = 16;

const weighing: Field<Weighing> = struct<Weighing>({
  attestation: integer(0, 1000),
  attestationsMax: integer(0, COUNTED_MAX),
  attestationStepUs: durationUs,
  corroboration: integer(0, 1000),
  corroborationsMax: integer(0, COUNTED_MAX),
  least: integer(-1000, 1000),
  most: integer(-1000, 1000),
});

const profile: Field<PolicyProfile> = struct<PolicyProfile>({
  role: choice(...PROFILE_ROLES),
  name: word,
  fields: list(identifier(40), 1, 40),
});

const succession: Field<Succession> = struct<Succession>({ predecessor: digest, endUs: instantUs });

const body: Field<Policy> = struct<Policy>({
  name: word,
  profiles: list(profile, 0, 8),
  startUs: instantUs,
  endUs: nilable(instantUs),
  succeeds: nilable(succession),
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
  weighing: nilable(weighing),
  selfDealing: choice("refuse", "mark"),
  allocateUnconfirmed: flag,
  rulesVersions: list(integer(1, 65_535), 1, 4),
  quotas: struct<Quotas>({ rejections: integer(0, 10_000), windowUs: durationUs }),
  consequences: list(consequence, 0, 64),
  ceilings: list(ceiling, 0, 8),
  dutyCycles,
  sessionKeys: nilable(sessionKeyRules),
});

export const policy: Kind<Policy> = {
  name: "policy",
  summary: "The common policy that offers, acceptances and artifacts name by its id.",
  body,
  mayBeNil: OFFLINE,
};
