/**
 * The certificates by which a broker knows agents (RFC 5280 §4.2): an authority's for its broker, one for each device's
 * enrolled key, and the short one that the device signs for a key that TLS can use. A device could sign any name for others:
 * its own certificate permits one, that of its lineage (§4.2.1.10), and clients alone.
 */
import { ascii, toHex } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { certificateToSign, type Name, nameOf } from "./certificate.ts";
import { bits, explicit, identifier, implicit, integer, octets, sequence, TRUE } from "./der.ts";

export type Validity = { readonly fromUs: number; readonly untilUs: number };

/** Whose key signs. */
export type Issuing = {
  /** Lineage id of the authority, or of the device. */
  readonly lineage: Uint8Array;
  readonly issuerKey: Uint8Array;
};

export type Certified = Validity & {
  /** 16 bytes of entropy. */
  readonly serial: Uint8Array;
  readonly publicKey: Uint8Array;
};

const BASIC_CONSTRAINTS = "551d13";
const KEY_USAGE = "551d0f";
const EXTENDED_KEY_USAGE = "551d25";
const NAME_CONSTRAINTS = "551d1e";
const SUBJECT_KEY_IDENTIFIER = "551d0e";
const AUTHORITY_KEY_IDENTIFIER = "551d23";
const SUBJECT_ALTERNATIVE_NAME = "551d11";
const CLIENTS = "2b06010505070302";
const SERVERS = "2b06010505070301";
const KEY_IDENTIFIER_BYTES = 20;
/** A GeneralName's tags. */
const DNS_NAME = 2;
const DIRECTORY_NAME = 4;
const IP_ADDRESS = 7;

/** Of the key that certifies the devices of one authority, and its broker: signed by itself. */
export function authorityCertificate(
  { serial, publicKey, ...times }: Certified,
  lineage: Uint8Array,
  sha256: Sha256,
): Uint8Array {
  const name = authorityName(lineage);
  const extensions = [...certifying(1), subjectKey(publicKey, sha256)];
  return certificateToSign({ ...times, serial, issuer: name, subject: name, publicKey, extensions });
}

/** Of a device's enrolled key: it may certify keys of clients by the name of its lineage, and nothing else. */
export function deviceCertificate(
  { serial, publicKey, ...times }: Certified,
  device: Uint8Array,
  { lineage, issuerKey }: Issuing,
  sha256: Sha256,
): Uint8Array {
  const permitted = explicit(DIRECTORY_NAME, nameOf(clientName(device)));
  const extensions = [
    ...certifying(0),
    usableFor(CLIENTS),
    extension(NAME_CONSTRAINTS, sequence(explicit(0, sequence(permitted))), true),
    subjectKey(publicKey, sha256),
    issuerKeyOf(issuerKey, sha256),
  ];
  const [issuer, subject] = [authorityName(lineage), deviceName(device)];
  return certificateToSign({ ...times, serial, issuer, subject, publicKey, extensions });
}

/** Of a key in memory: by the device's enrolled key, or by that of the authority, whose own client announces for it. */
export function clientCertificate(
  { serial, publicKey, ...times }: Certified,
  by: "device" | "authority",
  { lineage, issuerKey }: Issuing,
  sha256: Sha256,
): Uint8Array {
  const extensions = [signing(), usableFor(CLIENTS), issuerKeyOf(issuerKey, sha256)];
  const issuer = by === "device" ? deviceName(lineage) : authorityName(lineage);
  return certificateToSign({
    ...times,
    serial,
    issuer,
    subject: clientName(lineage),
    publicKey,
    extensions,
  });
}

/** A broker's host: a name, or the four bytes of an IPv4 address. */
export type BrokerHost = { readonly name: string } | { readonly address: Uint8Array };

export function brokerCertificate(
  { serial, publicKey, ...times }: Certified,
  hosts: readonly BrokerHost[],
  { lineage, issuerKey }: Issuing,
  sha256: Sha256,
): Uint8Array {
  const names = hosts.map((host) =>
    "name" in host ? implicit(DNS_NAME, ascii(host.name)) : implicit(IP_ADDRESS, host.address),
  );
  const extensions = [
    signing(),
    usableFor(SERVERS),
    extension(SUBJECT_ALTERNATIVE_NAME, sequence(...names), false),
    issuerKeyOf(issuerKey, sha256),
  ];
  const subject: Name = [["OU", "broker"]];
  return certificateToSign({
    ...times,
    serial,
    issuer: authorityName(lineage),
    subject,
    publicKey,
    extensions,
  });
}

/** What a broker takes for the user's name is the common name: exactly the lineage id, 64 letters, as many as one may have. */
function clientName(lineage: Uint8Array): Name {
  return [["CN", toHex(lineage)]];
}

/** Not the client's own name: a certificate whose issuer has its subject would be taken for a root. */
function deviceName(lineage: Uint8Array): Name {
  return [
    ["OU", "device"],
    ["CN", toHex(lineage)],
  ];
}

/** The subject of a device's certificate, as OpenSSL prints it. */
export function deviceNameText(lineage: Uint8Array): string {
  return deviceName(lineage)
    .map((each) => each.join("="))
    .join("\n");
}

function authorityName(lineage: Uint8Array): Name {
  return [
    ["OU", "spectrum authority"],
    ["CN", toHex(lineage)],
  ];
}

/** May sign certificates, with at most `below` certifying ones under it. */
function certifying(below: number): readonly Uint8Array[] {
  const constraints = extension(BASIC_CONSTRAINTS, sequence(TRUE, integer(below)), true);
  return [constraints, extension(KEY_USAGE, bits(Uint8Array.of(0x04), 2), true)];
}

/** May sign handshakes. */
function signing(): Uint8Array {
  return extension(KEY_USAGE, bits(Uint8Array.of(0x80), 7), true);
}

function usableFor(purpose: string): Uint8Array {
  return extension(EXTENDED_KEY_USAGE, sequence(identifier(purpose)), false);
}

function subjectKey(publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  return extension(SUBJECT_KEY_IDENTIFIER, octets(keyIdentifier(publicKey, sha256)), false);
}

function issuerKeyOf(publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  return extension(AUTHORITY_KEY_IDENTIFIER, sequence(implicit(0, keyIdentifier(publicKey, sha256))), false);
}

/** RFC 7093 §2, the first method. */
function keyIdentifier(publicKey: Uint8Array, sha256: Sha256): Uint8Array {
  return sha256(publicKey).subarray(0, KEY_IDENTIFIER_BYTES);
}

function extension(id: string, value: Uint8Array, isCritical: boolean): Uint8Array {
  return sequence(identifier(id), ...(isCritical ? [TRUE] : []), octets(value));
}
