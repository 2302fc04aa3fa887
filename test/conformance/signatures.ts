/** What every signature back-end must do alike; `signatures.test.ts` runs it over each. */
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { SignatureRule } from "../../src/adapters/signatures/signature-rule.ts";
import { concat, fromHex } from "../../src/core/base/bytes.ts";
import { type Primitives, SUITE_ED25519, SUITE_ES256 } from "../../src/core/base/primitives.ts";

export type Backend = { readonly name: string; readonly open: (rule?: SignatureRule) => Primitives };

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

const MESSAGE = new Uint8Array(Buffer.from("sample"));
const SCALAR = bytesOf(0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n);

/** Key of RFC 6979 A.2.5 and a low-S signature of MESSAGE by it. */
const KEY = fromHexOf(
  "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6" +
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
);
const R = 0xefd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716n;
const HIGH_S = 0xf7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8n;
const LOW = signatureOf(R, N - HIGH_S);
const HIGH = signatureOf(R, HIGH_S);

export function signatureConformance(backend: Backend): void {
  describe(`${backend.name} signatures`, () => {
    const strict = backend.open();
    const es256 = (key: Uint8Array, signature: Uint8Array, by = strict): boolean =>
      by.verifySignature(SUITE_ES256, key, MESSAGE, signature);

    it("hashes as FIPS 180-4 says, to a plain Uint8Array", () => {
      for (const length of [0, 1, 55, 56, 64, 1000]) {
        const bytes = new Uint8Array(length).fill(0x61);
        const expected = new Uint8Array(createHash("sha256").update(bytes).digest());
        expect(strict.sha256(bytes)).toEqual(expected);
      }
    });

    it("accepts a low-S ES256 signature and refuses its high-S twin", () => {
      expect(es256(KEY, LOW)).toBe(true);
      expect(es256(KEY, HIGH)).toBe(false);
    });

    it("accepts either form with the low-S rule off, as TPM attestations need", () => {
      const lax = backend.open({ lowS: false });
      expect(es256(KEY, LOW, lax)).toBe(true);
      expect(es256(KEY, HIGH, lax)).toBe(true);
    });

    it("takes s = n/2 rounded down for low and the next for high", () => {
      // No key of ours makes such an s; the rule is seen in a key made to fit: Q = r⁻¹(sR − eG) has this signature.
      const half = N / 2n;
      for (const [s, verdict] of [
        [half, true],
        [half + 1n, false],
      ] as const) {
        const key = keyFitting(R, s);
        expect(es256(key, signatureOf(R, s), backend.open({ lowS: false }))).toBe(true);
        expect(es256(key, signatureOf(R, s))).toBe(verdict);
      }
    });

    it("refuses r or s of zero, of n, and beyond", () => {
      for (const by of [strict, backend.open({ lowS: false })]) {
        for (const bad of [0n, N, N + 1n, 2n ** 256n - 1n]) {
          expect(es256(KEY, signatureOf(bad, N - HIGH_S), by)).toBe(false);
          expect(es256(KEY, signatureOf(R, bad), by)).toBe(false);
        }
      }
    });

    it("takes 65-byte uncompressed keys on the curve only", () => {
      const x = KEY.subarray(1, 33);
      const y = KEY.subarray(33);
      expect(es256(concat(Uint8Array.of(2 + ((y[31] as number) & 1)), x), LOW)).toBe(false);
      for (const tag of [0, 2, 3, 5, 6, 7]) expect(es256(concat(Uint8Array.of(tag), x, y), LOW)).toBe(false);
      expect(es256(KEY.with(64, (KEY[64] as number) ^ 1), LOW)).toBe(false);
      expect(es256(new Uint8Array(65), LOW)).toBe(false);
      expect(es256(concat(Uint8Array.of(4), new Uint8Array(64)), LOW)).toBe(false);
      expect(es256(KEY.subarray(0, 64), LOW)).toBe(false);
      expect(es256(concat(KEY, Uint8Array.of(0)), LOW)).toBe(false);
    });

    it("answers false, and never throws, for keys and signatures of any other length or suite", () => {
      for (const suite of [SUITE_ES256, SUITE_ED25519]) {
        for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 66, 96]) {
          expect(strict.verifySignature(suite, new Uint8Array(length), MESSAGE, LOW)).toBe(false);
          expect(strict.verifySignature(suite, KEY, MESSAGE, new Uint8Array(length))).toBe(false);
        }
      }
      for (const suite of [0, 3, -1, 1.5, Number.NaN])
        expect(strict.verifySignature(suite, KEY, MESSAGE, LOW)).toBe(false);
    });

    it("does not take one suite's key and signature under the other", () => {
      const { publicKey, signature } = ed25519Pair(1);
      expect(strict.verifySignature(SUITE_ED25519, publicKey, MESSAGE, signature)).toBe(true);
      expect(strict.verifySignature(SUITE_ES256, publicKey, MESSAGE, signature)).toBe(false);
      expect(strict.verifySignature(SUITE_ED25519, KEY, MESSAGE, LOW)).toBe(false);
    });

    it("refuses an Ed25519 key that is the identity, of small order, or not canonical", () => {
      // With A the identity, R = B·s verifies for every message: such a key signs anything.
      const identity = new Uint8Array(32).with(0, 1);
      expect(
        strict.verifySignature(SUITE_ED25519, identity, MESSAGE, concat(identity, new Uint8Array(32))),
      ).toBe(false);
      const orderTwo = fromHexOf("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
      expect(
        strict.verifySignature(SUITE_ED25519, orderTwo, MESSAGE, concat(identity, new Uint8Array(32))),
      ).toBe(false);
      const beyondP = fromHexOf("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
      expect(
        strict.verifySignature(SUITE_ED25519, beyondP, MESSAGE, concat(identity, new Uint8Array(32))),
      ).toBe(false);
    });
  });
}

/** An Ed25519 key pair from one seed byte, and its signature of `message`. */
export function ed25519Pair(
  seed: number,
  message = MESSAGE,
): { publicKey: Uint8Array; signature: Uint8Array } {
  const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
  const der = Buffer.concat([prefix, Buffer.alloc(32, seed)]);
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return {
    publicKey: new Uint8Array(Buffer.from(x ?? "", "base64url")),
    signature: new Uint8Array(sign(null, message, key)),
  };
}

export const sample: { readonly key: Uint8Array; readonly message: Uint8Array; readonly scalar: Uint8Array } =
  {
    key: KEY,
    message: MESSAGE,
    scalar: SCALAR,
  };

/** The key Q = r⁻¹(s·R − e·G) under which r‖s signs MESSAGE; R is the point with x = r. */
function keyFitting(r: bigint, s: bigint): Uint8Array {
  const e = BigInt(`0x${createHash("sha256").update(MESSAGE).digest("hex")}`);
  const inverse = power(r, N - 2n, N);
  const [x, y] = add(
    multiply(pointAt(r), (s * inverse) % N),
    multiply(GENERATOR, ((N - (e % N)) * inverse) % N),
  );
  return concat(Uint8Array.of(4), bytesOf(x), bytesOf(y));
}

/** A point whose x is so small that x + p still fits 32 bytes: as it should be written, and beyond p. */
export function smallPoint(): { readonly canonical: Uint8Array; readonly beyondP: Uint8Array } {
  for (let x = 1n; x < 100n; x++) {
    const y = rootAt(x);
    if (y === null) continue;
    const tag = Uint8Array.of(4);
    return {
      canonical: concat(tag, bytesOf(x), bytesOf(y)),
      beyondP: concat(tag, bytesOf(x + P), bytesOf(y)),
    };
  }
  throw new Error("half of all x are on the curve");
}

type Point = readonly [bigint, bigint];
const GENERATOR: Point = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

function pointAt(x: bigint): Point {
  const y = rootAt(x);
  if (y === null) throw new Error("r comes from a point");
  return [x, y];
}

function rootAt(x: bigint): bigint | null {
  const square = (x * x * x - 3n * x + B) % P;
  const positive = (square + P) % P;
  const y = power(positive, (P + 1n) / 4n, P);
  return (y * y) % P === positive ? y : null;
}

function multiply(point: Point, scalar: bigint): Point {
  let sum: Point | null = null;
  let addend = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) sum = sum === null ? addend : add(sum, addend);
    addend = add(addend, addend);
  }
  if (sum === null) throw new Error("the scalar is not zero");
  return sum;
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const slope =
    x1 === x2 && y1 === y2
      ? (3n * x1 * x1 - 3n) * power(2n * y1, P - 2n, P)
      : (y2 - y1) * power(x2 - x1 + P, P - 2n, P);
  const x3 = (((slope * slope - x1 - x2) % P) + P) % P;
  return [x3, (((slope * (x1 - x3) - y1) % P) + P) % P];
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = ((base % modulus) + modulus) % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function signatureOf(r: bigint, s: bigint): Uint8Array {
  return concat(bytesOf(r), bytesOf(s));
}

function bytesOf(value: bigint): Uint8Array {
  return fromHexOf(value.toString(16).padStart(64, "0"));
}

function fromHexOf(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === null) throw new Error(`not hex: ${text}`);
  return bytes;
}
