/** TPMT_PUBLIC of an ECC P-256 key with SHA-256 (TPM 2.0 part 2 §12.2.4): what a TPM says of one of its keys. */
import { concat } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { accept, type Measure, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { atEnd, readSized, readUint, type TpmReader, tpmReader } from "./tpm-reader.ts";

/** TPMA_OBJECT, the bits that a verifier asks about (part 2 §8.3). */
export type TpmKeyAttributes = {
  readonly fixedTpm: boolean;
  readonly fixedParent: boolean;
  /** The TPM made the private part itself: it was never outside. */
  readonly sensitiveDataOrigin: boolean;
  /** Signs only digests of what the TPM itself made. */
  readonly restricted: boolean;
  readonly decrypts: boolean;
  readonly signs: boolean;
};

export type TpmPublic = {
  readonly attributes: TpmKeyAttributes;
  /** 65-byte uncompressed SEC1 point. Not checked to be on the curve: `verifySignature` does that. */
  readonly key: Uint8Array;
};

const ALG_AES = 0x0006;
const ALG_SHA256 = 0x000b;
const ALG_NULL = 0x0010;
const ALG_ECDSA = 0x0018;
const ALG_ECC = 0x0023;
const CURVE_P256 = 0x0003;
const COORDINATE_BYTES = 32;

/** Peer-controlled bytes. One Rejection a difference: `tpm-public-malformed` or `tpm-public-algorithm`. */
export function parseTpmPublic(bytes: Uint8Array, field: string): Result<TpmPublic> {
  const reader = tpmReader(bytes);
  const type = readUint(reader, 2);
  const nameAlg = readUint(reader, 2);
  const bits = readUint(reader, 4);
  readSized(reader); // authPolicy: in which states of its host a key works is its owner's affair.
  const symmetric = readUint(reader, 2);
  if (symmetric === ALG_AES) readUint(reader, 4);
  const scheme = readUint(reader, 2);
  const schemeHash = scheme === ALG_NULL ? ALG_SHA256 : readUint(reader, 2);
  const curve = readUint(reader, 2);
  const kdf = readUint(reader, 2);
  const x = readSized(reader);
  const y = readSized(reader);

  const found = [
    ...differs("type", type, ALG_ECC, field),
    ...differs("nameAlg", nameAlg, ALG_SHA256, field),
    ...differs("curve", curve, CURVE_P256, field),
    ...differs("kdf", kdf, ALG_NULL, field),
    ...(scheme === ALG_NULL ? [] : differs("scheme", scheme, ALG_ECDSA, field)),
    ...differs("schemeHash", schemeHash, ALG_SHA256, field),
    ...(symmetric === ALG_AES ? [] : differs("symmetric", symmetric, ALG_NULL, field)),
  ];
  // An unknown algorithm makes every later byte mean something else: lengths would only confuse.
  if (found.length > 0) return refuse(...found);
  const shape = malformed(reader, x, y, field);
  if (shape !== null) return refuse(shape);
  return accept({ attributes: attributesOf(bits), key: concat(Uint8Array.of(0x04), x, y) });
}

/** 000b ‖ SHA-256(TPMT_PUBLIC): what the TPM signs in place of a key (part 1 §16). */
export function tpmName(tpmPublic: Uint8Array, sha256: Sha256): Uint8Array {
  return concat(Uint8Array.of(0x00, ALG_SHA256), sha256(tpmPublic));
}

function differs(what: string, measured: number, required: number, field: string): Rejection[] {
  if (measured === required) return [];
  return [rejection("tpm-public-algorithm", `${field}.${what}`, { [what]: measured }, { [what]: required })];
}

function malformed(reader: TpmReader, x: Uint8Array, y: Uint8Array, field: string): Rejection | null {
  if (atEnd(reader) && x.length === COORDINATE_BYTES && y.length === COORDINATE_BYTES) return null;
  const measured: Measure = {
    bytes: reader.bytes.length,
    readBytes: reader.at,
    xBytes: x.length,
    yBytes: y.length,
  };
  const required: Measure = {
    readBytes: reader.bytes.length,
    xBytes: COORDINATE_BYTES,
    yBytes: COORDINATE_BYTES,
  };
  return rejection("tpm-public-malformed", field, measured, required);
}

function attributesOf(bits: number): TpmKeyAttributes {
  const has = (bit: number): boolean => ((bits >>> bit) & 1) === 1;
  return {
    fixedTpm: has(1),
    fixedParent: has(4),
    sensitiveDataOrigin: has(5),
    restricted: has(16),
    decrypts: has(17),
    signs: has(18),
  };
}
