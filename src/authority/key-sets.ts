/** An authority's sets of keys: made, opened as far as they are at hand, and committed to (PROTOCOL §1 Signatures, §2). */
import { compareBytes, equalBytes } from "../core/base/bytes.ts";
import type { Primitives, Sha256 } from "../core/base/primitives.ts";
import { fieldBytes } from "../core/record/field.ts";
import { keyId } from "../core/record/identity.ts";
import { type KeySet, keySet, keySetFaults } from "../core/record/key-set.ts";
import { decode } from "../core/wire/decode.ts";
import type { RecordSignature } from "../core/wire/envelope.ts";
import { limits } from "../core/wire/limits.ts";
import type { KeySource } from "../ports/key-source.ts";
import { PortError } from "../ports/port-error.ts";
import type { Signer } from "../ports/signatures.ts";

/** How many keys, and how many of them have to sign. */
export type KeyPlan = { readonly keys: number; readonly threshold: number; readonly suite: number };

/** Fresh keys under the labels `generation/1` …. */
export async function createKeySet(
  source: KeySource,
  generation: number,
  plan: KeyPlan,
  sha256: Sha256,
): Promise<KeySet> {
  const made: Signer[] = [];
  for (let i = 1; i <= plan.keys; i++) made.push(await source.create(`${generation}/${i}`, plan.suite));
  const keys = made
    .map(({ suite, publicKey }) => ({ suite, publicKey, id: keyId(suite, publicKey, sha256) }))
    .sort((a, b) => compareBytes(a.id, b.id))
    .map(({ suite, publicKey }) => ({ suite, publicKey }));
  return { threshold: plan.threshold, keys };
}

/** What is kept of a set that no record names yet. */
export function encodedKeySet(set: KeySet): Uint8Array {
  return fieldBytes(keySet, set);
}

/** The set, or null for other bytes. */
export function decodedKeySet(bytes: Uint8Array, sha256: Sha256): KeySet | null {
  const decoded = decode(bytes, limits.RECORD_BYTES_MAX);
  const set = decoded.ok ? keySet.read(decoded.value, "", []) : undefined;
  return set === undefined || keySetFaults(set, sha256, "").length > 0 ? null : set;
}

/**
 * As many signers of `set` as have to sign together. The others need not be at hand: their keys may lie in other
 * people's safes. A key that is open to others is never passed over. PortError `signer-keys-missing`.
 */
export async function openKeySet(
  source: KeySource,
  generation: number,
  { threshold, keys }: KeySet,
): Promise<readonly Signer[]> {
  const opened: Signer[] = [];
  const reasons: string[] = [];
  for (let i = 1; i <= keys.length && opened.length < threshold; i++) {
    const signer = await openOrReason(source, `${generation}/${i}`);
    if (typeof signer === "string") reasons.push(signer);
    else if (keys.some(({ publicKey }) => equalBytes(publicKey, signer.publicKey))) opened.push(signer);
    else reasons.push(`${generation}/${i} is no key of the set`);
  }
  if (opened.length === threshold) return opened;
  const said = `${opened.length} keys opened, required: ${threshold} of ${keys.length}; ${reasons.join("; ")}`;
  throw new PortError("signer", "signer-keys-missing", said, false);
}

const PASSED_OVER: readonly string[] = ["signer-key-unreadable", "signer-passphrase-wrong"];

async function openOrReason(source: KeySource, label: string): Promise<Signer | string> {
  try {
    return await source.open(label);
  } catch (error) {
    if (error instanceof PortError && PASSED_OVER.includes(error.code)) return error.message;
    throw error;
  }
}

/** One signature by each, sorted by key id. */
export async function signaturesOf(
  signers: readonly Signer[],
  message: Uint8Array,
  { sha256 }: Primitives,
): Promise<readonly RecordSignature[]> {
  const signatures: RecordSignature[] = [];
  for (const signer of signers) {
    const id = keyId(signer.suite, signer.publicKey, sha256);
    signatures.push({ keyId: id, signature: await signer.sign(message) });
  }
  return signatures.sort((a, b) => compareBytes(a.keyId, b.keyId));
}
