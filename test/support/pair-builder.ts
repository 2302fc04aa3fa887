/** A pair that fits in every point, made of real keys and signed records; tests change it in one place at a time. */
import { createECDH, createHash } from "node:crypto";
import { signEs256Deterministic } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { toHex } from "../../src/core/base/bytes.ts";
import { type Primitives, SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { type Bodies, bodiesFrom } from "../../src/core/pairing/bodies.ts";
import { answers } from "../../src/core/pairing/rules/rules.ts";
import type { Header } from "../../src/core/record/header.ts";
import { keyId, lineageId, NO_AK_NAME, ZERO_ID } from "../../src/core/record/identity.ts";
import type { Acceptance } from "../../src/core/record/kinds/acceptance.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { KeyEvent } from "../../src/core/record/kinds/key-event.ts";
import type { Offer } from "../../src/core/record/kinds/offer.ts";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import type { Schema } from "../../src/core/record/kinds/schema.ts";
import type { Context } from "../../src/core/record/kinds/settlement.ts";
import type { StatusSnapshot } from "../../src/core/record/kinds/status-snapshot.ts";
import type { Bodies as BodyTypes, KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, readRecord, writePayload } from "../../src/core/record/record.ts";
import { clear } from "../../src/core/record/sealed.ts";
import { checkSigned, type SigningKey, singleKey } from "../../src/core/record/signing-key.ts";
import { type Opening, signedBytes } from "../../src/core/wire/envelope.ts";

import {
  block,
  box,
  HOUR_US,
  leaseClass,
  NOW_US,
  placeAt,
  policy,
  price,
  schema,
  steps,
  timeAt,
} from "../core/pairing/pair-values.ts";

export const primitives: Primitives = nodeSignatures();

/** 32 bytes that `name` alone decides. */
export function named(name: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(name).digest());
}

/** A lineage with its key. */
export type Party = {
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
  readonly inception: KeyEvent;
};

export function party(name: string, akName: Uint8Array = NO_AK_NAME): Party {
  const scalar = named(`${name} key`);
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  const publicKey = new Uint8Array(ecdh.getPublicKey());
  const inception: KeyEvent = {
    event: "inception",
    signingKey: publicKey,
    akName,
    nextKeyHash: named(`${name} next key`),
    nonce: named(`${name} nonce`),
    owner: name,
    tier: "software",
  };
  // Pairs share most of their documents: each is signed once a file of tests.
  const signed = new Map<string, Uint8Array>();
  return {
    lineage: lineageId(inception, primitives.sha256),
    keyId: keyId(SUITE_ES256, publicKey, primitives.sha256),
    publicKey,
    sign: (message) => {
      const key = createHash("sha256").update(message).digest("hex");
      const known = signed.get(key);
      if (known !== undefined) return known;
      const signature = signEs256Deterministic(scalar, message);
      signed.set(key, signature);
      return signature;
    },
    inception,
  };
}

export type RecordChange = {
  readonly header?: Partial<Header>;
  readonly openings?: readonly Opening[];
};

/** The one key that signs a party's lineage from its inception on. */
export function signingKeyOf(
  { lineage, keyId: id, publicKey, inception }: Party,
  suite: number = 1,
): SigningKey {
  const keys = singleKey({ suite, publicKey });
  const { nextKeyHash } = inception;
  return { lineage, keyId: id, suite, keys, nextKeyHash, from: { epoch: 0, seq: 0 }, acceptedUntilUs: 0 };
}

/** `body` signed by `author`, and read back as a peer would read it. Throws where a peer would refuse. */
export function record<K extends KindName>(
  kind: K,
  author: Party,
  body: BodyTypes[K],
  { header, openings = [] }: RecordChange = {},
): RecordOf<K> {
  const payload = writePayload(kind, { ...headerOf(author), ...runningHeader(kind), ...header }, body);
  const signature = author.sign(signedBytes(kind, payload));
  const envelope = { kind, payload, signatures: [{ keyId: author.keyId, signature }], openings };
  const read = readRecord(envelope, primitives.sha256);
  if (!read.ok) throw new Error(`the ${kind} is refused: ${JSON.stringify(read.rejections)}`);
  const made = read.value as RecordOf<K>;
  const checked = checkSigned(made, signingKeyOf(author, made.header.suite), primitives);
  if (!checked.ok) throw new Error(`the ${kind} is not signed: ${JSON.stringify(checked.rejections)}`);
  return made;
}

/** What the kinds that a lease runs on have to carry, where a test says nothing of it. */
function runningHeader(kind: KindName): Partial<Header> {
  if (kind !== "renewal" && kind !== "renewal-request") return {};
  const time = { earliestUs: 1, latestUs: 2, assurance: "simulated" as const, ageUs: 0 };
  return { credential: ZERO_ID, policy: ZERO_ID, time };
}

function headerOf(author: Party): Header {
  return {
    lineage: author.lineage,
    epoch: 0,
    seq: 7,
    previous: ZERO_ID,
    signerKey: author.keyId,
    suite: SUITE_ES256,
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: 1,
    time: null,
    place: null,
  };
}

export type Cast = {
  readonly root: Party;
  readonly broker: Party;
  readonly holder: Party;
  readonly consumer: Party;
};

const cast: Cast = {
  root: party("root"),
  broker: party("broker"),
  holder: party("holder"),
  consumer: party("consumer"),
};

/** A credential for `subject` over the whole box. */
export function credentialFor(subject: Party, change: Partial<Credential> = {}): Credential {
  return {
    subjectLineage: subject.lineage,
    subjectKey: subject.keyId,
    level: "operator",
    verbs: ["allocate"],
    eligibilityClasses: ["bench"],
    scope: [box],
    fromUs: NOW_US - 12 * HOUR_US,
    untilUs: NOW_US + 12 * HOUR_US,
    akName: null,
    tier: "software",
    exclusive: true,
    depthLeft: 0,
    budgets: [],
    holdingsMaxHz: null,
    parent: null,
    owner: subject.inception.owner,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "+49 89 0",
    revocationChannel: "spectrum/v1/status",
    nonce: subject.lineage.slice(0, 16),
    ...change,
  };
}

/** The newest snapshot of an issuer, 10 s old. */
export function snapshotBy(issuer: Party, change: Partial<StatusSnapshot> = {}): RecordOf<"status-snapshot"> {
  const body = {
    number: 3,
    previousSnapshot: ZERO_ID,
    issuedUs: NOW_US - 10_000_000,
    revoked: [],
    ...change,
  };
  return record("status-snapshot", issuer, body);
}

export type PairChange = {
  readonly cast?: Partial<Cast>;
  readonly policy?: Partial<Policy>;
  readonly schema?: Partial<Schema>;
  /** The root's link to the broker, the broker's to the holder, the root's to the consumer. */
  readonly rootLink?: Partial<Credential>;
  readonly holderLink?: Partial<Credential>;
  readonly consumerLink?: Partial<Credential>;
  readonly offer?: Partial<Offer>;
  readonly offerRecord?: RecordChange;
  readonly acceptance?: Partial<Acceptance>;
  readonly acceptanceRecord?: RecordChange;
  readonly snapshots?: readonly RecordOf<"status-snapshot">[];
  readonly attestations?: readonly RecordOf<"attestation">[];
  /** Third parties' observations, each with its chain's links from the last one up. */
  readonly corroborations?: readonly Observed[];
  readonly context?: Partial<Context>;
};

export type Observed = {
  readonly admission: RecordOf<"admission">;
  readonly links: readonly RecordOf<"credential">[];
};

export type Pair = {
  readonly cast: Cast;
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly context: Context;
  /** All that the context and the offer name. */
  readonly records: readonly AnyRecord[];
  readonly bodies: Bodies;
};

/**
 * The root credentials a broker and the consumer, the broker credentials the holder; the holder offers a block of
 * 200 kHz for an hour, the consumer takes all of it 300 ms later, 11 m away.
 */
export function pairOf(change: PairChange = {}): Pair {
  const parties: Cast = { ...cast, ...change.cast };
  const { root, broker, holder, consumer } = parties;
  const policyRecord = record("policy", root, { ...policy, ...change.policy });
  const schemaRecord = record("schema", root, { ...schema, ...change.schema });
  const rootLink = record(
    "credential",
    root,
    credentialFor(broker, {
      verbs: ["allocate", "issue"],
      depthLeft: 1,
      budgets: [],
      holdingsMaxHz: null,
      level: "licensee",
      ...change.rootLink,
    }),
  );
  const holderLink = record(
    "credential",
    broker,
    credentialFor(holder, { parent: rootLink.id, ...change.holderLink }),
  );
  const consumerLink = record(
    "credential",
    root,
    credentialFor(consumer, { verbs: ["acquire"], level: "user", ...change.consumerLink }),
  );
  const snapshots = change.snapshots ?? [snapshotBy(root), snapshotBy(broker)];
  const attestations = change.attestations ?? [];
  const offer = record("offer", holder, offerBody(schemaRecord.id, change.offer), {
    ...change.offerRecord,
    header: {
      credential: holderLink.id,
      policy: policyRecord.id,
      time: timeAt(0),
      place: clear(placeAt(0, 0)),
      ...change.offerRecord?.header,
    },
  });
  const acceptance = record("acceptance", consumer, acceptanceBody(offer, parties, change.acceptance), {
    ...change.acceptanceRecord,
    header: {
      credential: consumerLink.id,
      policy: policyRecord.id,
      time: timeAt(300_000),
      place: clear(placeAt(1_000, 0)),
      ...change.acceptanceRecord?.header,
    },
  });
  const observed = change.corroborations ?? [];
  const links = [rootLink, holderLink, consumerLink, ...observed.flatMap((each) => each.links)];
  const credentials = [...new Map(links.map((link) => [toHex(link.id), link])).values()];
  const admissions = observed.map(({ admission }) => admission);
  const context: Context = {
    interval: { earliestUs: NOW_US + 500_000, latestUs: NOW_US + 501_000 },
    holderPlace: clear(placeAt(0, 0)),
    roots: [root.lineage],
    recognitions: [],
    credentials: credentials.map(({ id }) => id),
    snapshots: snapshots.map(({ id }) => id),
    attestations: attestations.map(({ id }) => id),
    corroborations: admissions.map(({ id }) => id),
    reputations: [],
    budgets: [],
    ...change.context,
  };
  const records = [policyRecord, schemaRecord, ...credentials, ...snapshots, ...attestations, ...admissions];
  return { cast: parties, offer, acceptance, context, records, bodies: bodiesFrom(records) };
}

function offerBody(schemaId: Uint8Array, change: Partial<Offer> = {}): Offer {
  return {
    schema: schemaId,
    resource: "bench/433/a",
    block,
    steps,
    price: clear(price),
    eligibility: { level: "user", verb: "acquire", eligibilityClass: "bench" },
    rules: ["content-match"],
    challenge: named("challenge"),
    leaseClass: leaseClass.name,
    rulesVersions: [1],
    endUs: NOW_US + 600_000_000,
    ...change,
  };
}

function acceptanceBody(
  offer: RecordOf<"offer">,
  { consumer }: Cast,
  change: Partial<Acceptance> = {},
): Acceptance {
  const confirmByUs = NOW_US + 30_300_000;
  const body: Acceptance = {
    offer: offer.id,
    resource: offer.body.resource,
    block: offer.body.block,
    price: offer.body.price,
    rulesVersion: 1,
    answers: [new Uint8Array(0)],
    confirmByUs,
    effectiveByUs: confirmByUs + 30_000_000,
    clockDriftPpm: 50,
    deadman: "guard",
    muteLatencyUs: 20_000,
    holdings: [],
    budgets: [],
    nonce: named("acceptance").slice(0, 16),
    ...change,
  };
  if (change.answers !== undefined) return body;
  const pair = {
    offerId: offer.id,
    offerSigned: signedBytes("offer", offer.envelope.payload),
    challenge: offer.body.challenge,
    offeredResource: offer.body.resource,
    resource: body.resource,
    block: body.block,
    consumer: consumer.lineage,
    nonce: body.nonce,
  };
  return { ...body, answers: answers(offer.body.rules, pair, primitives.sha256) };
}
