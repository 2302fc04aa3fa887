/** The ground of a small scope: a root, its policy and commodity, a holder, consumers, and the one offer. */
import type { AgentConfig, OwnRadio } from "../../core/agent/config.ts";
import { inceptionRecord } from "../../core/agent/inception.ts";
import { ascii, concat, equalBytes } from "../../core/base/bytes.ts";
import { type Primitives, type Sha256, SUITE_ES256 } from "../../core/base/primitives.ts";
import type { Header } from "../../core/record/header.ts";
import { ZERO_ID } from "../../core/record/identity.ts";
import type { Credential } from "../../core/record/kinds/credential.ts";
import type { Bodies, KindName } from "../../core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../../core/record/record.ts";
import { clear } from "../../core/record/sealed.ts";
import { encode } from "../../core/wire/encode.ts";
import { type Envelope, recordId, signedBytes } from "../../core/wire/envelope.ts";
import { SCENE_BEGAN_US } from "./host-time.ts";
import { PLACE, type Scope, scopeBlock, scopeBox, scopePolicy, scopeSchema } from "./scope.ts";

/** A lineage whose key is at hand. */
export type Author = {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly inception: RecordOf<"key-event">;
  sign(record: AnyRecord): AnyRecord;
};

export type Member = Author & {
  readonly role: "holder" | "consumer";
  /** All but what a boot gives: boot id and nonces. */
  readonly config: Omit<AgentConfig, "draw" | "bootId">;
};

export type Ground = {
  readonly primitives: Primitives;
  readonly members: readonly Member[];
  /** What every member's folder holds. */
  readonly documents: readonly Uint8Array[];
  /** The holder's, in its log from the first. */
  readonly offer: RecordOf<"offer">;
};

export function packed({ kind, payload, signatures, openings }: Envelope): Uint8Array {
  return encode([
    1,
    kind,
    payload,
    signatures.map(({ keyId, signature }) => [keyId, signature]),
    openings.map(({ salt, encoded }) => [salt, encoded]),
  ]);
}

export function ground(scope: Scope, sha256: Sha256): Ground {
  const primitives = stampPrimitives(sha256);
  const names = ["holder", ...Array.from({ length: scope.consumers }, (_, i) => `consumer ${i + 1}`)];
  const root = author("root", primitives);
  const write = writer(root, primitives);
  const policy = write("policy", scopePolicy(scope));
  const schema = write("schema", scopeSchema);
  const rootLink = write("credential", {
    ...link(root),
    level: "root",
    verbs: ["allocate", "acquire", "issue"],
    depthLeft: 2,
    budgets: [],
    holdingsMaxHz: null,
  });
  const first = { number: 1, previousSnapshot: ZERO_ID, issuedUs: SCENE_BEGAN_US, revoked: [] };
  const snapshot = write("status-snapshot", first);
  const authors = names.map((name) => author(name, primitives));
  const links = authors.map((each) => {
    const holds = each.name === "holder";
    const [level, verbs] = holds ? ["licensee", ["allocate"] as const] : ["user", ["acquire"] as const];
    return write("credential", { ...link(each), level, verbs, parent: rootLink.id });
  });
  const members = authors.map((each, i): Member => {
    const credential = links[i];
    const credentials = credential === undefined ? [] : [credential.id];
    const trust = { roots: [root.inception.header.lineage], credentials, policy: policy.id };
    return {
      ...each,
      role: i === 0 ? "holder" : "consumer",
      config: configOf(each, trust, scope, primitives),
    };
  });
  const offer = offerOf(members[0] as Member, { policy, schema }, scope, primitives);
  const inceptions = [root, ...authors].map(({ inception }) => inception);
  const records: readonly AnyRecord[] = [...inceptions, policy, schema, rootLink, snapshot, ...links, offer];
  return { primitives, members, documents: records.map(({ envelope }) => packed(envelope)), offer };
}

/** No secret in it, and every changed bit is refused: nobody forges in a small scope. */
function stampPrimitives(sha256: Sha256): Primitives {
  return {
    sha256,
    verifySignature: (suite, publicKey, message, signature) =>
      suite === SUITE_ES256 && equalBytes(stamp(publicKey, message, sha256), signature),
  };
}

function stamp(publicKey: Uint8Array, message: Uint8Array, sha256: Sha256): Uint8Array {
  const digest = sha256(concat(publicKey, message));
  return concat(digest, digest);
}

function author(name: string, primitives: Primitives): Author {
  const { sha256 } = primitives;
  const hash = (text: string): Uint8Array => sha256(ascii(`${text} of ${name}`));
  const publicKey = concat(Uint8Array.of(4), hash("x"), hash("y"));
  const sign = (record: AnyRecord): AnyRecord => {
    const { kind, payload } = record.envelope;
    const signature = stamp(publicKey, signedBytes(kind, payload), sha256);
    const signatures = [{ keyId: record.header.signerKey, signature }];
    return { ...record, envelope: { ...record.envelope, signatures } };
  };
  const unsigned = inceptionRecord({
    primitives,
    owner: name,
    key: { suite: SUITE_ES256, publicKey, akName: null, tier: "simulated" },
    nonce: hash("nonce"),
    nextKeyHash: hash("next key"),
  });
  return { name, publicKey, inception: sign(unsigned) as RecordOf<"key-event">, sign };
}

type Write = <K extends KindName>(kind: K, body: Bodies[K], head?: Partial<Header>) => RecordOf<K>;

/** Signs the next record of `by`, after its inception. */
function writer(by: Author, { sha256 }: Primitives): Write {
  const chain = { seq: 0, previous: by.inception.id };
  return (kind, body, head = {}) => {
    chain.seq += 1;
    const header = { ...by.inception.header, seq: chain.seq, previous: chain.previous, ...head };
    const payload = writePayload(kind, header, body);
    const id = recordId(kind, payload, sha256);
    chain.previous = id;
    const bare = { kind, id, header, body, envelope: { kind, payload, signatures: [], openings: [] } };
    return by.sign(bare as unknown as AnyRecord) as unknown as typeof bare;
  };
}

function link({ inception }: Author): Credential {
  return {
    subjectLineage: inception.header.lineage,
    subjectKey: inception.header.signerKey,
    level: "user",
    verbs: ["acquire"],
    eligibilityClasses: ["scope"],
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
    contact: "explored",
    revocationChannel: "status",
    nonce: inception.header.lineage.slice(0, 16),
  };
}

const RADIO: Omit<OwnRadio, "muteLatencyUs"> = {
  deadman: "guard",
  controls: "transmitter",
  lowestHz: 24_000_000,
  highestHz: 1_766_000_000,
  powerMaxCentiDbm: 2_000,
  eirpCentiDbm: 900,
};

type Trust = Pick<AgentConfig, "roots" | "credentials" | "policy">;

function configOf(
  { name, publicKey }: Author,
  trust: Trust,
  { muteLatencyUs, driftPpm }: Scope,
  primitives: Primitives,
): Member["config"] {
  return {
    ...trust,
    primitives,
    owner: name,
    key: { suite: SUITE_ES256, publicKey, akName: null, tier: "simulated" },
    radio: name === "holder" ? null : { ...RADIO, muteLatencyUs },
    wishes: [],
    standingOffers: [],
    timeRules: {
      kPermille: 1_000,
      unestimatedErrorUs: 0,
      transportUs: 0,
      ppsTransportUs: 0,
      driftPpm,
      checkAgainstWall: false,
      wallToleranceUs: 0,
    },
    placeRules: { speedMmPerS: 0, climbMmPerS: 0, transportUs: 0, unestimatedErrorMm: null },
    clockDriftPpm: driftPpm,
    production: false,
    counter: false,
  };
}

function offerOf(
  holder: Member,
  { policy, schema }: { readonly policy: AnyRecord; readonly schema: RecordOf<"schema"> },
  scope: Scope,
  primitives: Primitives,
): RecordOf<"offer"> {
  const errors = {
    horizontalErrorMm: 3_000,
    verticalErrorMm: 5_000,
    assurance: "simulated",
    ageUs: 0,
  } as const;
  const time = {
    earliestUs: SCENE_BEGAN_US - scope.instantUs,
    latestUs: SCENE_BEGAN_US,
    assurance: "simulated",
    ageUs: 0,
  };
  const body = {
    schema: schema.id,
    resource: "block a",
    block: scopeBlock(scope),
    steps: schema.body.steps,
    price: clear({ form: "fixed" as const, microUnits: 0n, currency: "EUR" }),
    eligibility: { level: "user", verb: "acquire" as const, eligibilityClass: "scope" },
    rules: ["content-match" as const],
    challenge: primitives.sha256(ascii("challenge")),
    leaseClass: "scope",
    rulesVersions: [1],
    endUs: SCENE_BEGAN_US + 100 * scope.instantUs,
  };
  return writer(holder, primitives)("offer", body, {
    credential: holder.config.credentials[0] ?? null,
    policy: policy.id,
    time: { ...time, assurance: "simulated" },
    place: clear({ ...PLACE, ...errors }),
  });
}
