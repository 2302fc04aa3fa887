/** The content of an enrolment under a secret that one TPM gives out: AES-256-GCM by a key for this use alone (RFC 5869, SP 800-38D). */
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { assert } from "../../core/base/assert.ts";
import { concat } from "../../core/base/bytes.ts";

const KEY_BYTES = 32;
const TAG_BYTES = 16;
export const BOX_NONCE_BYTES = 12;
const CIPHER = "aes-256-gcm";
const PURPOSE = "spectrum-agent enrolment/1";

export type BoxKey = {
  /** 32 bytes, used once. */
  readonly secret: Uint8Array;
  readonly nonce: Uint8Array;
  /** What stands in the clear beside the box, and may not be changed either. */
  readonly about: Uint8Array;
};

/** Ciphertext and tag. */
export function sealBox({ secret, nonce, about }: BoxKey, content: Uint8Array): Uint8Array {
  assert(nonce.length === BOX_NONCE_BYTES, "GCM takes nonces of 96 bits");
  const cipher = createCipheriv(CIPHER, keyOf(secret, nonce), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(about);
  return concat(cipher.update(content), cipher.final(), cipher.getAuthTag());
}

/** Null where key, text around it or box are not those that were sealed together. */
export function openBox({ secret, nonce, about }: BoxKey, box: Uint8Array): Uint8Array | null {
  if (nonce.length !== BOX_NONCE_BYTES || box.length < TAG_BYTES) return null;
  const decipher = createDecipheriv(CIPHER, keyOf(secret, nonce), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(about);
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES));
  try {
    return concat(decipher.update(box.subarray(0, box.length - TAG_BYTES)), decipher.final());
  } catch {
    return null;
  }
}

function keyOf(secret: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, PURPOSE, KEY_BYTES));
}
