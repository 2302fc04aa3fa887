/** A root, a holder and consumers who settle, renew, transmit and refuse, record by record: what bundles are made of. */

import { type Chain, chainOf } from "../../src/core/authority/chain.ts";
import { sortedUnique } from "../../src/core/base/bytes.ts";
import type { Rejection } from "../../src/core/base/rejection.ts";
import { type Bodies, bodiesFrom } from "../../src/core/pairing/bodies.ts";
import type { Evaluation } from "../../src/core/pairing/evaluate.ts";
import { evaluateUnder } from "../../src/core/pairing/rules-versions.ts";
import { PLAIN_CLASS } from "../../src/core/policy/plain-class.ts";
import { ZERO_ID } from "../../src/core/record/identity.ts";
import type { Acceptance } from "../../src/core/record/kinds/acceptance.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { Offer } from "../../src/core/record/kinds/offer.ts";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import type { Schema } from "../../src/core/record/kinds/schema.ts";
import type { Context } from "../../src/core/record/kinds/settlement.ts";
import type { AnyRecord, RecordOf } from "../../src/core/record/record.ts";
import { clear } from "../../src/core/record/sealed.ts";
import type { PlaceEvidence, TimeEvidence } from "../../src/core/record/shared-fields.ts";
import type { Block, Box, PowerLimit, Vertex } from "../../src/core/record/spectrum-fields.ts";
import type { DerivedArtifact } from "../../src/core/settlement/artifact.ts";
import {
  digestOf,
  type LineageBuilder,
  lineageBuilder,
  primitives,
  type Written,
} from "./lineage-builder.ts";

export const SECOND_US = 1_000_000;
/** Second 0 of every market: 2025-06-15. */
export const START_US = 1_750_000_000 * SECOND_US;
const YEAR_US = 365 * 86_400 * SECOND_US;
/** Half the width of the interval that each party claims to be in. */
const CLOCK_BOUND_US = 5_000;
const MUTE_LATENCY_US = 50_000;

/** Centre of the area, Munich. */
const CENTRE: Vertex = { latE7: 481_371_540, lonE7: 115_761_240 };

function square(half: number): readonly Vertex[] {
  const { latE7, lonE7 } = CENTRE;
  return [
    { latE7: latE7 - half, lonE7: lonE7 - half },
    { latE7: latE7 - half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 - half },
  ];
}

const eirp: PowerLimit = { centiDbm: 1_000, referenceHz: 0, measure: "eirp", detector: "rms" };

const scopeBox: Box = {
  lowerHz: 433_000_000,
  upperHz: 435_000_000,
  area: square(1_000_000),
  fromUs: START_US - YEAR_US,
  untilUs: START_US + YEAR_US,
  limits: [eirp],
  commodityClass: "ism-433",
};

export const offeredBlock: Block = {
  ...scopeBox,
  lowerHz: 433_100_000,
  upperHz: 433_300_000,
  area: square(500_000),
  fromUs: START_US,
  untilUs: START_US + 600 * SECOND_US,
  exclusive: true,
};

/** A second of the market as its parties' receivers tell it. */
export function timeAt(second: number): TimeEvidence {
  const us = START_US + Math.round(second * SECOND_US);
  return {
    earliestUs: us - CLOCK_BOUND_US,
    latestUs: us + CLOCK_BOUND_US,
    assurance: "simulated",
    ageUs: 100_000,
  };
}

/** `northE7` units of 1e-7 degree, about 11 mm each, north of the centre. */
export function placeAt(northE7: number): PlaceEvidence {
  return {
    latE7: CENTRE.latE7 + northE7,
    lonE7: CENTRE.lonE7,
    heightMm: 520_000,
    horizontalErrorMm: 3_000,
    verticalErrorMm: 5_000,
    assurance: "simulated",
    ageUs: 100_000,
  };
}

/** A host's boot clock, which began 1000 s before second 0. */
export function bootUsAt(second: number): number {
  return Math.round((1_000 + second) * SECOND_US);
}

export const policyBody: Policy = {
  name: "bench-cabled",
  profiles: [],
  startUs: START_US - YEAR_US,
  endUs: null,
  succeeds: null,
  spatialWindowMm: 500_000,
  temporalWindowUs: 60 * SECOND_US,
  evidenceAgeMaxUs: 10 * SECOND_US,
  contextSkewMaxUs: 2 * SECOND_US,
  clockBoundUs: 500_000,
  timeAssurance: ["simulated"],
  placeAssurance: ["simulated"],
  tiers: ["simulated"],
  levels: [
    { name: "root", rank: 3, response: "obey", weight: 100, admits: "all" },
    { name: "licensee", rank: 2, response: "advise", weight: 50, admits: "all" },
    { name: "user", rank: 1, response: "ignore", weight: 10, admits: "all" },
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
      name: "bench",
      periodUs: 3 * SECOND_US,
      reachUs: 10 * SECOND_US,
      snapshotAgeMaxUs: 3_600 * SECOND_US,
      holdoverUs: 5 * SECOND_US,
      deadmen: ["device", "guard"],
      muteLatencyMaxUs: 500_000,
      verifyWithinUs: 2 * SECOND_US,
      preemption: null,
      ...PLAIN_CLASS,
    },
  ],
  confirmByMaxUs: 60 * SECOND_US,
  effectiveByMaxUs: 60 * SECOND_US,
  weightThreshold: 0,
  weighing: null,
  selfDealing: "refuse",
  allocateUnconfirmed: false,
  rulesVersions: [1],
  quotas: { rejections: 10, windowUs: 60 * SECOND_US },
  consequences: [],
  ceilings: [],
  dutyCycles: [],
  sessionKeys: null,
};

const schemaBody: Schema = {
  name: "ism-433",
  commodityClass: "ism-433",
  steps: {
    frequencyStepHz: 25_000,
    frequencyMinimumHz: 25_000,
    timeStepUs: SECOND_US,
    timeMinimumUs: SECOND_US,
    areaDivisible: true,
  },
  guardBandHz: 12_500,
  mask: [],
  tdd: null,
  borderLimit: null,
};

export type Party = {
  readonly author: LineageBuilder;
  readonly credential: RecordOf<"credential">;
  readonly northE7: number;
  readonly bootId: Uint8Array;
};

export type PartyParts = {
  readonly name: string;
  readonly northE7?: number;
  readonly credential?: Partial<Credential>;
};

/** A pair on its way: what both sides have derived, and the records so far. */
export type Lease = {
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly derived: DerivedArtifact;
  readonly holder: Party;
  readonly consumer: Party;
  readonly holderSettlement: RecordOf<"settlement">;
  readonly consumerSettlement: RecordOf<"settlement"> | null;
};

export type Market = ReturnType<typeof market>;

export type MarketParts = {
  /** Another name makes other keys, ids and bytes everywhere. */
  readonly name?: string;
  readonly policy?: Partial<Policy>;
  readonly schema?: Partial<Schema>;
  readonly rootCredential?: Partial<Credential>;
};

/** A root with policy, schema, its own credential and a first status snapshot, and a holder. */
export function market(parts: MarketParts = {}) {
  const name = parts.name ?? "market";
  const root = lineageBuilder({ name: `${name} root` });
  const policy = root.write("policy", { ...policyBody, ...parts.policy });
  const schema = root.write("schema", { ...schemaBody, ...parts.schema });
  const rootCredential = root.write("credential", {
    ...credentialBody(root),
    level: "root",
    verbs: ["allocate", "acquire", "issue"],
    depthLeft: 2,
    budgets: [],
    holdingsMaxHz: null,
    licenceAsserted: true,
    identifiers: clear([{ scheme: "licence", value: "A-433/17" }]),
    ...parts.rootCredential,
  });
  const snapshot = root.write("status-snapshot", {
    number: 1,
    previousSnapshot: ZERO_ID,
    issuedUs: START_US - 60 * SECOND_US,
    revoked: [],
  });
  const holder = party({ name: "holder", credential: { level: "licensee", verbs: ["allocate"] } });

  function party(of: PartyParts): Party {
    const author = lineageBuilder({ name: `${name} ${of.name}`, owner: of.name });
    const credential = root.write("credential", {
      ...credentialBody(author),
      parent: rootCredential.id,
      ...of.credential,
    });
    return {
      author,
      credential,
      northE7: of.northE7 ?? 0,
      bootId: digestOf(name, of.name, "boot").slice(0, 16),
    };
  }

  /** Header of a record that `by` makes at a second. */
  function made(by: Party, second: number, written: Written = {}): Written {
    return {
      credential: by.credential.id,
      policy: policy.id,
      time: timeAt(second),
      place: clear(placeAt(by.northE7)),
      ...written,
    };
  }

  /** Every record of the root, and those given, by id. */
  function bodies(...more: readonly AnyRecord[]): Bodies {
    return bodiesFrom([...root.records(), ...more]);
  }

  function offer(second: number, body: Partial<Offer> = {}, written: Written = {}): RecordOf<"offer"> {
    const whole: Offer = {
      schema: schema.id,
      resource: "munich/433-a",
      block: offeredBlock,
      steps: schemaBody.steps,
      price: clear({ form: "fixed", microUnits: 5_000_000n, currency: "EUR" }),
      eligibility: { level: "user", verb: "acquire", eligibilityClass: "ism" },
      rules: ["content-match"],
      challenge: digestOf(name, "challenge", second),
      leaseClass: "bench",
      rulesVersions: [1],
      endUs: START_US + 300 * SECOND_US,
      ...body,
    };
    return holder.author.write("offer", whole, made(holder, second, written));
  }

  function accept(
    by: Party,
    of: RecordOf<"offer">,
    second: number,
    body: Partial<Acceptance> = {},
    written: Written = {},
  ): RecordOf<"acceptance"> {
    const confirmByUs = START_US + Math.round((second + 30) * SECOND_US);
    const whole: Acceptance = {
      offer: of.id,
      resource: of.body.resource,
      block: of.body.block,
      price: of.body.price,
      rulesVersion: 1,
      answers: [new Uint8Array(0)],
      confirmByUs,
      effectiveByUs: confirmByUs + 30 * SECOND_US,
      clockDriftPpm: 100,
      deadman: "guard",
      muteLatencyUs: MUTE_LATENCY_US,
      holdings: [],
      budgets: [],
      nonce: digestOf(name, by.author.name, "acceptance", second).slice(0, 16),
      ...body,
    };
    return by.author.write("acceptance", whole, made(by, second, written));
  }

  /** C as the holder fixes it at a second. */
  function contextAt(of: RecordOf<"offer">, acceptance: RecordOf<"acceptance">, second: number): Context {
    const all = bodies();
    const chains: readonly Chain[] = [of, acceptance].map((each) =>
      chainOf(each.header.credential ?? ZERO_ID, all),
    );
    const links = chains.flatMap((chain) => chain.links);
    const { earliestUs, latestUs } = timeAt(second);
    return {
      interval: { earliestUs, latestUs },
      holderPlace: clear(placeAt(holder.northE7)),
      roots: [root.lineage],
      recognitions: [],
      credentials: sortedUnique(links.map((link) => link.id)),
      snapshots: [snapshot.id],
      attestations: [],
      corroborations: [],
      reputations: [],
      budgets: [],
    };
  }

  function evaluateAt(of: RecordOf<"offer">, acceptance: RecordOf<"acceptance">, second: number): Evaluation {
    return evaluateUnder(of, acceptance, contextAt(of, acceptance, second), bodies(), primitives);
  }

  function bind(
    consumer: Party,
    of: RecordOf<"offer">,
    acceptance: RecordOf<"acceptance">,
    second: number,
  ): Lease {
    const evaluation = evaluateAt(of, acceptance, second);
    if (!("derived" in evaluation)) {
      throw new Error(`not admitted: ${evaluation.findings.map((each) => JSON.stringify(each)).join("\n")}`);
    }
    const { derived } = evaluation;
    const body = {
      offer: of.id,
      acceptance: acceptance.id,
      context: contextAt(of, acceptance, second),
      artifact: derived.id,
      identifiers: clear([]),
    };
    const holderSettlement = holder.author.write("settlement", body, made(holder, second));
    return { offer: of, acceptance, derived, holder, consumer, holderSettlement, consumerSettlement: null };
  }

  function countersign(lease: Lease, second: number): Lease {
    const { consumer, holderSettlement } = lease;
    const consumerSettlement = consumer.author.write(
      "settlement",
      holderSettlement.body,
      made(consumer, second),
    );
    return { ...lease, consumerSettlement };
  }

  function request(
    lease: Lease,
    second: number,
    seen: AnyRecord,
    extended: RecordOf<"renewal"> | null = null,
  ): RecordOf<"renewal-request"> {
    const { consumer, derived } = lease;
    const body = {
      artifact: derived.id,
      nonce: digestOf(name, "request", second).slice(0, 16),
      bootId: consumer.bootId,
      anchorBootUs: bootUsAt(second),
      lastHolderRecord: seen.id,
      lastRenewal: extended?.id ?? null,
    };
    return consumer.author.write("renewal-request", body, made(consumer, second));
  }

  function renew(lease: Lease, asked: RecordOf<"renewal-request">, second: number): RecordOf<"renewal"> {
    const { earliestUs, latestUs } = timeAt(second);
    const { reachUs } = lease.derived.artifact.terms;
    const transmitExpiryUs = Math.min(earliestUs + reachUs, lease.derived.artifact.block.untilUs);
    const body = {
      request: asked.id,
      artifact: lease.derived.id,
      nonce: asked.body.nonce,
      consumerBootId: asked.body.bootId,
      durationUs: Math.min(reachUs, transmitExpiryUs - latestUs),
      transmitExpiryUs,
      snapshots: [snapshot.id],
      holderBootId: holder.bootId,
      holderBootUs: bootUsAt(second),
    };
    return holder.author.write("renewal", body, made(holder, second));
  }

  function actuate(lease: Lease, by: RecordOf<"renewal">, second: number): RecordOf<"actuation"> {
    const { consumer, derived } = lease;
    const { lowerHz, upperHz } = derived.artifact.block;
    const body = {
      artifact: derived.id,
      renewal: by.id,
      emission: { lowerHz, upperHz, eirpCentiDbm: 900, dutyCycles: lease.derived.artifact.terms.dutyCycles },
      bootId: consumer.bootId,
      deadlineBootUs: bootUsAt(second) + 9 * SECOND_US,
    };
    return consumer.author.write("actuation", body, made(consumer, second));
  }

  function outcome(
    lease: Lease,
    of: RecordOf<"actuation">,
    second: number,
    result: "on" | "muted",
  ): RecordOf<"actuation-outcome"> {
    const { consumer } = lease;
    const body = {
      actuation: of.id,
      result,
      evidence: result === "on" ? ("read-back" as const) : ("guard" as const),
      emission: result === "on" ? of.body.emission : null,
      bootId: consumer.bootId,
      bootUs: bootUsAt(second),
      muteLatencyUs: result === "on" ? null : 12_000,
      reason: result === "on" ? "armed" : "deadline",
      termination: null,
    };
    return consumer.author.write("actuation-outcome", body, made(consumer, second));
  }

  function relinquish(lease: Lease, second: number): RecordOf<"relinquishment"> {
    const { consumer, derived } = lease;
    const body = {
      artifact: derived.id,
      reason: "operator" as const,
      bootId: consumer.bootId,
      mutedBootUs: bootUsAt(second) - 100_000,
      termination: null,
    };
    return consumer.author.write("relinquishment", body, made(consumer, second));
  }

  function terminate(
    lease: Lease,
    second: number,
    reason: "relinquished" | "lapsed" | "not-countersigned" | "ended",
    cause: AnyRecord | null = null,
  ): RecordOf<"lease-termination"> {
    const body = { artifact: lease.derived.id, reason, cause: cause?.id ?? null, link: null };
    return holder.author.write("lease-termination", body, made(holder, second));
  }

  function refuse(
    acceptance: RecordOf<"acceptance">,
    findings: readonly Rejection[],
    second: number,
  ): RecordOf<"rejection"> {
    const body = {
      subject: acceptance.id,
      peer: acceptance.header.lineage,
      findings,
      profile: policyBody.name,
      profiles: [],
      consequence: "none" as const,
      retryAfterUs: 0,
      count: 1,
    };
    return holder.author.write("rejection", body, made(holder, second));
  }

  /** What the holder's evaluation finds at a second. */
  function findingsAt(
    of: RecordOf<"offer">,
    acceptance: RecordOf<"acceptance">,
    second: number,
  ): readonly Rejection[] {
    const evaluation = evaluateAt(of, acceptance, second);
    return "findings" in evaluation ? evaluation.findings : [];
  }

  return {
    name,
    root,
    policy,
    schema,
    rootCredential,
    snapshot,
    holder,
    party,
    made,
    bodies,
    offer,
    accept,
    contextAt,
    evaluateAt,
    findingsAt,
    bind,
    countersign,
    request,
    renew,
    actuate,
    outcome,
    relinquish,
    terminate,
    refuse,
  };
}

function credentialBody(subject: LineageBuilder): Credential {
  return {
    subjectLineage: subject.lineage,
    subjectKey: subject.keyId,
    level: "user",
    verbs: ["acquire"],
    eligibilityClasses: ["ism"],
    scope: [scopeBox],
    fromUs: START_US - YEAR_US,
    untilUs: START_US + YEAR_US,
    akName: null,
    tier: "simulated",
    exclusive: true,
    depthLeft: 0,
    budgets: [],
    holdingsMaxHz: null,
    parent: null,
    owner: subject.name,
    identifiers: clear([]),
    licenceAsserted: false,
    contact: "noc@example.org",
    revocationChannel: "status topic",
    nonce: digestOf("credential", subject.name).slice(0, 16),
  };
}
