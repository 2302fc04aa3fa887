/** Lineages of signed records for tests: real keys, real signatures, real chains, the same bytes in every run. */
import { createECDH, createHash } from "node:crypto";
import { signEs256Deterministic } from "../../src/adapters/signatures/noble-signatures.ts";
import { nodeSignatures } from "../../src/adapters/signatures/node-signatures.ts";
import { type Primitives, SUITE_ES256 } from "../../src/core/base/primitives.ts";
import { RULES_VERSION } from "../../src/core/pairing/rules-versions.ts";
import type { Header } from "../../src/core/record/header.ts";
import { keyId, lineageId, NO_AK_NAME, ZERO_ID } from "../../src/core/record/identity.ts";
import type { KeyEvent } from "../../src/core/record/kinds/key-event.ts";
import type { Bodies, KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../../src/core/record/record.ts";
import type { Tier } from "../../src/core/record/shared-fields.ts";
import { encode } from "../../src/core/wire/encode.ts";
import {
  ENVELOPE_VERSION,
  type Envelope,
  type Opening,
  recordId,
  signedBytes,
} from "../../src/core/wire/envelope.ts";

export const primitives: Primitives = nodeSignatures();

/** 32 bytes that stand for a name in every run. */
export function digestOf(...names: readonly (string | number)[]): Uint8Array {
  return new Uint8Array(createHash("sha256").update(names.join("/")).digest());
}

export type LineageParts = {
  /** Key, nonce and next key hash follow from it. */
  readonly name: string;
  readonly owner?: string;
  readonly tier?: Tier;
  readonly akName?: Uint8Array;
};

/** Header fields that a record takes instead of the lineage's own; `openings` travel beside it. */
export type Written = Partial<Header> & { readonly openings?: readonly Opening[] };

export type LineageBuilder = {
  readonly name: string;
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  readonly inception: RecordOf<"key-event">;
  /** All records written, the inception first. */
  records(): readonly AnyRecord[];
  /** Appends the next record. */
  write<K extends KindName>(kind: K, body: Bodies[K], written?: Written): RecordOf<K>;
  /** A record at the position that the next one would take, signed but not appended. */
  forge<K extends KindName>(kind: K, body: Bodies[K], written?: Written): RecordOf<K>;
  /** An envelope over any payload, signed as if it were a record of this lineage. */
  envelope(kind: string, payload: Uint8Array): Envelope;
  /** Forgets all records after the first `count`. */
  rewind(count: number): void;
};

export function lineageBuilder(parts: LineageParts): LineageBuilder {
  const { name } = parts;
  const scalar = digestOf("scalar", name);
  const signingKey = publicKeyOf(scalar);
  const body: KeyEvent = {
    event: "inception",
    signingKey,
    akName: parts.akName ?? NO_AK_NAME,
    nextKeyHash: digestOf("next key", name),
    nonce: digestOf("nonce", name),
    owner: parts.owner ?? name,
    tier: parts.tier ?? "simulated",
  };
  const ownHeader: Header = {
    lineage: lineageId(body, primitives.sha256),
    epoch: 0,
    seq: 0,
    previous: ZERO_ID,
    signerKey: keyId(SUITE_ES256, signingKey, primitives.sha256),
    suite: SUITE_ES256,
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: RULES_VERSION,
    time: null,
    place: null,
  };
  const inception = signed(scalar, "key-event", ownHeader, body, []);
  const records: AnyRecord[] = [inception];

  function forge<K extends KindName>(kind: K, of: Bodies[K], written: Written = {}): RecordOf<K> {
    const { openings = [], ...fields } = written;
    const last = records[records.length - 1] ?? inception;
    const header = { ...ownHeader, seq: records.length, previous: last.id, ...fields };
    return signed(scalar, kind, header, of, openings);
  }

  return {
    name,
    lineage: ownHeader.lineage,
    keyId: ownHeader.signerKey,
    inception,
    records: () => records,
    forge,
    envelope: (kind, payload) => envelopeOf(scalar, ownHeader.signerKey, kind, payload),
    write(kind, of, written) {
      const record = forge(kind, of, written);
      records.push(record as unknown as AnyRecord);
      return record;
    },
    rewind(count) {
      records.length = count;
    },
  };
}

/** The bytes of an envelope, as the strict codec writes them. */
export function packed({ kind, payload, signatures, openings }: Envelope): Uint8Array {
  return encode([
    ENVELOPE_VERSION,
    kind,
    payload,
    signatures.map(({ keyId: id, signature }) => [id, signature]),
    openings.map(({ salt, encoded }) => [salt, encoded]),
  ]);
}

function signed<K extends KindName>(
  scalar: Uint8Array,
  kind: K,
  header: Header,
  body: Bodies[K],
  openings: readonly Opening[],
): RecordOf<K> {
  const payload = writePayload(kind, header, body);
  const envelope = { ...envelopeOf(scalar, header.signerKey, kind, payload), openings };
  return { kind, id: recordId(kind, payload, primitives.sha256), header, body, envelope };
}

function envelopeOf(scalar: Uint8Array, key: Uint8Array, kind: string, payload: Uint8Array): Envelope {
  const signature = signEs256Deterministic(scalar, signedBytes(kind, payload));
  return { kind, payload, signatures: [{ keyId: key, signature }], openings: [] };
}

/** 65-byte uncompressed SEC1 point. */
function publicKeyOf(scalar: Uint8Array): Uint8Array {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.getPublicKey());
}
