/** The signature of an attestation key over what its TPM attested. */
import { fromHex, toHex } from "../base/bytes.ts";
import { type Primitives, SUITE_ES256 } from "../base/primitives.ts";
import { type Rejection, rejection } from "../base/rejection.ts";

/** Order of P-256 (SEC 2 §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;

/** `tpm-attest-signature` unless `signature` (r‖s, high-S allowed) is `akKey`'s over SHA-256 of `attestation`. */
export function akSignature(
  akKey: Uint8Array,
  attestation: Uint8Array,
  signature: Uint8Array,
  primitives: Primitives,
): Rejection[] {
  const normalised = lowS(signature);
  const good = normalised !== null && primitives.verifySignature(SUITE_ES256, akKey, attestation, normalised);
  if (good) return [];
  const measured = { signature: toHex(signature.slice(0, 2 * SCALAR_BYTES)), bytes: signature.length };
  return [
    rejection("tpm-attest-signature", "signature", measured, { key: toHex(akKey), bytes: 2 * SCALAR_BYTES }),
  ];
}

/** A TPM does not normalise s; our verifiers refuse high-S, because records must have one form. Null when no scalar. */
function lowS(signature: Uint8Array): Uint8Array | null {
  if (signature.length !== 2 * SCALAR_BYTES) return null;
  const s = BigInt(`0x${toHex(signature.slice(SCALAR_BYTES))}`);
  if (s === 0n || s >= ORDER) return null;
  if (s <= ORDER / 2n) return signature;
  const flipped = fromHex((ORDER - s).toString(16).padStart(2 * SCALAR_BYTES, "0"));
  if (flipped === null) return null;
  const out = signature.slice();
  out.set(flipped, SCALAR_BYTES);
  return out;
}
