/** A signer whose P-256 key lies in this process's memory or in a file: for benches, and hosts without a TPM that say so. */
import { createECDH, createPrivateKey, hash, type KeyObject, sign } from "node:crypto";
import { assert } from "../../core/base/assert.ts";
import { SUITE_ES256 } from "../../core/base/primitives.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Signer } from "../../ports/signatures.ts";
import { deterministicEs256 } from "./deterministic-es256.ts";
import { P256_ORDER, SCALAR_BYTES, scalarOf, toLowS } from "./low-s.ts";
import { createPrivateFile, readPrivateFile } from "./private-file.ts";

/** A random 32-byte string is no scalar once in 2^32 draws: eight misses are a broken source. */
const SCALAR_DRAWS_MAX = 8;

/**
 * Where the nonce of a signature comes from: OpenSSL's own generator, or RFC 6979 (from key and message alone,
 * several times slower), with which a seeded run repeats byte for byte.
 */
export type SignatureNonce = "random" | "rfc6979";

/** A signer over a fresh key from `entropy`, kept nowhere. */
export function createSoftwareSigner(entropy: Entropy, nonce: SignatureNonce = "random"): Signer {
  return softwareSigner(drawScalar(entropy), nonce);
}

/**
 * A signer over the unencrypted PKCS#8 PEM file at `path`. Rejects with PortError {port: "signer"}:
 * `signer-key-unreadable`, `signer-key-permissions` (group or others may touch it, or it is another user's),
 * `signer-key-invalid` (no P-256 key).
 */
export async function openSoftwareSigner(path: string, nonce: SignatureNonce = "random"): Promise<Signer> {
  const pem = Buffer.from(await readPrivateFile(path, "key file")).toString("utf8");
  return softwareSigner(scalarOfPem(pem), nonce);
}

/**
 * Writes a fresh key from `entropy` to `path` (PKCS#8 PEM, 0600, flushed) and opens it. Never overwrites:
 * PortError `signer-key-exists`.
 */
export async function createSoftwareKeyFile(path: string, entropy: Entropy): Promise<Signer> {
  const scalar = drawScalar(entropy);
  await createPrivateFile(path, String(privateKeyOf(scalar).export({ type: "pkcs8", format: "pem" })));
  return softwareSigner(scalar, "random");
}

function softwareSigner(scalar: Uint8Array, nonce: SignatureNonce): Signer {
  const key = privateKeyOf(scalar);
  const signBytes =
    nonce === "rfc6979"
      ? (message: Uint8Array) => deterministicEs256(scalar, hash("sha256", message, "buffer"))
      : (message: Uint8Array) => toLowS(sign("sha256", message, { key, dsaEncoding: "ieee-p1363" }));
  return {
    suite: SUITE_ES256,
    publicKey: publicPointOf(scalar),
    async sign(message) {
      try {
        return signBytes(message);
      } catch (cause) {
        throw new PortError("signer", "signer-failed", "the software key did not sign", true, cause);
      }
    },
  };
}

function scalarOfPem(pem: string): Uint8Array {
  const invalid = (cause?: unknown): PortError =>
    new PortError(
      "signer",
      "signer-key-invalid",
      "the key file holds no unencrypted PKCS#8 P-256 key",
      false,
      cause,
    );
  if (!pem.includes("-----BEGIN PRIVATE KEY-----")) throw invalid();
  try {
    const jwk = createPrivateKey({ key: pem, format: "pem" }).export({ format: "jwk" });
    if (jwk.crv !== "P-256" || jwk.d === undefined) throw invalid();
    return new Uint8Array(Buffer.from(jwk.d, "base64url"));
  } catch (cause) {
    throw cause instanceof PortError ? cause : invalid(cause);
  }
}

function drawScalar(entropy: Entropy): Uint8Array {
  for (let draw = 0; draw < SCALAR_DRAWS_MAX; draw++) {
    const scalar = entropy.bytes(SCALAR_BYTES);
    const value = scalarOf(scalar);
    if (value > 0n && value < P256_ORDER) return scalar;
  }
  throw new PortError("signer", "signer-entropy", "the entropy source gives no usable scalar", false);
}

function privateKeyOf(scalar: Uint8Array): KeyObject {
  const point = publicPointOf(scalar);
  const [x, y, d] = [point.subarray(1, 33), point.subarray(33), scalar].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  assert(x !== undefined && y !== undefined && d !== undefined, "three parts were mapped");
  return createPrivateKey({ key: { kty: "EC", crv: "P-256", x, y, d }, format: "jwk" });
}

/** 65-byte uncompressed SEC1 point. */
function publicPointOf(scalar: Uint8Array): Uint8Array {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  return new Uint8Array(ecdh.getPublicKey());
}
