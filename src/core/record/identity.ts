/** Ids that are hashes: lineage, key, artifact. One prefix byte each keeps them apart (PROTOCOL §2 Identity). */
import { assert } from "../base/assert.ts";
import { concat } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import type { KeyEvent } from "./kinds/key-event.ts";

// 0x00 is a record (wire/envelope.ts), 0x01 an inner Merkle node (lineage/merkle.ts).
const LINEAGE_PREFIX = Uint8Array.of(2);
const KEY_PREFIX = 3;
const ARTIFACT_PREFIX = Uint8Array.of(4);
const KEY_SET_PREFIX = Uint8Array.of(5);
const THRESHOLD_LINEAGE_PREFIX = Uint8Array.of(6);

export const ZERO_ID: Uint8Array = new Uint8Array(32);
export const NO_AK_NAME: Uint8Array = new Uint8Array(34);

/** SHA-256(0x02 ‖ first signing key ‖ AK name ‖ hash of the next key ‖ nonce). */
export function lineageId(inception: KeyEvent, sha256: Sha256): Uint8Array {
  const { signingKey, akName, nextKeyHash, nonce } = inception;
  return sha256(concat(LINEAGE_PREFIX, signingKey, akName, nextKeyHash, nonce));
}

/** SHA-256(0x06 ‖ id of the first key set ‖ id of the next signer ‖ nonce). */
export function thresholdLineageId(
  keySet: Uint8Array,
  { nextKeyHash, nonce }: { readonly nextKeyHash: Uint8Array; readonly nonce: Uint8Array },
  sha256: Sha256,
): Uint8Array {
  return sha256(concat(THRESHOLD_LINEAGE_PREFIX, keySet, nextKeyHash, nonce));
}

/** SHA-256(0x05 ‖ encoded key set). */
export function keySetId(encodedSet: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concat(KEY_SET_PREFIX, encodedSet));
}

/** SHA-256(0x03 ‖ suite ‖ public key). */
export function keyId(suite: number, publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  assert(suite > 0 && suite < 256, "suites are one byte");
  return sha256(concat(Uint8Array.of(KEY_PREFIX, suite), publicKey));
}

/** SHA-256(0x04 ‖ artifact bytes). */
export function artifactId(artifact: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(concat(ARTIFACT_PREFIX, artifact));
}
