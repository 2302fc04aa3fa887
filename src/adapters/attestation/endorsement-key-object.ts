/** An endorsement key as node:crypto takes it. */
import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { EndorsementKey } from "../../core/attestation/endorsement-key.ts";

const COORDINATE_BYTES = 32;
const EXPONENT = "AQAB";

/** Null where OpenSSL knows no such key: a point off the curve. */
export function endorsementKeyObject(key: EndorsementKey): KeyObject | null {
  try {
    return createPublicKey({ key: jwkOf(key), format: "jwk" });
  } catch {
    return null;
  }
}

function jwkOf(key: EndorsementKey): JsonWebKey {
  if (key.kind === "rsa-2048") return { kty: "RSA", n: base64(key.modulus), e: EXPONENT };
  const x = key.point.subarray(1, 1 + COORDINATE_BYTES);
  const y = key.point.subarray(1 + COORDINATE_BYTES);
  return { kty: "EC", crv: "P-256", x: base64(x), y: base64(y) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}
