/** The keys that protect a credential for one attestation key (TPM 2.0 part 1 §24, KDFa and KDFe of §11.4.10): maker and TPM derive the same ones. */
import { ascii, concat, u32be } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";

/** HMAC-SHA256 of `message` under `key`. */
export type Hmac = (key: Uint8Array, message: Uint8Array) => Uint8Array;

export type CredentialKeys = {
  /** AES-128 in CFB mode from a vector of zeros, over the secret with its 16-bit size. */
  readonly encryption: Uint8Array;
  /** HMAC-SHA256 over what was encrypted, then the attestation key's Name. */
  readonly integrity: Uint8Array;
};

/** Label of every secret that is sent to an endorsement key; RSA-OAEP takes it with its zero. */
export const CREDENTIAL_LABEL: Uint8Array = ascii("IDENTITY\0");
const AES_BYTES = 16;
const DIGEST_BITS = 256;
const NOTHING = new Uint8Array(0);

/** `seed`: 32 bytes that only maker and endorsement key know. Another `akName` has another encryption key. */
export function credentialKeys(seed: Uint8Array, akName: Uint8Array, hmac: Hmac): CredentialKeys {
  return {
    encryption: kdfa(hmac, seed, ascii("STORAGE\0"), { context: akName, bits: 8 * AES_BYTES }),
    integrity: kdfa(hmac, seed, ascii("INTEGRITY\0"), { context: NOTHING, bits: DIGEST_BITS }),
  };
}

/** One block of SP 800-108 in counter mode: no more than 256 bits are ever asked for. */
function kdfa(
  hmac: Hmac,
  key: Uint8Array,
  label: Uint8Array,
  { context, bits }: { readonly context: Uint8Array; readonly bits: number },
): Uint8Array {
  return hmac(key, concat(u32be(1), label, context, u32be(bits))).slice(0, bits / 8);
}

/** x coordinates, 32 bytes each. */
export type Agreement = {
  /** Of the point that both sides reach. */
  readonly shared: Uint8Array;
  /** Of the maker's key for this one credential. */
  readonly ephemeral: Uint8Array;
  readonly endorsement: Uint8Array;
};

/** The seed that a key agreement on P-256 comes to (KDFe, SP 800-56A §5.8.1): 32 bytes. */
export function agreedSeed({ shared, ephemeral, endorsement }: Agreement, sha256: Sha256): Uint8Array {
  return sha256(concat(u32be(1), shared, CREDENTIAL_LABEL, ephemeral, endorsement));
}
