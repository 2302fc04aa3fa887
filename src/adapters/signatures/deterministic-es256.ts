/**
 * ES256 whose nonce follows from key and message alone (RFC 6979 §3.2), so that seeded runs repeat byte for byte. OpenSSL
 * multiplies the point, scalars are bigints: not constant in time, for keys of benches and simulated worlds only.
 */
import { createECDH, createHmac } from "node:crypto";
import { assert } from "../../core/base/assert.ts";
import { ES256_SIGNATURE_BYTES, P256_ORDER, SCALAR_BYTES, scalarBytes, scalarOf, toLowS } from "./low-s.ts";

/** r‖s, low-S, of the 32-byte `digest` by the 32-byte `scalar`. */
export function deterministicEs256(scalar: Uint8Array, digest: Uint8Array): Uint8Array {
  const hashed = scalarOf(digest) % P256_ORDER;
  for (const nonce of nonces(scalar, scalarBytes(hashed))) {
    const r = scalarOf(abscissaOf(nonce)) % P256_ORDER;
    const s = (inverse(scalarOf(nonce)) * (hashed + r * scalarOf(scalar))) % P256_ORDER;
    if (r === 0n || s === 0n) continue;
    const signature = new Uint8Array(ES256_SIGNATURE_BYTES);
    signature.set(scalarBytes(r));
    signature.set(scalarBytes(s), SCALAR_BYTES);
    return toLowS(signature);
  }
  throw new Error("there is always another nonce");
}

/** Candidates in their order: the first one serves but once in 2^32 times. */
function* nonces(scalar: Uint8Array, hashed: Uint8Array): Generator<Uint8Array> {
  let key: Uint8Array = new Uint8Array(SCALAR_BYTES);
  let value: Uint8Array = new Uint8Array(SCALAR_BYTES).fill(1);
  for (const step of [0, 1]) {
    key = hmac(key, value, Uint8Array.of(step), scalar, hashed);
    value = hmac(key, value);
  }
  for (;;) {
    value = hmac(key, value);
    const candidate = scalarOf(value);
    if (candidate > 0n && candidate < P256_ORDER) yield value;
    key = hmac(key, value, Uint8Array.of(0));
    value = hmac(key, value);
  }
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** x of the point that `scalar` makes of the base point. */
function abscissaOf(scalar: Uint8Array): Uint8Array {
  CURVE.setPrivateKey(scalar);
  return CURVE.getPublicKey().subarray(1, 1 + SCALAR_BYTES);
}

/** One for all: to make another costs as much as to multiply. It keeps nothing that the next call reads. */
const CURVE = createECDH("prime256v1");

/** Modulo the order, by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [a, b] = [value, P256_ORDER];
  let [u, v] = [1n, 0n];
  while (a !== 1n) {
    assert(a > 0n, "a nonce is no multiple of the order");
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [u, v] = [v - quotient * u, u];
  }
  return ((u % P256_ORDER) + P256_ORDER) % P256_ORDER;
}
