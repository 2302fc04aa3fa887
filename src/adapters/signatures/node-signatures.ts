/** Hashes and signature checks by node:crypto (OpenSSL): what runs on the device. */
import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import {
  type Primitives,
  SUITE_ED25519,
  SUITE_ES256,
  type VerifySignature,
} from "../../core/base/primitives.ts";
import { keyCache } from "./key-cache.ts";
import { ES256_SIGNATURE_BYTES, isLowS } from "./low-s.ts";
import { admissibleEd25519Key } from "./noble-signatures.ts";
import {
  ED25519_SIGNATURE_BYTES,
  ES256_KEY_BYTES,
  ES256_KEY_TAG,
  type SignatureRule,
} from "./signature-rule.ts";

/**
 * Imported keys that are kept, per suite: importing one costs as much as checking a signature, and admitting an
 * Ed25519 one far more. Refused keys are kept too, so that a repeated bad key costs nothing.
 */
const SIGNATURE_KEYS_MAX = 4096;
const SHA256_BYTES = 32;

export function nodeSignatures(rule: SignatureRule = { lowS: true }): Primitives {
  const es256Keys = keyCache<KeyObject | null>(SIGNATURE_KEYS_MAX);
  const ed25519Keys = keyCache<KeyObject | null>(SIGNATURE_KEYS_MAX);

  // Peer-controlled: key, message and signature; whatever they hold, the answer is true or false.
  const verifySignature: VerifySignature = (suite, publicKey, message, signature) => {
    if (suite === SUITE_ES256) {
      if (publicKey.length !== ES256_KEY_BYTES || publicKey[0] !== ES256_KEY_TAG) return false;
      if (signature.length !== ES256_SIGNATURE_BYTES || (rule.lowS && !isLowS(signature))) return false;
      return checks(es256Keys.get(publicKey, importEs256), "sha256", message, signature);
    }
    if (suite === SUITE_ED25519) {
      if (signature.length !== ED25519_SIGNATURE_BYTES) return false;
      return checks(ed25519Keys.get(publicKey, importEd25519), null, message, signature);
    }
    return false;
  };
  return { sha256, verifySignature };
}

/** By way of text: a Buffer of 32 bytes costs more to make, and to collect, than hashing a record's id. */
function sha256(bytes: Uint8Array): Uint8Array {
  const digest = hash("sha256", bytes, "binary");
  const out = new Uint8Array(SHA256_BYTES);
  for (let i = 0; i < SHA256_BYTES; i++) out[i] = digest.charCodeAt(i);
  return out;
}

function checks(
  key: KeyObject | null,
  digest: "sha256" | null,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (key === null) return false;
  try {
    return verify(digest, message, digest === null ? key : { key, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

/**
 * The key of a 65-byte point, or null when it is none. By JWK, which imports in half the time of SPKI; OpenSSL
 * refuses coordinates beyond p and points off the curve.
 */
export function importEs256(publicKey: Uint8Array): KeyObject | null {
  const x = base64url(publicKey.subarray(1, 33));
  const y = base64url(publicKey.subarray(33));
  return imported({ kty: "EC", crv: "P-256", x, y });
}

function importEd25519(publicKey: Uint8Array): KeyObject | null {
  if (!admissibleEd25519Key(publicKey)) return null;
  return imported({ kty: "OKP", crv: "Ed25519", x: base64url(publicKey) });
}

function imported(jwk: {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly y?: string;
}): KeyObject | null {
  try {
    return createPublicKey({ key: { ...jwk }, format: "jwk" });
  } catch {
    return null;
  }
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}
