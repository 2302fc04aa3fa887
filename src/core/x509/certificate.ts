/** X.509 certificates of P-256 keys, signed with ECDSA and SHA-256 (RFC 5280 §4.1, RFC 5758 §3.2). */

import { toBase64url } from "../audit/base64url.ts";
import { assert } from "../base/assert.ts";
import { bits, explicit, identifier, integer, sequence, setOfOne, text, time, unsigned } from "./der.ts";

/** Each relative name has one attribute. The order is the name's: who compares beginnings begins with the first. */
export type Name = readonly (readonly [attribute: "CN" | "OU" | "O", value: string])[];

export type CertificateBody = {
  /** 16 bytes of entropy. */
  readonly serial: Uint8Array;
  readonly issuer: Name;
  readonly subject: Name;
  /** Whole seconds count. */
  readonly fromUs: number;
  readonly untilUs: number;
  /** SEC1, uncompressed. */
  readonly publicKey: Uint8Array;
  /** DER, each an Extension. */
  readonly extensions: readonly Uint8Array[];
};

const ATTRIBUTES = { CN: "550403", OU: "55040b", O: "55040a" } as const;
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const EC_PUBLIC_KEY = "2a8648ce3d0201";
const PRIME256V1 = "2a8648ce3d030107";
const VERSION_3 = 2;
const POINT_BYTES = 65;
const COORDINATE_BYTES = 32;
const LINE_LETTERS = 64;

/**
 * TBSCertificate: what the issuer signs. It begins with 0x30, the tag of a SEQUENCE; what agents sign as records begins with
 * the letter `s` (core/wire/envelope), so no key that signs both can have the one taken for the other.
 */
export function certificateToSign(body: CertificateBody): Uint8Array {
  const { serial, issuer, subject, fromUs, untilUs, publicKey, extensions } = body;
  assert(publicKey.length === POINT_BYTES, "a key of P-256 is an uncompressed point");
  const keyType = sequence(identifier(EC_PUBLIC_KEY), identifier(PRIME256V1));
  return sequence(
    explicit(0, integer(VERSION_3)),
    unsigned(serial),
    sequence(identifier(ECDSA_WITH_SHA256)),
    nameOf(issuer),
    sequence(time(fromUs), time(untilUs)),
    nameOf(subject),
    sequence(keyType, bits(publicKey)),
    explicit(3, sequence(...extensions)),
  );
}

/** DER of the certificate; `signature`: r‖s over `toSign`, 64 bytes. */
export function signedCertificate(toSign: Uint8Array, signature: Uint8Array): Uint8Array {
  const [r, s] = [signature.subarray(0, COORDINATE_BYTES), signature.subarray(COORDINATE_BYTES)];
  return sequence(toSign, sequence(identifier(ECDSA_WITH_SHA256)), bits(sequence(unsigned(r), unsigned(s))));
}

export function nameOf(name: Name): Uint8Array {
  return sequence(
    ...name.map(([attribute, value]) => setOfOne(sequence(identifier(ATTRIBUTES[attribute]), text(value)))),
  );
}

/** RFC 7468. */
export function pem(label: string, der: Uint8Array): string {
  const url = toBase64url(der).replaceAll("-", "+").replaceAll("_", "/");
  const letters = url.padEnd(Math.ceil(url.length / 4) * 4, "=");
  const lines: string[] = [];
  for (let at = 0; at < letters.length; at += LINE_LETTERS) lines.push(letters.slice(at, at + LINE_LETTERS));
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
