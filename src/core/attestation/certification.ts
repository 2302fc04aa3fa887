/** Is this signing key inside the TPM that the attestation key stands for? (TPM2_Certify, RFC 9334 §5; go-attestation's checks.) */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { akSignature } from "./ak-signature.ts";
import { parseTpmAttest, type TpmAttest } from "./tpm-attest.ts";
import { parseTpmPublic, type TpmPublic, tpmName } from "./tpm-public.ts";

export type CertificationClaim = {
  /** 000b ‖ SHA-256(akPublic), as the lineage's inception or a credential's device binding names it. */
  readonly akName: Uint8Array;
  readonly akPublic: Uint8Array;
  readonly signingPublic: Uint8Array;
  /** 65-byte point that signs the records. */
  readonly signingKey: Uint8Array;
  /** TPMS_ATTEST and its r‖s, raw from the TPM. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
};

/**
 * The parsed attestation, or all that is wrong with the claim. Says nothing of whether the AK lives in a genuine
 * TPM: that is the EK's word. Peer-controlled bytes throughout.
 */
export function checkCertification(claim: CertificationClaim, primitives: Primitives): Result<TpmAttest> {
  const ak = parseTpmPublic(claim.akPublic, "akPublic");
  const signing = parseTpmPublic(claim.signingPublic, "signingPublic");
  const attest = parseTpmAttest(claim.attestation, "attestation");
  if (!ak.ok || !signing.ok || !attest.ok) {
    return refuse(...[ak, signing, attest].flatMap((part) => (part.ok ? [] : part.rejections)));
  }
  const found = [
    ...attestationKey(ak.value),
    ...signingKey(signing.value, claim.signingKey),
    ...akNameMatches(claim, primitives),
    ...certifiedName(attest.value, claim, primitives),
    ...akSignature(ak.value.key, claim.attestation, claim.signature, primitives),
  ];
  return found.length === 0 ? accept(attest.value) : refuse(...found);
}

/** Restricted, or its owner could have it sign a made-up attestation. */
export function attestationKey(ak: TpmPublic): Rejection[] {
  const found = bornHere(ak, "akPublic");
  const { restricted, signs, decrypts } = ak.attributes;
  if (!restricted || !signs || decrypts) {
    const required = { restricted: true, signs: true, decrypts: false };
    found.push(
      rejection("tpm-ak-not-restricted", "akPublic.attributes", { restricted, signs, decrypts }, required),
    );
  }
  return found;
}

/** Not restricted: digests of records come from outside the TPM. */
function signingKey(key: TpmPublic, expected: Uint8Array): Rejection[] {
  const found = bornHere(key, "signingPublic");
  const { restricted, signs, decrypts } = key.attributes;
  if (restricted || !signs || decrypts) {
    const required = { restricted: false, signs: true, decrypts: false };
    const measured = { restricted, signs, decrypts };
    found.push(rejection("tpm-signing-key-restricted", "signingPublic.attributes", measured, required));
  }
  if (!equalBytes(key.key, expected)) {
    const measured = { key: toHex(key.key) };
    found.push(
      rejection("tpm-signing-key-mismatch", "signingPublic.key", measured, { key: toHex(expected) }),
    );
  }
  return found;
}

/** Made in this TPM, and never to leave it or its parent. */
function bornHere(key: TpmPublic, field: string): Rejection[] {
  const { fixedTpm, fixedParent, sensitiveDataOrigin } = key.attributes;
  const found: Rejection[] = [];
  const at = `${field}.attributes`;
  if (!fixedTpm) found.push(rejection("tpm-key-not-fixed-tpm", at, { fixedTpm }, { fixedTpm: true }));
  if (!fixedParent) {
    found.push(rejection("tpm-key-not-fixed-parent", at, { fixedParent }, { fixedParent: true }));
  }
  if (!sensitiveDataOrigin) {
    found.push(rejection("tpm-key-imported", at, { sensitiveDataOrigin }, { sensitiveDataOrigin: true }));
  }
  return found;
}

/** The digest in the name that we were told is the digest of the AK that we were shown. */
function akNameMatches(claim: CertificationClaim, primitives: Primitives): Rejection[] {
  const measured = tpmName(claim.akPublic, primitives.sha256);
  if (equalBytes(measured, claim.akName)) return [];
  return [rejection("tpm-ak-name", "akName", { name: toHex(measured) }, { name: toHex(claim.akName) })];
}

/** The attestation is one of a key, and of this key. */
function certifiedName(attest: TpmAttest, claim: CertificationClaim, primitives: Primitives): Rejection[] {
  const { attested } = attest;
  if (attested.kind !== "certify") {
    return [rejection("tpm-attest-type", "attestation.type", { type: attested.kind }, { type: "certify" })];
  }
  const required = tpmName(claim.signingPublic, primitives.sha256);
  if (equalBytes(attested.name, required)) return [];
  const at = "attestation.attested.name";
  return [rejection("tpm-certified-name", at, { name: toHex(attested.name) }, { name: toHex(required) })];
}
