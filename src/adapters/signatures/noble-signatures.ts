/** Hashes and signature checks by @noble: slow, readable, the reference and oracle of the device's back-end (DESIGN §3). */
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { concat, equalBytes } from "../../core/base/bytes.ts";
import { type Primitives, SUITE_ED25519, SUITE_ES256 } from "../../core/base/primitives.ts";
import { ES256_SIGNATURE_BYTES } from "./low-s.ts";
import {
  ED25519_KEY_BYTES,
  ED25519_SIGNATURE_BYTES,
  ES256_KEY_BYTES,
  ES256_KEY_TAG,
  type SignatureRule,
} from "./signature-rule.ts";

const { Point } = ed25519;

export function nobleSignatures(rule: SignatureRule = { lowS: true }): Primitives {
  return {
    sha256: (bytes) => sha256(bytes),
    verifySignature(suite, publicKey, message, signature) {
      if (suite === SUITE_ES256) return verifyEs256(rule, publicKey, message, signature);
      if (suite === SUITE_ED25519) return verifyEd25519(publicKey, message, signature);
      return false;
    },
  };
}

/**
 * True for a key whose signatures every correct verifier judges alike: the canonical encoding of a point of the
 * prime-order subgroup that is not the identity. Costs about a signature check; callers keep the answer.
 */
export function admissibleEd25519Key(publicKey: Uint8Array): boolean {
  if (publicKey.length !== ED25519_KEY_BYTES) return false;
  try {
    // Strict decoding refuses y ≥ p and −0 in x (RFC 8032 §5.1.3).
    const point = Point.fromBytes(publicKey, false);
    return !point.is0() && point.isTorsionFree();
  } catch {
    return false;
  }
}

/** r‖s under RFC 6979's deterministic nonce, low-S: for signers whose runs must repeat byte for byte. */
export function signEs256Deterministic(scalar: Uint8Array, message: Uint8Array): Uint8Array {
  return p256.sign(message, scalar, { lowS: true, prehash: true, format: "compact" });
}

function verifyEs256(
  rule: SignatureRule,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== ES256_KEY_BYTES || publicKey[0] !== ES256_KEY_TAG) return false;
  if (signature.length !== ES256_SIGNATURE_BYTES) return false;
  try {
    return p256.verify(signature, message, publicKey, { lowS: rule.lowS, prehash: true, format: "compact" });
  } catch {
    return false;
  }
}

/**
 * Cofactorless: the encoding of sB − kA must be R's bytes (RFC 8032 §5.1.7 allows it). noble's own `verify`
 * multiplies by the cofactor and so takes an R with a torsion part, which OpenSSL refuses.
 */
function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== ED25519_SIGNATURE_BYTES || !admissibleEd25519Key(publicKey)) return false;
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const order = Point.Fn.ORDER;
  if (s >= order) return false;
  const k = littleEndian(sha512(concat(r, publicKey, message))) % order;
  const a = Point.fromBytes(publicKey, false);
  const computed = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return equalBytes(computed.toBytes(), r);
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return value;
}
