/** An endorsement key by its TPMT_PUBLIC: what a credential can be made for (TCG EK Credential Profile 2.5 §B.3.3, §B.3.4). */
import { concat, equalBytes, fromHex, toHex } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { atEnd, readSized, readUint, type TpmReader, tpmReader } from "./tpm-reader.ts";

export type EndorsementKey =
  /** 256 bytes, big-endian; the exponent is 65537. */
  | { readonly kind: "rsa-2048"; readonly modulus: Uint8Array }
  /** 65-byte uncompressed SEC1 point, not checked to be on the curve. */
  | { readonly kind: "p-256"; readonly point: Uint8Array };

const ALG_RSA = 0x0001;
const ALG_AES = 0x0006;
const ALG_SHA256 = 0x000b;
const ALG_NULL = 0x0010;
const ALG_ECC = 0x0023;
const ALG_CFB = 0x0043;
const CURVE_P256 = 0x0003;
const AES_BITS = 128;
const RSA_BITS = 2048;
const COORDINATE_BYTES = 32;
const USE = { cipherBits: AES_BITS, mode: ALG_CFB, scheme: ALG_NULL };
/** fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted, decrypt: of both templates. */
const ATTRIBUTES = 0x000300b2;
/** PolicySecret(TPM_RH_ENDORSEMENT). */
const POLICY = "837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa";

/**
 * Whether the key is of one of the two default templates, all that differs told. Says nothing of who made it: that
 * is the certificate's word, or an allow-list's. Peer-controlled bytes.
 */
export function parseEndorsementKey(bytes: Uint8Array, field: string): Result<EndorsementKey> {
  const reader = tpmReader(bytes);
  const type = readUint(reader, 2);
  const head = { nameAlg: readUint(reader, 2), attributes: readUint(reader, 4), policy: readSized(reader) };
  const symmetric = readUint(reader, 2);
  // Another cipher has other parameters: what comes after would mean something else.
  const isAes = symmetric === ALG_AES;
  const use = isAes
    ? { cipherBits: readUint(reader, 2), mode: readUint(reader, 2), scheme: readUint(reader, 2) }
    : USE;
  const found = [
    ...differs(field, { nameAlg: head.nameAlg, symmetric }, { nameAlg: ALG_SHA256, symmetric: ALG_AES }),
    ...differs(field, use, USE),
  ];
  if (type !== ALG_RSA && type !== ALG_ECC) {
    found.push(rejection("tpm-ek-algorithm", `${field}.type`, { type }, { rsa: ALG_RSA, ecc: ALG_ECC }));
  }
  if (reader.short || found.length > 0) return refuse(...(reader.short ? [malformed(reader, field)] : found));
  const key = type === ALG_RSA ? readRsa(reader, field) : readEcc(reader, field);
  const rights = [...attributesFit(head.attributes, field), ...policyFits(head.policy, field)];
  if (key.ok && rights.length === 0) return key;
  return refuse(...rights, ...(key.ok ? [] : key.rejections));
}

/** `tpm-ek-not-listed` unless SHA-256 of `ekPublic` (TPMT_PUBLIC) is one of `allowed`. */
export function listedEndorsementKey(
  ekPublic: Uint8Array,
  allowed: readonly Uint8Array[],
  sha256: Sha256,
): Rejection[] {
  const hash = sha256(ekPublic);
  if (allowed.some((each) => equalBytes(each, hash))) return [];
  return [rejection("tpm-ek-not-listed", "ekPublic", { hash: toHex(hash) }, { listed: allowed.length })];
}

function readRsa(reader: TpmReader, field: string): Result<EndorsementKey> {
  const keyBits = readUint(reader, 2);
  const exponent = readUint(reader, 4);
  const modulus = readSized(reader);
  if (!atEnd(reader)) return refuse(malformed(reader, field));
  const measured = { keyBits, exponent, modulusBytes: modulus.length };
  const required = { keyBits: RSA_BITS, exponent: 0, modulusBytes: RSA_BITS / 8 };
  const found = differs(field, measured, required);
  return found.length === 0 ? accept({ kind: "rsa-2048", modulus }) : refuse(...found);
}

function readEcc(reader: TpmReader, field: string): Result<EndorsementKey> {
  const curve = readUint(reader, 2);
  const kdf = readUint(reader, 2);
  const x = readSized(reader);
  const y = readSized(reader);
  if (!atEnd(reader)) return refuse(malformed(reader, field));
  const measured = { curve, kdf, xBytes: x.length, yBytes: y.length };
  const required = { curve: CURVE_P256, kdf: ALG_NULL, xBytes: COORDINATE_BYTES, yBytes: COORDINATE_BYTES };
  const found = differs(field, measured, required);
  return found.length === 0
    ? accept({ kind: "p-256", point: concat(Uint8Array.of(0x04), x, y) })
    : refuse(...found);
}

function attributesFit(attributes: number, field: string): Rejection[] {
  if (attributes === ATTRIBUTES) return [];
  return [rejection("tpm-ek-attributes", `${field}.attributes`, { attributes }, { attributes: ATTRIBUTES })];
}

function policyFits(policy: Uint8Array, field: string): Rejection[] {
  const required = fromHex(POLICY);
  if (required !== null && equalBytes(policy, required)) return [];
  return [
    rejection("tpm-ek-policy", `${field}.authPolicy`, { authPolicy: toHex(policy) }, { authPolicy: POLICY }),
  ];
}

/** One rejection for each word that differs. */
function differs<M extends Readonly<Record<string, number>>>(
  field: string,
  measured: M,
  required: M,
): Rejection[] {
  return Object.keys(measured).flatMap((name) => {
    const [found = 0, wanted = 0] = [measured[name], required[name]];
    if (found === wanted) return [];
    return [rejection("tpm-ek-algorithm", `${field}.${name}`, { [name]: found }, { [name]: wanted })];
  });
}

function malformed(reader: TpmReader, field: string): Rejection {
  const measured = { bytes: reader.bytes.length, readBytes: reader.at };
  return rejection("tpm-ek-malformed", field, measured, { readBytes: reader.bytes.length });
}
