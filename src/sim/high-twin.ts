/** The other signature that fits the same bytes, which nobody may take (PROTOCOL §1 Suites). */
import { fromHex, toHex } from "../core/base/bytes.ts";
import type { Envelope } from "../core/wire/envelope.ts";

const SCALAR_BYTES = 32;
/** Order of the group of P-256 (SEC 2 §2.4.2). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Null for what carries not exactly one signature of that length. */
export function highTwin(envelope: Envelope): Envelope | null {
  const [only, another] = envelope.signatures;
  if (only === undefined || another !== undefined || only.signature.length !== 2 * SCALAR_BYTES) return null;
  const hex = (ORDER - scalarOf(only.signature)).toString(16).padStart(2 * SCALAR_BYTES, "0");
  const scalar = fromHex(hex);
  if (scalar === null) return null;
  const signature = Uint8Array.from(only.signature);
  signature.set(scalar, SCALAR_BYTES);
  return { ...envelope, signatures: [{ ...only, signature }] };
}

/** `signature`, r‖s of ES256, has the greater of the two s that fit. */
export function isHighS(signature: Uint8Array): boolean {
  // The half of the order begins with 7f: what begins lower needs no counting.
  return (signature[SCALAR_BYTES] ?? 0) >= 0x7f && 2n * scalarOf(signature) > ORDER;
}

function scalarOf(signature: Uint8Array): bigint {
  return BigInt(`0x${toHex(signature.subarray(SCALAR_BYTES))}`);
}
