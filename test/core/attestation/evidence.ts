/** Evidence as a TPM would make it, from keys of this process: sound, or wrong in one named place. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { concat, fromHex, u32be } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** fixedTPM, fixedParent, sensitiveDataOrigin, userWithAuth, noDA. */
const OWN = 0x472;
export const RESTRICTED_SIGN = OWN | 0x50000;
export const FREE_SIGN = OWN | 0x40000;

export type TestKey = { readonly secret: KeyObject; readonly point: Uint8Array };

export function testKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = concat(Uint8Array.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url"));
  return { secret: privateKey, point: new Uint8Array(point) };
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of((value >>> 8) & 0xff, value & 0xff);
}

export function sized(bytes: Uint8Array): Uint8Array {
  return concat(u16(bytes.length), bytes);
}

/** TPMT_PUBLIC; `words` replaces {type, nameAlg, symmetric, scheme, hash, curve, kdf}. */
export function tpmPublic(
  point: Uint8Array,
  attributes: number,
  words: Partial<PublicWords> = {},
): Uint8Array {
  const w = { ...PUBLIC_WORDS, ...words };
  const head = concat(u16(w.type), u16(w.nameAlg), u32be(attributes), sized(new Uint8Array(0)));
  const algorithms = concat(u16(w.symmetric), u16(w.scheme), u16(w.hash), u16(w.curve), u16(w.kdf));
  return concat(head, algorithms, sized(point.slice(1, 33)), sized(point.slice(33)));
}

type PublicWords = {
  readonly type: number;
  readonly nameAlg: number;
  readonly symmetric: number;
  readonly scheme: number;
  readonly hash: number;
  readonly curve: number;
  readonly kdf: number;
};
const PUBLIC_WORDS: PublicWords = {
  type: 0x23,
  nameAlg: 0x0b,
  symmetric: 0x10,
  scheme: 0x18,
  hash: 0x0b,
  curve: 3,
  kdf: 0x10,
};

export function nameOf(publicArea: Uint8Array): Uint8Array {
  return concat(u16(0x0b), nodePrimitives.sha256(publicArea));
}

export type AttestParts = {
  readonly magic: number;
  readonly type: number;
  readonly extraData: Uint8Array;
  readonly safe: number;
  readonly body: Uint8Array;
};

export function attest(parts: Partial<AttestParts> & Pick<AttestParts, "body">): Uint8Array {
  const { magic = 0xff544347, type = 0x8017, extraData = new Uint8Array(0), safe = 1, body } = parts;
  const head = concat(u32be(magic), u16(type), sized(new Uint8Array(34).fill(5)), sized(extraData));
  const clock = concat(u32be(0), u32be(123_456), u32be(7), u32be(2), Uint8Array.of(safe));
  return concat(head, clock, u32be(1), u32be(2), body);
}

export function certifyBody(name: Uint8Array): Uint8Array {
  return concat(sized(name), sized(new Uint8Array(34).fill(6)));
}

/** One SHA-256 bank; `select` is its bit map. */
export function quoteBody(select: Uint8Array, pcrDigest: Uint8Array): Uint8Array {
  return concat(u32be(1), u16(0x0b), Uint8Array.of(select.length), select, sized(pcrDigest));
}

/** r‖s with s above n/2 or below, as asked. */
export function signed(key: TestKey, message: Uint8Array, half: "high" | "low"): Uint8Array {
  const made = new Uint8Array(sign("sha256", message, { key: key.secret, dsaEncoding: "ieee-p1363" }));
  const s = BigInt(`0x${Buffer.from(made.subarray(32)).toString("hex")}`);
  if (s > ORDER / 2n === (half === "high")) return made;
  const flipped = fromHex((ORDER - s).toString(16).padStart(64, "0"));
  return concat(made.slice(0, 32), flipped ?? new Uint8Array(32));
}
