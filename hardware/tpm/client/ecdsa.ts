/** ECDSA P-256 signatures between the TPM's form and the records' form. */
import { fromHex, toHex } from "../../../src/core/base/bytes.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { EcdsaSignature } from "../codec/structures.ts";

/** Order of P-256 (SEC 2 §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;

/** r‖s, 64 bytes, as the TPM made it: leading zeros that it may leave out are put back. */
export function rawSignature(signature: EcdsaSignature): Uint8Array {
  const out = new Uint8Array(2 * SCALAR_BYTES);
  if (signature.r.length > SCALAR_BYTES || signature.s.length > SCALAR_BYTES) {
    throw new PortError("tpm", "tpm-failed", "a signature is longer than the curve's order", false);
  }
  out.set(signature.r, SCALAR_BYTES - signature.r.length);
  out.set(signature.s, 2 * SCALAR_BYTES - signature.s.length);
  return out;
}

/** The same signature with s ≤ n/2: the only form that records carry. */
export function lowS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${toHex(signature.subarray(SCALAR_BYTES))}`);
  if (s <= ORDER / 2n) return signature;
  const flipped = fromHex((ORDER - s).toString(16).padStart(2 * SCALAR_BYTES, "0"));
  const out = signature.slice();
  if (flipped !== null) out.set(flipped, SCALAR_BYTES);
  return out;
}
