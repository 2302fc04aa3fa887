/**
 * ECDSA on P-256 for the simulated TPM: keys from seeds, and signatures that are the same for the same key and
 * digest, so that a seeded simulation repeats to the byte. node:crypto multiplies the points; scalars are bigints.
 * Not constant in time: a simulated key protects nothing.
 */
import { createECDH, createHmac } from "node:crypto";
import { assert } from "../../../src/core/base/assert.ts";
import { ascii, concat, fromHex, toHex } from "../../../src/core/base/bytes.ts";

export type KeyPair = { readonly secret: Uint8Array; readonly x: Uint8Array; readonly y: Uint8Array };

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;

/** The key of a seed; another seed has another key. */
export function keyPair(seed: Uint8Array): KeyPair {
  const secret = bytesOf(scalarFrom(seed, ascii("key")));
  const point = multiplyBase(secret);
  return { secret, x: point.slice(1, 1 + SCALAR_BYTES), y: point.slice(1 + SCALAR_BYTES) };
}

/** r and s, 32 bytes each, of a 32-byte digest; s is high or low as it falls, as on a chip. */
export function signDigest(secret: Uint8Array, digest: Uint8Array): { r: Uint8Array; s: Uint8Array } {
  const nonce = scalarFrom(secret, digest);
  const r = numberOf(multiplyBase(bytesOf(nonce)).slice(1, 1 + SCALAR_BYTES)) % ORDER;
  const s = (inverse(nonce) * (numberOf(digest) + r * numberOf(secret))) % ORDER;
  assert(r !== 0n && s !== 0n, "one in 2^256 nonces gives a zero");
  return { r: bytesOf(r), s: bytesOf(s) };
}

/** x of the key's multiple of a point, 32 bytes, or null where the point is none of the curve. */
export function sharedCoordinate(
  secret: Uint8Array,
  { x, y }: { readonly x: Uint8Array; readonly y: Uint8Array },
): Uint8Array | null {
  if (x.length > SCALAR_BYTES || y.length > SCALAR_BYTES) return null;
  const point = new Uint8Array(1 + 2 * SCALAR_BYTES);
  point[0] = 0x04;
  point.set(x, 1 + SCALAR_BYTES - x.length);
  point.set(y, 1 + 2 * SCALAR_BYTES - y.length);
  CURVE.setPrivateKey(secret);
  try {
    return new Uint8Array(CURVE.computeSecret(point));
  } catch {
    return null;
  }
}

/** Pseudo-random bytes of `secret` for one purpose. */
export function derive(secret: Uint8Array, ...purpose: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(
    createHmac("sha256", secret)
      .update(concat(...purpose))
      .digest(),
  );
}

/** 1 ≤ scalar < order: 512 bits reduced, so the bias is below 2^-250. */
function scalarFrom(secret: Uint8Array, purpose: Uint8Array): bigint {
  const wide = concat(derive(secret, Uint8Array.of(1), purpose), derive(secret, Uint8Array.of(2), purpose));
  return (numberOf(wide) % (ORDER - 1n)) + 1n;
}

function multiplyBase(scalar: Uint8Array): Uint8Array {
  CURVE.setPrivateKey(scalar);
  return new Uint8Array(CURVE.getPublicKey());
}

/** One for all: to make another costs as much as to multiply. It keeps nothing that the next call reads. */
const CURVE = createECDH("prime256v1");

/** Inverse modulo the order, by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [a, b] = [value, ORDER];
  let [u, v] = [1n, 0n];
  while (a !== 1n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [u, v] = [v - quotient * u, u];
  }
  return ((u % ORDER) + ORDER) % ORDER;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function bytesOf(value: bigint): Uint8Array {
  const bytes = fromHex(value.toString(16).padStart(2 * SCALAR_BYTES, "0"));
  assert(bytes !== null && bytes.length === SCALAR_BYTES, "a scalar has 256 bits");
  return bytes;
}
