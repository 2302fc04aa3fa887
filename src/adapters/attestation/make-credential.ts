/** TPM2_MakeCredential without a TPM (TPM 2.0 part 1 §24), by node's RSA, ECDH, AES and HMAC. */
import { constants, createCipheriv, createECDH, createHash, createHmac, publicEncrypt } from "node:crypto";
import {
  agreedSeed,
  CREDENTIAL_LABEL,
  credentialKeys,
  type Hmac,
} from "../../core/attestation/credential-keys.ts";
import { type EndorsementKey, parseEndorsementKey } from "../../core/attestation/endorsement-key.ts";
import { assert } from "../../core/base/assert.ts";
import { concat, toHex } from "../../core/base/bytes.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import { accept, refuse, rejection } from "../../core/base/rejection.ts";
import type { Endorsement } from "../../ports/endorsement.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { endorsementKeyObject } from "./endorsement-key-object.ts";

const SECRET_BYTES_MAX = 32;
const SEED_BYTES = 32;
const COORDINATE_BYTES = 32;
/** One in 2^32 strings is no scalar of the curve. */
const SCALAR_ATTEMPTS_MAX = 4;
const ZERO_VECTOR = new Uint8Array(16);

/** The same entropy gives the same credential for P-256; the padding of RSA has OpenSSL's own. */
export const makeCredential: Endorsement["makeCredential"] = ({ ekPublic, akName, secret }, entropy) => {
  assert(secret.length >= 1 && secret.length <= SECRET_BYTES_MAX, "a TPM gives out one digest at most");
  const key = parseEndorsementKey(ekPublic, "ekPublic");
  if (!key.ok) return key;
  const exchange = exchangedSeed(key.value, entropy);
  if (exchange === null) {
    return refuse(rejection("tpm-ek-unusable", "ekPublic", { ekPublic: toHex(ekPublic) }, {}));
  }
  return accept({ blob: sealed(exchange.seed, akName, secret), secret: exchange.sent });
};

/** `sent` is what the endorsement key makes the seed from. */
type Exchange = { readonly seed: Uint8Array; readonly sent: Uint8Array };

/** Null where the key's numbers are no key. */
function exchangedSeed(key: EndorsementKey, entropy: Entropy): Exchange | null {
  try {
    return key.kind === "rsa-2048" ? encrypted(key, entropy) : agreed(key.point, entropy);
  } catch (error) {
    // Peer-controlled numbers: OpenSSL says so of a point off its curve and of a modulus that is none.
    if (error instanceof Error && "code" in error) return null;
    throw error;
  }
}

function encrypted(key: EndorsementKey, entropy: Entropy): Exchange | null {
  const recipient = endorsementKeyObject(key);
  if (recipient === null) return null;
  const seed = entropy.bytes(SEED_BYTES);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const oaep = { key: recipient, padding, oaepHash: "sha256", oaepLabel: CREDENTIAL_LABEL };
  return { seed, sent: new Uint8Array(publicEncrypt(oaep, seed)) };
}

function agreed(point: Uint8Array, entropy: Entropy): Exchange {
  const own = ephemeralKey(entropy);
  const shared = new Uint8Array(own.computeSecret(point));
  const mine = new Uint8Array(own.getPublicKey());
  const [ephemeral, y] = [coordinate(mine, 0), coordinate(mine, 1)];
  const seed = agreedSeed({ shared, ephemeral, endorsement: coordinate(point, 0) }, sha256);
  return { seed, sent: concat(sized(ephemeral), sized(y)) };
}

function ephemeralKey(entropy: Entropy): ReturnType<typeof createECDH> {
  const key = createECDH("prime256v1");
  for (let attempt = 1; ; attempt++) {
    try {
      key.setPrivateKey(entropy.bytes(COORDINATE_BYTES));
      return key;
    } catch (error) {
      assert(attempt < SCALAR_ATTEMPTS_MAX, "entropy that gives no scalar four times is no entropy");
      if (!(error instanceof Error)) throw error;
    }
  }
}

/** TPMS_ID_OBJECT. */
function sealed(seed: Uint8Array, akName: Uint8Array, secret: Uint8Array): Uint8Array {
  const keys = credentialKeys(seed, akName, hmac);
  const cipher = createCipheriv("aes-128-cfb", keys.encryption, ZERO_VECTOR);
  const inner = concat(cipher.update(sized(secret)), cipher.final());
  return concat(sized(hmac(keys.integrity, concat(inner, akName))), inner);
}

function coordinate(point: Uint8Array, n: 0 | 1): Uint8Array {
  return point.slice(1 + n * COORDINATE_BYTES, 1 + (n + 1) * COORDINATE_BYTES);
}

/** TPM2B: a 16-bit size and the bytes. */
function sized(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(bytes.length >>> 8, bytes.length & 0xff), bytes);
}

const sha256: Sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());

const hmac: Hmac = (key, message) => new Uint8Array(createHmac("sha256", key).update(message).digest());
