/** A root with policy, schema, credentials and snapshots: the ground on which scenes stand. */

import { inceptionRecord } from "../../src/core/agent/inception.ts";
import { SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { PLAIN_CLASS } from "../../src/core/policy/plain-class.ts";
import type { Header } from "../../src/core/record/header.ts";
import { keyId, ZERO_ID } from "../../src/core/record/identity.ts";
import type { Credential } from "../../src/core/record/kinds/credential.ts";
import type { Policy } from "../../src/core/record/kinds/policy.ts";
import type { Recognition } from "../../src/core/record/kinds/recognition.ts";
import type { Schema } from "../../src/core/record/kinds/schema.ts";
import type { Bodies, KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../../src/core/record/record.ts";
import { clear } from "../../src/core/record/sealed.ts";
import { singleKey } from "../../src/core/record/signing-key.ts";
import type { Block, Box, Vertex } from "../../src/core/record/spectrum-fields.ts";
import { type Envelope, recordId, signedBytes } from "../../src/core/wire/envelope.ts";
import { type KeyScheme, named, type ScriptedKey } from "./scripted-keys.ts";

export const SECOND_US = 1_000_000;
export const HOUR_US = 3_600 * SECOND_US;
/** True time at which every scene begins. */
export const START_US = 1_800_000_000 * SECOND_US;
export const CENTRE: Vertex = { latE7: 525_000_000, lonE7: 134_000_000 };

/** A lineage whose records a scene writes by hand. */
export type ScriptedLineage = {
  readonly inception: RecordOf<"key-event">;
  /** That signs now. */
  readonly key: ScriptedKey;
  /** Its id. */
  readonly signerKey: Uint8Array;
  readonly records: AnyRecord[];
  /** Signs the next record; header fields given replace the usual ones. */
  write<K extends KindName>(kind: K, body: Bodies[K], head?: Partial<Header>): RecordOf<K>;
  /** The key that was committed to signs from here on: its rotation. */
  rotate(acceptedUntilUs: number, head?: Partial<Header>): RecordOf<"key-rotation">;
};

export function scriptedLineage(scheme: KeyScheme, name: string): ScriptedLineage {
  const { primitives } = scheme;
  const key = scheme.keyOf(name);
  const keyAfter = (count: number): ScriptedKey => scheme.keyOf(`${name}, ${count} rotations on`);
  const idOf = ({ publicKey }: ScriptedKey): Uint8Array => keyId(SUITE_ES256, publicKey, primitives.sha256);
  const unsigned = inceptionRecord({
    primitives,
    owner: name,
    key: { suite: SUITE_ES256, publicKey: key.publicKey, akName: null, tier: "simulated" },
    nonce: named(`nonce ${name}`),
    nextKeyHash: idOf(keyAfter(1)),
  });
  const inception = { ...unsigned, envelope: signedEnvelope(unsigned, key) };
  const records: AnyRecord[] = [inception];
  let [rotations, signer] = [0, key];
  const self: ScriptedLineage = {
    inception,
    get key() {
      return signer;
    },
    get signerKey() {
      return idOf(signer);
    },
    records,
    rotate(acceptedUntilUs, head) {
      rotations += 1;
      signer = keyAfter(rotations);
      const body = {
        keys: singleKey({ suite: SUITE_ES256, publicKey: signer.publicKey }),
        nextKeyHash: idOf(keyAfter(rotations + 1)),
        acceptedUntilUs,
        tier: "simulated" as const,
      };
      return self.write("key-rotation", body, head);
    },
    write(kind, body, head = {}) {
      const header: Header = {
        ...inception.header,
        signerKey: idOf(signer),
        seq: records.length,
        previous: records.at(-1)?.id ?? ZERO_ID,
        ...head,
      };
      const payload = writePayload(kind, header, body);
      const id = recordId(kind, payload, primitives.sha256);
      const bare = { kind, id, header, body, envelope: { kind, payload, signatures: [], openings: [] } };
      const record = { ...bare, envelope: signedEnvelope(bare, signer) };
      records.push(record as unknown as AnyRecord);
      return record;
    },
  };
  return self;
}

export function signedEnvelope(
  { kind, header, envelope }: Pick<AnyRecord, "kind" | "header" | "envelope">,
  key: ScriptedKey,
): Envelope {
  const signature = key.sign(signedBytes(kind, envelope.payload));
  return { ...envelope, signatures: [{ keyId: header.signerKey, signature }] };
}

function squareAround(halfE7: number): readonly Vertex[] {
  const { latE7, lonE7 } = CENTRE;
  return [
    { latE7: latE7 - halfE7, lonE7: lonE7 - halfE7 },
    { latE7: latE7 - halfE7, lonE7: lonE7 + halfE7 },
    { latE7: latE7 + halfE7, lonE7: lonE7 + halfE7 },
    { latE7: latE7 + halfE7, lonE7: lonE7 - halfE7 },
  ];
}

const scopeBox: Box = {
  lowerHz: 433_000_000,
  upperHz: 435_000_000,
  area: squareAround(1_000_000),
  fromUs: START_US - HOUR_US,
  untilUs: START_US + 24 * HOUR_US,
  limits: [{ centiDbm: 1_000, referenceHz: 0, measure: "eirp", detector: "rms" }],
  commodityClass: "ism-433",
};

/** 200 kHz for ten minutes, exclusive. */
export const sceneBlock: Block = {
  ...scopeBox,
  lowerHz: 433_100_000,
  upperHz: 433_300_000,
  area: squareAround(50_000),
  fromUs: START_US - SECOND_US,
  untilUs: START_US + 600 * SECOND_US,
  exclusive: true,
};

export const scenePolicy: Policy = {
  name: "scene",
  profiles: [],
  startUs: START_US - HOUR_US,
  endUs: null,
  succeeds: null,
  spatialWindowMm: 500_000,
  temporalWindowUs: 30 * SECOND_US,
  evidenceAgeMaxUs: 10 * SECOND_US,
  contextSkewMaxUs: 5 * SECOND_US,
  clockBoundUs: SECOND_US,
  timeAssurance: ["simulated", "gnss"],
  placeAssurance: ["simulated", "gnss"],
  tiers: ["simulated"],
  levels: [
    { name: "root", rank: 3, response: "obey", weight: 100, admits: "all" },
    { name: "licensee", rank: 2, response: "advise", weight: 50, admits: "all" },
    { name: "user", rank: 1, response: "ignore", weight: 10, admits: "all" },
  ],
  transactionTypes: [{ first: "offer", second: "acceptance", rules: ["content-match", "handshake"] }],
  leaseClasses: [
    {
      name: "scene",
      periodUs: 3 * SECOND_US,
      reachUs: 10 * SECOND_US,
      snapshotAgeMaxUs: 2 * HOUR_US,
      holdoverUs: 5 * SECOND_US,
      deadmen: ["guard"],
      muteLatencyMaxUs: 500_000,
      verifyWithinUs: 2 * SECOND_US,
      preemption: null,
      ...PLAIN_CLASS,
    },
  ],
  confirmByMaxUs: 15 * SECOND_US,
  effectiveByMaxUs: 15 * SECOND_US,
  weightThreshold: 0,
  weighing: null,
  selfDealing: "refuse",
  allocateUnconfirmed: true,
  rulesVersions: [1],
  quotas: { rejections: 4, windowUs: 60 * SECOND_US },
  consequences: [{ code: "already-allocated", consequence: "retry-after", afterUs: SECOND_US }],
  ceilings: [],
  dutyCycles: [],
  sessionKeys: null,
};

export const sceneSchema: Schema = {
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

/** An authority between the root and its subjects. */
export type Delegate = Pick<Authority, "issue" | "snapshot"> & {
  readonly link: RecordOf<"credential">;
  /** Its inception, its credential and its first snapshot. */
  readonly ground: readonly AnyRecord[];
};

export type Authority = {
  readonly root: ScriptedLineage;
  readonly rootLink: RecordOf<"credential">;
  readonly policy: RecordOf<"policy">;
  readonly schema: RecordOf<"schema">;
  /** What every operator's folder holds: the root's inception, policy, schema, link and first snapshot. */
  readonly ground: readonly AnyRecord[];
  issue(subject: ScriptedLineage, change?: Partial<Credential>): RecordOf<"credential">;
  below(name: string, change?: Partial<Credential>): Delegate;
  /** What that root's chains are good for here; as much as the own root has, unless told otherwise. */
  recognise(other: Uint8Array, change?: Partial<Recognition>): RecordOf<"recognition">;
  /** The next status snapshot. */
  snapshot(issuedUs: number, revoked: readonly Uint8Array[]): RecordOf<"status-snapshot">;
};

export type AuthorityChange = { readonly policy?: Partial<Policy>; readonly schema?: Partial<Schema> };

export function scriptedAuthority(
  scheme: KeyScheme,
  change: AuthorityChange = {},
  name: string = "root",
): Authority {
  const root = scriptedLineage(scheme, name);
  const policy = root.write("policy", { ...scenePolicy, ...change.policy });
  const schema = root.write("schema", { ...sceneSchema, ...change.schema });
  const snapshot = snapshotsOf(root);
  const rootLink = root.write("credential", {
    ...credentialFor(root),
    level: "root",
    verbs: ["allocate", "acquire", "issue", "preempt"],
    depthLeft: 2,
    budgets: [],
    holdingsMaxHz: null,
  });
  const first = snapshot(START_US, []);
  return {
    root,
    rootLink,
    policy,
    schema,
    ground: [root.inception, policy, schema, rootLink, first],
    snapshot,
    issue: (subject, given) =>
      root.write("credential", { ...credentialFor(subject), parent: rootLink.id, ...given }),
    recognise: (other, given) =>
      root.write("recognition", {
        root: other,
        level: "licensee",
        verbs: ["allocate", "acquire"],
        eligibilityClasses: ["scene"],
        scope: [scopeBox],
        fromUs: scopeBox.fromUs,
        untilUs: scopeBox.untilUs,
        exclusive: true,
        documents: true,
        parent: rootLink.id,
        nonce: other.slice(0, 16),
        ...given,
      }),
    below(name, given) {
      const own = scriptedLineage(scheme, name);
      const rights = { level: "licensee", verbs: ["allocate", "acquire", "issue"] as const, depthLeft: 1 };
      const body = { ...credentialFor(own), ...rights, parent: rootLink.id, ...given };
      const link = root.write("credential", body);
      const snapshot = snapshotsOf(own);
      return {
        link,
        snapshot,
        ground: [own.inception, link, snapshot(START_US, [])],
        issue: (subject, change) =>
          own.write(
            "credential",
            { ...credentialFor(subject), parent: link.id, ...change },
            { credential: link.id },
          ),
      };
    },
  };
}

function snapshotsOf(issuer: ScriptedLineage): Authority["snapshot"] {
  let number = 0;
  return (issuedUs, revoked) => {
    number += 1;
    return issuer.write("status-snapshot", { number, previousSnapshot: ZERO_ID, issuedUs, revoked });
  };
}

function credentialFor({ inception, signerKey }: ScriptedLineage): Credential {
  return {
    subjectLineage: inception.header.lineage,
    subjectKey: signerKey,
    level: "user",
    verbs: ["acquire"],
    eligibilityClasses: ["scene"],
    scope: [scopeBox],
    fromUs: scopeBox.fromUs,
    untilUs: scopeBox.untilUs,
    akName: null,
    tier: "simulated",
    exclusive: true,
    depthLeft: 0,
    budgets: [],
    holdingsMaxHz: null,
    parent: null,
    owner: inception.body.owner,
    identifiers: clear([]),
    licenceAsserted: true,
    contact: "the bench",
    revocationChannel: "status",
    nonce: inception.header.lineage.slice(0, 16),
  };
}
