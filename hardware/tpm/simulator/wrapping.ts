/** TPM2B_PRIVATE of the simulated TPM: encrypted and authenticated under the parent, bound to the child's Name. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { ascii, concat, equalBytes } from "../../../src/core/base/bytes.ts";
import { ALG, OBJECT } from "../codec/constants.ts";
import { blob, decoded, encoded, record, rest, sourceOf, u16 } from "../codec/field.ts";
import type { EccPublic } from "../codec/structures.ts";
import type { LoadedObject } from "./machine.ts";
import { withoutZeros } from "./outcome.ts";
import { derive } from "./p256.ts";

const INTEGRITY_BYTES_MAX = 64;
type Outer = { readonly integrity: Uint8Array; readonly iv: Uint8Array; readonly encrypted: Uint8Array };
const outer = record<Outer>({ integrity: blob(INTEGRITY_BYTES_MAX), iv: blob(16), encrypted: rest });

/** TPM2B_SENSITIVE of an ECC key, without padding. */
type Sensitive = {
  readonly size: number;
  readonly type: number;
  readonly auth: Uint8Array;
  readonly seed: Uint8Array;
  readonly secret: Uint8Array;
};
const sensitive = record<Sensitive>({
  size: u16,
  type: u16,
  auth: blob(64),
  seed: blob(64),
  secret: blob(66),
});

const FAULT_INTEGRITY = 0x09f;
const FAULT_SIZE = 0x095;
const IV_BYTES = 16;
const AUTH_BYTES = 32;
const NOTHING = new Uint8Array(0);

/** A parent is a restricted decryption key. */
export function isStorage(key: EccPublic): boolean {
  const kind = key.attributes & (OBJECT.RESTRICTED | OBJECT.DECRYPT | OBJECT.SIGN);
  return kind === (OBJECT.RESTRICTED | OBJECT.DECRYPT);
}

export function wrap(parent: LoadedObject, child: LoadedObject, secret: Uint8Array): Uint8Array {
  // The password is padded, so that the blob's length does not tell its length.
  const auth = concat(child.auth, new Uint8Array(AUTH_BYTES - child.auth.length));
  // A storage key carries the secret that it wraps its own children with.
  const seed = isStorage(child.public) ? child.wrapping : NOTHING;
  const parts = { type: ALG.ECC, auth, seed, secret };
  const plain = encoded(sensitive, { ...parts, size: encoded(sensitive, { ...parts, size: 0 }).length - 2 });
  // Fixed by key and child: a seeded simulation repeats to the byte, and no other child shares the pair.
  const iv = derive(parent.wrapping, ascii("iv"), child.name).slice(0, IV_BYTES);
  const cipher = createCipheriv("aes-128-cfb", cipherKey(parent, child.name), iv);
  const encrypted = concat(cipher.update(plain), cipher.final());
  return encoded(outer, { integrity: integrity(parent, iv, encrypted, child.name), iv, encrypted });
}

/** What is inside, or the format-one code of what is wrong. */
export function unwrap(
  parent: LoadedObject,
  name: Uint8Array,
  wrapped: Uint8Array,
): { readonly secret: Uint8Array; readonly auth: Uint8Array } | number {
  const source = sourceOf(wrapped);
  blob(INTEGRITY_BYTES_MAX).read(source);
  if (source.fault !== 0) return source.fault;
  const parts = decoded(outer, wrapped);
  if (parts === null || parts.iv.length !== IV_BYTES) return FAULT_INTEGRITY;
  const expected = integrity(parent, parts.iv, parts.encrypted, name);
  if (!equalBytes(parts.integrity, expected)) return FAULT_INTEGRITY;
  const decipher = createDecipheriv("aes-128-cfb", cipherKey(parent, name), parts.iv);
  const plain = decoded(sensitive, concat(decipher.update(parts.encrypted), decipher.final()));
  return plain === null ? FAULT_SIZE : { secret: plain.secret, auth: withoutZeros(plain.auth) };
}

function cipherKey(parent: LoadedObject, name: Uint8Array): Uint8Array {
  return derive(parent.wrapping, ascii("storage"), name).slice(0, 16);
}

function integrity(
  parent: LoadedObject,
  iv: Uint8Array,
  encrypted: Uint8Array,
  name: Uint8Array,
): Uint8Array {
  return derive(parent.wrapping, ascii("integrity"), iv, encrypted, name);
}
