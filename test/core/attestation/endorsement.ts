/** Endorsement keys whose private halves tests know, and what tpm2_makecredential 5.4 made for one of them. */
import { createECDH, createHash } from "node:crypto";
import { concat, fromHex, u32be } from "../../../src/core/base/bytes.ts";
import { sized, u16 } from "./evidence.ts";

function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === null) throw new Error("not hexadecimal");
  return bytes;
}

const EK_POLICY: Uint8Array = hex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa");
export const EK_ATTRIBUTES = 0x000300b2;

export type EkParts = {
  readonly nameAlg: number;
  readonly attributes: number;
  readonly policy: Uint8Array;
  readonly symmetric: Uint8Array;
  readonly scheme: number;
};
const PARTS: EkParts = {
  nameAlg: 0x0b,
  attributes: EK_ATTRIBUTES,
  policy: EK_POLICY,
  symmetric: concat(u16(0x06), u16(128), u16(0x43)),
  scheme: 0x10,
};

/** TPMT_PUBLIC of type `type` with `tail` after the scheme. */
export function ekPublic(type: number, tail: Uint8Array, parts: Partial<EkParts> = {}): Uint8Array {
  const p = { ...PARTS, ...parts };
  const head = concat(u16(type), u16(p.nameAlg), u32be(p.attributes), sized(p.policy));
  return concat(head, p.symmetric, u16(p.scheme), tail);
}

/** `point`: 65 bytes. */
export function eccTail(point: Uint8Array, curve: number = 3, kdf: number = 0x10): Uint8Array {
  return concat(u16(curve), u16(kdf), sized(point.slice(1, 33)), sized(point.slice(33)));
}

export function rsaTail(modulus: Uint8Array, bits: number = 2048, exponent: number = 0): Uint8Array {
  return concat(u16(bits), u32be(exponent), sized(modulus));
}

/** The private scalar is SHA-256("endorsement key of a test"). */
export const knownKey = createECDH("prime256v1");
knownKey.setPrivateKey(createHash("sha256").update("endorsement key of a test").digest());

/** `tpm2_makecredential -T none -u ek.pub -s secret -n NAME`: the key above as TPM2B_PUBLIC, the tool's own ephemeral key. */
export const knownCredential = {
  ekPublic: ekPublic(0x23, eccTail(new Uint8Array(knownKey.getPublicKey()))),
  akName: concat(
    u16(0x0b),
    new Uint8Array(createHash("sha256").update("attestation key of a test").digest()),
  ),
  text: "an enrolment's secret",
  blob: hex(
    "00203373475f24e47557a103001f90f83626889ca1d5d8668eed1633d5a8811de7008812d79a2c5ae559c4a61234bfe7f7c188ea1421fa5325",
  ),
  secret: hex(
    "0020ba35bf472a2aed79e7f62cf19ab7fe5904e82d4631c13e656765cc875e4ab008" +
      "0020c428e180953d5f1ea864328b414253249cf334fca75c7e2ccdf4aadf4a5904f0",
  ),
};
