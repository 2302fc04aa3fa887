/** A record of an authority before it is signed: what is judged is exactly what will be written. */
import type { Sha256 } from "../core/base/primitives.ts";
import { RULES_VERSION } from "../core/pairing/rules-versions.ts";
import { fieldBytes } from "../core/record/field.ts";
import type { Header } from "../core/record/header.ts";
import { keySetId, lineageId, NO_AK_NAME, thresholdLineageId, ZERO_ID } from "../core/record/identity.ts";
import { type KeySet, keySet, signerIdOf, suiteOf } from "../core/record/key-set.ts";
import type { Bodies, KindName } from "../core/record/kinds.ts";
import { type AnyRecord, type RecordOf, writePayload } from "../core/record/record.ts";
import type { Tier } from "../core/record/shared-fields.ts";
import { recordId } from "../core/wire/envelope.ts";
import { currentKey, type Lineage } from "./lineage.ts";

export type Draft<K extends KindName> = {
  readonly kind: K;
  readonly body: Bodies[K];
  /** The authority's own credential, where the record rests on it. */
  readonly credential?: Uint8Array | null;
  /** Who signs, where that is not the signer so far: a rotation. */
  readonly by?: KeySet;
};

/** The next record of `lineage`, unsigned. */
export function draftRecord<K extends KindName>(
  lineage: Lineage,
  { kind, body, credential = null, by }: Draft<K>,
  sha256: Sha256,
): RecordOf<K> {
  const last = lineage.records.at(-1) as AnyRecord;
  const signer = by ?? currentKey(lineage).keys;
  const head = headerOf(last.header.lineage, signer, sha256);
  const header = { ...head, seq: lineage.records.length, previous: last.id, credential };
  return bare(kind, header, body, sha256);
}

export type InceptionParts = {
  readonly keys: KeySet;
  readonly next: KeySet;
  readonly nonce: Uint8Array;
  readonly owner: string;
  readonly tier: Tier;
};

/** One key is the inception of any lineage; several are a threshold's. */
export function draftInception(
  { keys, next, nonce, owner, tier }: InceptionParts,
  sha256: Sha256,
): RecordOf<"key-event"> | RecordOf<"threshold-inception"> {
  const nextKeyHash = signerIdOf(next, sha256);
  const [only] = keys.keys;
  if (only !== undefined && keys.keys.length === 1) {
    const key = { signingKey: only.publicKey, akName: NO_AK_NAME };
    const body = { event: "inception" as const, ...key, nextKeyHash, nonce, owner, tier };
    return bare("key-event", headerOf(lineageId(body, sha256), keys, sha256), body, sha256);
  }
  const body = { keys, nextKeyHash, nonce, owner, tier };
  const lineage = thresholdLineageId(keySetId(fieldBytes(keySet, keys), sha256), body, sha256);
  return bare("threshold-inception", headerOf(lineage, keys, sha256), body, sha256);
}

/** At the beginning of a lineage; authorities keep neither clock nor place in their records. */
function headerOf(lineage: Uint8Array, signer: KeySet, sha256: Sha256): Header {
  return {
    lineage,
    epoch: 0,
    seq: 0,
    previous: ZERO_ID,
    signerKey: signerIdOf(signer, sha256),
    suite: suiteOf(signer),
    credential: null,
    attestation: null,
    policy: null,
    rulesVersion: RULES_VERSION,
    time: null,
    place: null,
  };
}

function bare<K extends KindName>(kind: K, header: Header, body: Bodies[K], sha256: Sha256): RecordOf<K> {
  const payload = writePayload(kind, header, body);
  const envelope = { kind, payload, signatures: [], openings: [] };
  return { kind, id: recordId(kind, payload, sha256), header, body, envelope };
}
