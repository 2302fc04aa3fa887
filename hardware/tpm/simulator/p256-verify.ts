/** ECDSA on P-256 over a digest (FIPS 186-5 §6.4.2): node:crypto verifies messages only, and a TPM is given digests. */
import { toHex } from "../../../src/core/base/bytes.ts";

/** SEC 2 §2.4.2. */
const FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const BASE: Point = {
  x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
};
const BITS = 256;

type Point = { readonly x: bigint; readonly y: bigint };
/** x = X/Z², y = Y/Z³; Z is zero at infinity. */
type Jacobian = { readonly x: bigint; readonly y: bigint; readonly z: bigint };

type Coordinates = { readonly x: Uint8Array; readonly y: Uint8Array };

export function isOnCurve(key: Coordinates): boolean {
  const { x, y } = pointOf(key);
  return x < FIELD && y < FIELD && modulo(y * y - (x * x * x - 3n * x + B), FIELD) === 0n;
}

/** `key` is on the curve; `digest` is taken for its leftmost 256 bits. */
export function isSignedDigest(
  key: Coordinates,
  digest: Uint8Array,
  signature: { readonly r: Uint8Array; readonly s: Uint8Array },
): boolean {
  const [r, s] = [numberOf(signature.r), numberOf(signature.s)];
  if (r < 1n || r >= ORDER || s < 1n || s >= ORDER) return false;
  const inverse = power(s, ORDER - 2n, ORDER);
  const e = numberOf(digest.subarray(0, BITS / 8));
  const sum = sumOfProducts((e * inverse) % ORDER, pointOf(key), (r * inverse) % ORDER);
  if (sum.z === 0n) return false;
  const x = (sum.x * power(sum.z * sum.z, FIELD - 2n, FIELD)) % FIELD;
  return x % ORDER === r;
}

/** ofBase · G + ofKey · key. */
function sumOfProducts(ofBase: bigint, key: Point, ofKey: bigint): Jacobian {
  let sum: Jacobian = { x: 1n, y: 1n, z: 0n };
  for (let bit = BigInt(BITS - 1); bit >= 0n; bit--) {
    sum = doubled(sum);
    if (((ofBase >> bit) & 1n) === 1n) sum = added(sum, BASE);
    if (((ofKey >> bit) & 1n) === 1n) sum = added(sum, key);
  }
  return sum;
}

/** "dbl-2001-b" of the Explicit-Formulas Database, for a = -3. */
function doubled({ x, y, z }: Jacobian): Jacobian {
  const delta = (z * z) % FIELD;
  const gamma = (y * y) % FIELD;
  const beta = (x * gamma) % FIELD;
  const alpha = (3n * (x - delta) * (x + delta)) % FIELD;
  const x3 = modulo(alpha * alpha - 8n * beta, FIELD);
  return {
    x: x3,
    y: modulo(alpha * (4n * beta - x3) - 8n * gamma * gamma, FIELD),
    z: modulo(2n * y * z, FIELD),
  };
}

/** "madd": a Jacobian point and an affine one. */
function added(a: Jacobian, b: Point): Jacobian {
  if (a.z === 0n) return { ...b, z: 1n };
  const square = (a.z * a.z) % FIELD;
  const h = modulo(b.x * square - a.x, FIELD);
  const r = modulo(b.y * a.z * square - a.y, FIELD);
  if (h === 0n) return r === 0n ? doubled(a) : { x: 1n, y: 1n, z: 0n };
  const hh = (h * h) % FIELD;
  const v = (a.x * hh) % FIELD;
  const x = modulo(r * r - h * hh - 2n * v, FIELD);
  return { x, y: modulo(r * (v - x) - a.y * h * hh, FIELD), z: (a.z * h) % FIELD };
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

function pointOf({ x, y }: Coordinates): Point {
  return { x: numberOf(x), y: numberOf(y) };
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}
