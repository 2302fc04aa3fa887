/** ECDSA on P-256 over a digest (FIPS 186-5 §6.4.2): node:crypto verifies messages only, and a TPM is given digests. */
import { p256 } from "@noble/curves/nist.js";
import { concat } from "../../../src/core/base/bytes.ts";

type Coordinates = { readonly x: Uint8Array; readonly y: Uint8Array };

const SCALAR_BYTES = 32;
/** SEC 1 §2.3.3: x and y follow. */
const UNCOMPRESSED = Uint8Array.of(0x04);

export function isOnCurve(key: Coordinates): boolean {
  return p256.utils.isValidPublicKey(encoded(key), false);
}

/** `key` is on the curve; `digest` is taken for its leftmost 256 bits; s may be high, as a TPM takes it. */
export function isSignedDigest(
  key: Coordinates,
  digest: Uint8Array,
  { r, s }: { readonly r: Uint8Array; readonly s: Uint8Array },
): boolean {
  if (r.length > SCALAR_BYTES || s.length > SCALAR_BYTES) return false;
  try {
    return p256.verify(concat(padded(r), padded(s)), digest.subarray(0, SCALAR_BYTES), encoded(key), {
      lowS: false,
      prehash: false,
      format: "compact",
    });
  } catch {
    // Zero, or not below the order.
    return false;
  }
}

function encoded({ x, y }: Coordinates): Uint8Array {
  return concat(UNCOMPRESSED, padded(x), padded(y));
}

/** A TPM leaves out leading zeros. */
function padded(number: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SCALAR_BYTES);
  bytes.set(number, SCALAR_BYTES - number.length);
  return bytes;
}
