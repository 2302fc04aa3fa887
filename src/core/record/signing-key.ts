/** Which keys sign a lineage at which of its positions, and whether a record is signed by them (PROTOCOL §1, §2). */
import { assert } from "../base/assert.ts";
import { equalBytes } from "../base/bytes.ts";
import type { Primitives, Sha256 } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { type RecordSignature, signedBytes } from "../wire/envelope.ts";
import { fieldBytes } from "./field.ts";
import type { Position } from "./header.ts";
import { keySetId, lineageId, thresholdLineageId, ZERO_ID } from "./identity.ts";
import { type KeySet, keySet, keySetFaults, type PublicKey, signerIdOf, suiteOf } from "./key-set.ts";
import type { KindName } from "./kinds.ts";
import type { AnyRecord, RecordOf, Signed } from "./record.ts";

/** The first record of a lineage: it certifies itself. */
export type Inception = RecordOf<"key-event"> | RecordOf<"threshold-inception">;

export function isInception(record: AnyRecord): record is Inception {
  return record.kind === "key-event" || record.kind === "threshold-inception";
}

/** Whose signatures a record has to carry. */
export type RecordSigner = {
  readonly lineage: Uint8Array;
  /** What headers name as signer: the id of the one key, or of the set. */
  readonly keyId: Uint8Array;
  readonly suite: number;
  readonly keys: KeySet;
};

/** Who signs a lineage from a position on. */
export type SigningKey = RecordSigner & {
  /** Id of the signer that may follow. */
  readonly nextKeyHash: Uint8Array;
  readonly from: Position;
  /** For the signer of a rotation: how long records of the one before are taken in, see KeyRotation. */
  readonly acceptedUntilUs: number;
};

/** Does `record` carry exactly the prescribed signatures, by `key`, over its own bytes? An envelope names no key twice. */
export function checkSigned<K extends KindName>(
  record: RecordOf<K>,
  key: RecordSigner,
  primitives: Primitives,
): Result<Signed<K>> {
  const { header: head, envelope } = record;
  const { threshold } = key.keys;
  if (envelope.signatures.length !== threshold) {
    const measured = { signatures: envelope.signatures.length };
    return refuse(rejection("signature-count", "signatures", measured, { signatures: threshold }));
  }
  if (
    !equalBytes(head.lineage, key.lineage) ||
    !equalBytes(head.signerKey, key.keyId) ||
    head.suite !== key.suite
  ) {
    return refuse(
      rejection("signer-unknown", "header.signerKey", {}, { signer: "the lineage's current key" }),
    );
  }
  const faults = signatureFaults(envelope.signatures, signedBytes(record.kind, envelope.payload), {
    key,
    primitives,
  });
  return faults.length > 0 ? refuse(...faults) : accept(record as Signed<K>);
}

/** Of each signature that is not by a key of `key` over `message`. That no key signs twice is the caller's to see to. */
export function signatureFaults(
  signatures: readonly RecordSignature[],
  message: Uint8Array,
  { key, primitives }: { readonly key: RecordSigner; readonly primitives: Primitives },
): readonly Rejection[] {
  const {
    keyId: signerId,
    keys: { keys },
  } = key;
  const { sha256, verifySignature } = primitives;
  const idOf = (key: PublicKey): Uint8Array =>
    keys.length === 1 ? signerId : signerIdOf(singleKey(key), sha256);
  const byId = keys.map((key) => ({ key, id: idOf(key) }));
  return signatures.flatMap(({ keyId, signature }, i) => {
    const field = `signatures[${i}]`;
    const signer = byId.find(({ id }) => equalBytes(id, keyId))?.key;
    if (signer === undefined)
      return [rejection("signer-mismatch", field, {}, { signer: "header.signerKey" })];
    if (verifySignature(signer.suite, signer.publicKey, message, signature)) return [];
    return [rejection("signature-invalid", field, {}, { signature: "valid, low-S" })];
  });
}

export function singleKey(key: PublicKey): KeySet {
  return { threshold: 1, keys: [key] };
}

/** An inception certifies itself: its lineage id is the hash of its own key material. */
export function keyOfInception(record: Inception, sha256: Sha256): Result<SigningKey> {
  const { header: head, body } = record;
  const keys =
    record.kind === "key-event"
      ? singleKey({ suite: head.suite, publicKey: record.body.signingKey })
      : record.body.keys;
  const faults = [...keySetFaults(keys, sha256, "body")];
  const lineage =
    record.kind === "key-event"
      ? lineageId(record.body, sha256)
      : thresholdLineageId(keySetId(fieldBytes(keySet, keys), sha256), record.body, sha256);
  if (!equalBytes(head.lineage, lineage) || !isFirst(record)) {
    faults.unshift(
      rejection("inception-mismatch", "header.lineage", {}, { lineage: "hash of the inception's keys" }),
    );
  }
  const { nextKeyHash } = body;
  const key = {
    lineage,
    ...signerOf(keys, sha256),
    nextKeyHash,
    from: { epoch: 0, seq: 0 },
    acceptedUntilUs: 0,
  };
  return faults.length > 0 ? refuse(...faults) : checkSigner(record, key, "id of the inception's keys");
}

function isFirst({ header }: Inception): boolean {
  return header.epoch === 0 && header.seq === 0 && equalBytes(header.previous, ZERO_ID);
}

/** The signer that follows `before`: committed to by it, and later in the same epoch. */
export function keyOfRotation(
  record: RecordOf<"key-rotation">,
  before: SigningKey,
  sha256: Sha256,
): Result<SigningKey> {
  const { header: head, body } = record;
  const faults = [...keySetFaults(body.keys, sha256, "body.keys")];
  const signer = signerOf(body.keys, sha256);
  if (!equalBytes(head.lineage, before.lineage) || !equalBytes(signer.keyId, before.nextKeyHash)) {
    const required = { signer: "what the signer before committed to" };
    faults.push(rejection("rotation-not-committed", "body.keys", {}, required));
  }
  if (head.epoch !== before.from.epoch || head.seq <= before.from.seq) {
    const required = { epoch: before.from.epoch, seqMin: before.from.seq + 1 };
    faults.push(rejection("rotation-order", "header.seq", { epoch: head.epoch, seq: head.seq }, required));
  }
  const { nextKeyHash, acceptedUntilUs } = body;
  const from = { epoch: head.epoch, seq: head.seq };
  const key = { lineage: before.lineage, ...signer, nextKeyHash, from, acceptedUntilUs };
  return faults.length > 0 ? refuse(...faults) : checkSigner(record, key, "id of body.keys");
}

export function signerOf(keys: KeySet, sha256: Sha256): Pick<SigningKey, "keyId" | "suite" | "keys"> {
  return { keyId: signerIdOf(keys, sha256), suite: suiteOf(keys), keys };
}

function checkSigner({ header }: AnyRecord, key: SigningKey, signer: string): Result<SigningKey> {
  if (equalBytes(header.signerKey, key.keyId) && header.suite === key.suite) return accept(key);
  return refuse(rejection("signer-mismatch", "header.signerKey", {}, { signer }));
}

/**
 * Who has to have signed `record`, by the keys that are known of its lineage, in their order, at least one. A rotation is
 * never by the keys that it replaces, whoever signed it.
 */
export function signerOfRecord(
  record: AnyRecord,
  keys: readonly SigningKey[],
  sha256: Sha256,
): Result<SigningKey> {
  if (isInception(record)) return keyOfInception(record, sha256);
  const key = keyAt(keys, record.header);
  if (record.kind !== "key-rotation") return accept(key);
  const [, ...rotated] = keys;
  const known = rotated.find(({ from }) => from === key.from && from.seq === record.header.seq);
  const last = keys.at(-1);
  assert(last !== undefined, "a known lineage has the key of its inception");
  return known === undefined
    ? keyOfRotation(record, last, sha256)
    : checkSigner(record, known, "id of body.keys");
}

/** Whose turn it is at a position, sessions apart. `keys`: of one lineage, in the order in which they followed each other, at least one. */
export function keyAt(keys: readonly SigningKey[], { epoch, seq }: Position): SigningKey {
  const found = keys.findLast(({ from }) => from.epoch < epoch || (from.epoch === epoch && from.seq <= seq));
  const key = found ?? keys[0];
  assert(key !== undefined, "a known lineage has the key of its inception");
  return key;
}
