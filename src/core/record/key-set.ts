/** The keys that sign for a lineage: one, or any `threshold` of several (PROTOCOL §1 Signatures, §2 Identity). */
import { compareBytes } from "../base/bytes.ts";
import { type Sha256, SUITE_ED25519, SUITE_ES256 } from "../base/primitives.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { limits } from "../wire/limits.ts";
import { bytes, type Field, fieldBytes, integer, list, struct } from "./field.ts";
import { keyId, keySetId } from "./identity.ts";

export type PublicKey = {
  readonly suite: number;
  /** 65-byte uncompressed SEC1 point for ES256, 32 bytes for Ed25519. */
  readonly publicKey: Uint8Array;
};

/** `threshold` signatures by different keys of the set: no fewer, and no more. */
export type KeySet = { readonly threshold: number; readonly keys: readonly PublicKey[] };

/** The header's suite where the signer is a set: each of its keys has a suite of its own. */
const SUITE_KEY_SET = 3;

const KEY_BYTES: Readonly<Record<number, number>> = { [SUITE_ES256]: 65, [SUITE_ED25519]: 32 };

const publicKey: Field<PublicKey> = struct<PublicKey>({
  suite: integer(SUITE_ES256, SUITE_ED25519),
  publicKey: bytes(32, 65),
});

export const keySet: Field<KeySet> = struct<KeySet>({
  threshold: integer(1, limits.SIGNATURES_MAX),
  keys: list(publicKey, 1, limits.SIGNATURES_MAX),
});

/** A single key is its own id: nothing is said of sets where there is none. */
export function signerIdOf(set: KeySet, sha256: Sha256): Uint8Array {
  const [only] = set.keys;
  if (only !== undefined && set.keys.length === 1) return keyId(only.suite, only.publicKey, sha256);
  return keySetId(fieldBytes(keySet, set), sha256);
}

/** What a record by this set has in its header. */
export function suiteOf({ keys }: KeySet): number {
  const [only] = keys;
  return keys.length === 1 && only !== undefined ? only.suite : SUITE_KEY_SET;
}

/** Each key of its suite's length, in the order of their ids, none twice, and as many as have to sign. */
export function keySetFaults(
  { threshold, keys }: KeySet,
  sha256: Sha256,
  field: string,
): readonly Rejection[] {
  const faults: Rejection[] = [];
  for (const [i, { suite, publicKey: key }] of keys.entries()) {
    const required = KEY_BYTES[suite] ?? 0;
    if (key.length !== required) {
      faults.push(
        rejection("key-length", `${field}.keys[${i}]`, { bytes: key.length, suite }, { bytes: required }),
      );
    }
  }
  if (threshold > keys.length) {
    faults.push(
      rejection("key-set-threshold", `${field}.threshold`, { threshold }, { thresholdMax: keys.length }),
    );
  }
  const ids = keys.map((each) => keyId(each.suite, each.publicKey, sha256));
  const isSorted = ids.every((id, i) => i === 0 || compareBytes(ids[i - 1] as Uint8Array, id) < 0);
  if (!isSorted)
    faults.push(rejection("key-set-order", `${field}.keys`, {}, { keys: "sorted by key id, none twice" }));
  return faults;
}
