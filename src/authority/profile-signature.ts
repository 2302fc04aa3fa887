/**
 * An operator's signature over the very bytes of a profile, beside the file. It is no record: it has no place in a lineage
 * and never goes over the mesh. The keys are the authority's own, as many as its records need (PROTOCOL §1 Signatures, §2).
 */
import { keysOfLineages } from "../core/audit/author-keys.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { type Rejection, rejection } from "../core/base/rejection.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { isInception, type SigningKey, signatureFaults } from "../core/record/signing-key.ts";
import { type RecordSignature, signedBytes } from "../core/wire/envelope.ts";
import type { Authority } from "./authority.ts";
import { claimOf } from "./entitle.ts";

export type ProfileSignature = {
  /** Packed envelopes: the operator's inception, and its rotations since; the last one's keys sign. */
  readonly records: readonly Uint8Array[];
  /** Sorted by key id, no key twice. */
  readonly signatures: readonly RecordSignature[];
};

/** What an operator signs besides records. Each stands where the kind of a record stands in what is signed; no record has such a name. */
export const SIGNED_DOMAINS = { profile: "signed-profile", enrolment: "signed-enrolment" } as const;

export type SignedText = { readonly domain: keyof typeof SIGNED_DOMAINS; readonly bytes: Uint8Array };

export async function signText(
  authority: Authority,
  { domain, bytes }: SignedText,
): Promise<ProfileSignature> {
  const { records } = claimOf(authority);
  return { records, signatures: await authority.sign(SIGNED_DOMAINS[domain], bytes) };
}

/**
 * Nothing, or why `text` is not what the operator of the inception record `operator` signed: `profile-operator` where it
 * is somebody else's word, `profile-signature` where keys or signatures do not hold.
 */
export function textSignatureFaults(
  text: SignedText,
  { records, signatures }: ProfileSignature,
  operator: Uint8Array,
  primitives: Primitives,
): readonly Rejection[] {
  const [pinned] = readable([operator], primitives);
  if (pinned === undefined || !isInception(pinned)) {
    return [
      rejection("profile-operator", "operator", { operator: "no inception" }, { operator: "an inception" }),
    ];
  }
  const read = readable(records, primitives);
  const lineage = toHex(pinned.header.lineage);
  const said = read[0] === undefined ? "none" : toHex(read[0].header.lineage);
  if (said !== lineage) {
    return [rejection("profile-operator", "records", { operator: said }, { operator: lineage })];
  }
  const keys = keysOfLineages(read, primitives).get(lineage) ?? [];
  const key = keys.at(-1);
  // Each record is a key's beginning: one that proves nothing has no place here.
  if (key === undefined || keys.length !== records.length) {
    return [rejection("profile-signature", "records", { records: keys.length }, { records: records.length })];
  }
  return keyFaults(text, signatures, key, primitives);
}

function keyFaults(
  { domain, bytes }: SignedText,
  signatures: readonly RecordSignature[],
  key: SigningKey,
  primitives: Primitives,
): readonly Rejection[] {
  const { threshold } = key.keys;
  const distinct = signatures.filter(
    ({ keyId }, i) => !signatures.slice(0, i).some((each) => equalBytes(each.keyId, keyId)),
  );
  const message = signedBytes(SIGNED_DOMAINS[domain], bytes);
  const faults = signatureFaults(distinct, message, { key, primitives });
  const valid = distinct.length - faults.length;
  if (valid === threshold && signatures.length === threshold) return [];
  return [rejection("profile-signature", "signatures", { valid }, { signatures: threshold })];
}

function readable(records: readonly Uint8Array[], primitives: Primitives): readonly AnyRecord[] {
  return records.flatMap((bytes) => {
    const record = recordOfBytes(bytes, primitives);
    return record.ok ? [record.value] : [];
  });
}
