/** The half of the P-256 scalars that a signature's s must lie in, so that a record has one signature form (PROTOCOL §1). */
import { compareBytes, fromHex } from "../../core/base/bytes.ts";

/** Bytes of r‖s, and of either half. */
export const ES256_SIGNATURE_BYTES = 64;
export const SCALAR_BYTES = 32;

/** Order n of the group (FIPS 186-5, SP 800-186 §3.2.1.3). */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const HALF_ORDER: Uint8Array = scalarBytes(P256_ORDER / 2n);

/** True when s of the 64-byte r‖s is at most n/2. */
export function isLowS(signature: Uint8Array): boolean {
  return compareBytes(signature.subarray(SCALAR_BYTES), HALF_ORDER) <= 0;
}

/** The same signature with low-S: s or n − s, which verify alike. A new array. */
export function toLowS(signature: Uint8Array): Uint8Array {
  const out = new Uint8Array(signature);
  if (!isLowS(signature))
    out.set(scalarBytes(P256_ORDER - scalarOf(signature.subarray(SCALAR_BYTES))), SCALAR_BYTES);
  return out;
}

export function scalarOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** Big-endian, 32 bytes. */
export function scalarBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * SCALAR_BYTES, "0")) as Uint8Array;
}
