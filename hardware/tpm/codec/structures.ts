/** The structures of TPM 2.0 part 2 that our commands carry, as tables of fields: ECC P-256 and SHA-256, and RSA for endorsement keys. */
import {
  ALG,
  CURVE_P256,
  HANDLE_RANGE,
  HIERARCHY,
  handleKind,
  OBJECT_RESERVED,
  TAG_HASHCHECK,
  TAG_VERIFIED,
} from "./constants.ts";
import type { Field } from "./field.ts";
import { blob, checked, FAULT, fail, fixed, list, record, u8, u16, u32, u64, yesNo } from "./field.ts";

/** Largest digest, nonce and name that the TPM library knows (SHA-512). */
const DIGEST_BYTES_MAX = 64;
/** A TPM takes coordinates of its largest curve (libtpms: 638 bits) and looks at the curve afterwards. */
const COORDINATE_BYTES_MAX = 80;
const PCR_BANKS_MAX = 4;
const PCR_SELECT_BYTES = 3;
const NV_INDEX_BYTES_MAX = 2048;
const NV_ATTRIBUTES_RESERVED = 0x01f00300;

export const digest: Field<Uint8Array> = blob(DIGEST_BYTES_MAX);
/** TPM2B_DATA: as long as a tagged digest. */
export const data: Field<Uint8Array> = blob(DIGEST_BYTES_MAX + 2);
export const name: Field<Uint8Array> = blob(DIGEST_BYTES_MAX + 4);
/** TPM2B_ENCRYPTED_SECRET: as long as the largest modulus. */
export const encryptedSecret: Field<Uint8Array> = blob(512);

export const hash: Field<number> = checked(u16, FAULT.HASH, (alg) => alg === ALG.SHA256);

/** TPMT_SYM_DEF_OBJECT: AES-128-CFB for a storage key, null for all others. */
export type Symmetric = { readonly keyBits: number; readonly mode: number };

const FAULT_MODE = 0x089;
const aes: Field<Symmetric> = record<Symmetric>({
  keyBits: checked(u16, FAULT.VALUE, (bits) => bits === 128 || bits === 256),
  mode: checked(u16, FAULT_MODE, (mode) => mode === ALG.CFB),
});

const symmetric: Field<Symmetric | null> = {
  write(sink, value) {
    u16.write(sink, value === null ? ALG.NULL : ALG.AES);
    if (value !== null) aes.write(sink, value);
  },
  read(source) {
    const alg = u16.read(source);
    if (alg === ALG.AES) return aes.read(source);
    if (source.fault === 0 && alg !== ALG.NULL) fail(source, FAULT.SYMMETRIC);
    return null;
  },
};

/** TPMT_ECC_SCHEME and TPMT_SIG_SCHEME: ECDSA with its hash, or null. */
export type Scheme = { readonly hash: number };

function schemeField(alg: number, fault: number): Field<Scheme | null> {
  return {
    write(sink, value) {
      u16.write(sink, value === null ? ALG.NULL : alg);
      if (value !== null) u16.write(sink, value.hash);
    },
    read(source) {
      const read = u16.read(source);
      if (read === alg) return { hash: hash.read(source) };
      if (source.fault === 0 && read !== ALG.NULL) fail(source, fault);
      return null;
    },
  };
}

export const signatureScheme: Field<Scheme | null> = schemeField(ALG.ECDSA, FAULT.SCHEME);
const kdf = schemeField(0x0022, FAULT.KDF);

/** TPMT_PUBLIC of an ECC key. */
export type EccPublic = {
  readonly type: number;
  readonly nameAlg: number;
  readonly attributes: number;
  readonly authPolicy: Uint8Array;
  readonly symmetric: Symmetric | null;
  readonly scheme: Scheme | null;
  readonly curve: number;
  readonly kdf: Scheme | null;
  readonly x: Uint8Array;
  readonly y: Uint8Array;
};

export const eccPublic: Field<EccPublic> = record<EccPublic>({
  type: checked(u16, FAULT.TYPE, (type) => type === ALG.ECC),
  nameAlg: hash,
  attributes: checked(u32, FAULT.RESERVED_BITS, (bits) => (bits & OBJECT_RESERVED) === 0),
  authPolicy: digest,
  symmetric,
  scheme: signatureScheme,
  curve: checked(u16, FAULT.CURVE, (curve) => curve === CURVE_P256),
  kdf,
  x: blob(COORDINATE_BYTES_MAX),
  y: blob(COORDINATE_BYTES_MAX),
});

/** TPMS_ECC_POINT. */
export type EccPoint = { readonly x: Uint8Array; readonly y: Uint8Array };
export const eccPoint: Field<EccPoint> = record<EccPoint>({
  x: blob(COORDINATE_BYTES_MAX),
  y: blob(COORDINATE_BYTES_MAX),
});

/** TPMT_PUBLIC of an RSA storage key: that is all that an RSA endorsement key is. */
export type RsaPublic = {
  readonly type: number;
  readonly nameAlg: number;
  readonly attributes: number;
  readonly authPolicy: Uint8Array;
  readonly symmetric: Symmetric | null;
  /** TPM_ALG_NULL: a storage key has none. */
  readonly scheme: number;
  readonly keyBits: number;
  /** 0 stands for 65537. */
  readonly exponent: number;
  readonly modulus: Uint8Array;
};

const RSA_BYTES_MAX = 512;

export const rsaPublic: Field<RsaPublic> = record<RsaPublic>({
  type: checked(u16, FAULT.TYPE, (type) => type === ALG.RSA),
  nameAlg: hash,
  attributes: checked(u32, FAULT.RESERVED_BITS, (bits) => (bits & OBJECT_RESERVED) === 0),
  authPolicy: digest,
  symmetric,
  scheme: checked(u16, FAULT.SCHEME, (alg) => alg === ALG.NULL),
  keyBits: u16,
  exponent: u32,
  modulus: blob(RSA_BYTES_MAX),
});

/** TPMT_PUBLIC, by its type. */
export type PublicArea = EccPublic | RsaPublic;
export const publicArea: Field<PublicArea> = {
  write(sink, value) {
    if ("modulus" in value) rsaPublic.write(sink, value);
    else eccPublic.write(sink, value);
  },
  read(source) {
    const type = u16.read({ ...source });
    return type === ALG.RSA ? rsaPublic.read(source) : eccPublic.read(source);
  },
};

/** TPMS_SENSITIVE_CREATE. */
export type SensitiveCreate = { readonly userAuth: Uint8Array; readonly data: Uint8Array };
export const sensitiveCreate: Field<SensitiveCreate> = record<SensitiveCreate>({
  userAuth: digest,
  data: blob(256),
});

/** TPMS_PCR_SELECTION: bit i of byte i / 8 selects PCR i. */
export type PcrSelection = { readonly hash: number; readonly select: Uint8Array };

const pcrSelection: Field<PcrSelection> = {
  write(sink, value) {
    u16.write(sink, value.hash);
    u8.write(sink, value.select.length);
    sink.push(value.select);
  },
  read(source) {
    const bank = hash.read(source);
    const length = u8.read(source);
    if (source.fault === 0 && length !== PCR_SELECT_BYTES) fail(source, FAULT.VALUE);
    return { hash: bank, select: fixed(PCR_SELECT_BYTES).read(source) };
  },
};

export const pcrSelections: Field<readonly PcrSelection[]> = list(pcrSelection, PCR_BANKS_MAX);
export const digests: Field<readonly Uint8Array[]> = list(digest, 8);

/** TPMT_HA with SHA-256. */
export type TaggedDigest = { readonly hash: number; readonly digest: Uint8Array };
export const digestValues: Field<readonly TaggedDigest[]> = list(
  record<TaggedDigest>({ hash, digest: fixed(32) }),
  PCR_BANKS_MAX,
);

/** Every TPMT_TK ticket. */
export type Ticket = { readonly tag: number; readonly hierarchy: number; readonly digest: Uint8Array };

const HIERARCHIES: readonly number[] = [
  HIERARCHY.OWNER,
  HIERARCHY.ENDORSEMENT,
  HIERARCHY.PLATFORM,
  HIERARCHY.NULL,
];
export const hierarchy: Field<number> = checked(u32, FAULT.VALUE, (handle) => HIERARCHIES.includes(handle));

export const ticket: Field<Ticket> = record<Ticket>({ tag: u16, hierarchy, digest });
const ticketOf = (kind: number): Field<Ticket> =>
  record<Ticket>({ tag: checked(u16, FAULT.TAG, (tag) => tag === kind), hierarchy, digest });
export const hashCheckTicket: Field<Ticket> = ticketOf(TAG_HASHCHECK);
/** What TPM2_VerifySignature gives out: this TPM saw that a key signed a digest. */
export const verifiedTicket: Field<Ticket> = ticketOf(TAG_VERIFIED);

/** TPMT_SIGNATURE of ECDSA. */
export type EcdsaSignature = {
  readonly alg: number;
  readonly hash: number;
  readonly r: Uint8Array;
  readonly s: Uint8Array;
};
export const ecdsaSignature: Field<EcdsaSignature> = record<EcdsaSignature>({
  alg: checked(u16, FAULT.SCHEME, (alg) => alg === ALG.ECDSA),
  hash,
  r: blob(COORDINATE_BYTES_MAX),
  s: blob(COORDINATE_BYTES_MAX),
});

/** TPMS_CLOCK_INFO. */
export type ClockInfo = {
  readonly clockMs: bigint;
  readonly resetCount: number;
  readonly restartCount: number;
  readonly safe: boolean;
};
const clockInfo: Field<ClockInfo> = record<ClockInfo>({
  clockMs: u64,
  resetCount: u32,
  restartCount: u32,
  safe: yesNo,
});

/** TPMS_TIME_INFO: milliseconds since the TPM's power came on, then its clock. */
export type TimeInfo = { readonly timeMs: bigint; readonly clockInfo: ClockInfo };
export const timeInfo: Field<TimeInfo> = record<TimeInfo>({ timeMs: u64, clockInfo });

/** TPMS_ATTEST, its attested union left as bytes (`core/attestation` reads it). */
export type Attest = {
  readonly magic: number;
  readonly type: number;
  readonly qualifiedSigner: Uint8Array;
  readonly extraData: Uint8Array;
  readonly clockInfo: ClockInfo;
  readonly firmwareVersion: bigint;
};
export const attestHead: Field<Attest> = record<Attest>({
  magic: u32,
  type: u16,
  qualifiedSigner: name,
  extraData: data,
  clockInfo,
  firmwareVersion: u64,
});

/** TPMS_NV_PUBLIC. */
export type NvPublic = {
  readonly index: number;
  readonly nameAlg: number;
  readonly attributes: number;
  readonly authPolicy: Uint8Array;
  readonly dataSize: number;
};
export const nvPublic: Field<NvPublic> = record<NvPublic>({
  index: checked(u32, FAULT.VALUE, (index) => handleKind(index) === handleKind(HANDLE_RANGE.NV)),
  nameAlg: hash,
  attributes: checked(u32, FAULT.RESERVED_BITS, (bits) => (bits & NV_ATTRIBUTES_RESERVED) === 0),
  authPolicy: digest,
  dataSize: checked(u16, FAULT.SIZE, (size) => size <= NV_INDEX_BYTES_MAX),
});
