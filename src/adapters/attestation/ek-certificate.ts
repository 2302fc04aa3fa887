/** EK certificates by node's X509Certificate (RFC 5280 §6, TCG EK Credential Profile §3.2). */
import { X509Certificate } from "node:crypto";
import { parseEndorsementKey } from "../../core/attestation/endorsement-key.ts";
import { type Rejection, rejection } from "../../core/base/rejection.ts";
import type { Endorsement } from "../../ports/endorsement.ts";
import { endorsementKeyObject } from "./endorsement-key-object.ts";

const CERTIFICATE_BYTES_MAX = 8192;
const INTERMEDIATES_MAX = 16;
/** EK, at most three intermediates, root. */
const CHAIN_LINKS_MAX = 5;
/** Ways upwards that are followed at one time: repeated intermediates multiply them. */
const PATHS_MAX = 16;
const US_PER_MS = 1000;

/**
 * Revocation lists, name constraints and path-length limits are not looked at: node does not read them. What a
 * certificate proves here is that a trusted maker signed this very key.
 */
export const ekCertificateChain: Endorsement["checkCertificate"] = (claim) => {
  const certificate = parsed(claim.certificate);
  if (certificate === null) return [malformed("certificate", claim.certificate)];
  const roots = readable(claim.roots);
  const intermediates = readable(claim.intermediates.slice(0, INTERMEDIATES_MAX));
  const paths = pathsToRoots(certificate, roots, intermediates);
  const ways = paths.length > 0 ? paths : [[certificate]];
  const judged = ways.map((path) => path.flatMap((link, depth) => linkFindings(link, depth, claim.nowUs)));
  return [
    ...speaksOf(certificate, claim.ekPublic),
    // Makers cross-sign and renew: one way without a fault is enough.
    ...(judged.find((found) => found.length === 0) ?? judged[0] ?? []),
    ...(paths.length > 0 ? [] : [untrusted(certificate, roots.length)]),
  ];
};

/** Peer-controlled bytes: null where OpenSSL reads no certificate in them, or where something follows it. */
function parsed(bytes: Uint8Array): X509Certificate | null {
  if (bytes.length > CERTIFICATE_BYTES_MAX) return null;
  try {
    const certificate = new X509Certificate(bytes);
    return certificate.raw.length === bytes.length ? certificate : null;
  } catch {
    return null;
  }
}

function readable(all: readonly Uint8Array[]): Path {
  return all.flatMap((bytes) => parsed(bytes) ?? []);
}

type Path = readonly X509Certificate[];

/** From `leaf` up to a root, the root included, by names and signatures; shortest first. */
function pathsToRoots(leaf: X509Certificate, roots: Path, intermediates: Path): readonly Path[] {
  const anchored: Path[] = [];
  let open: readonly Path[] = [[leaf]];
  for (let links = 1; links < CHAIN_LINKS_MAX; links++) {
    anchored.push(...open.flatMap((path) => extended(path, roots)));
    open = open.flatMap((path) => extended(path, intermediates)).slice(0, PATHS_MAX);
  }
  return anchored;
}

function extended(path: Path, issuers: Path): readonly Path[] {
  const last = path.at(-1);
  if (last === undefined) return [];
  return issuers.filter((issuer) => isIssuedBy(last, issuer)).map((issuer) => [...path, issuer]);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that OpenSSL does not know signs nothing for us.
    return false;
  }
}

function speaksOf(certificate: X509Certificate, ekPublic: Uint8Array): Rejection[] {
  const key = parseEndorsementKey(ekPublic, "ekPublic");
  if (!key.ok) return [...key.rejections];
  const required = endorsementKeyObject(key.value);
  if (required !== null && holdsKey(certificate, required)) return [];
  return [
    rejection("tpm-ek-certificate-key", "certificate.publicKey", { same: false }, { key: key.value.kind }),
  ];
}

function holdsKey(certificate: X509Certificate, required: X509Certificate["publicKey"]): boolean {
  try {
    return certificate.publicKey.equals(required);
  } catch {
    return false;
  }
}

function linkFindings(link: X509Certificate, depth: number, nowUs: number): Rejection[] {
  return [...inForce(link, depth, nowUs), ...mayIssue(link, depth)];
}

/** Times as OpenSSL prints them; certificates of keys that outlive everybody end in 9999. */
function inForce(certificate: X509Certificate, depth: number, nowUs: number): Rejection[] {
  const fromUs = Date.parse(certificate.validFrom) * US_PER_MS;
  const untilUs = Date.parse(certificate.validTo) * US_PER_MS;
  if (fromUs <= nowUs && nowUs <= untilUs) return [];
  return [rejection("tpm-ek-certificate-time", `chain[${depth}].validity`, { nowUs }, { fromUs, untilUs })];
}

/** Whoever is above the EK is a certificate authority; an EK that were one could certify others. */
function mayIssue({ ca }: X509Certificate, depth: number): Rejection[] {
  if (ca === depth > 0) return [];
  return [rejection("tpm-ek-certificate-ca", `chain[${depth}].basicConstraints`, { ca }, { ca: depth > 0 })];
}

function untrusted(certificate: X509Certificate, roots: number): Rejection {
  const measured = { issuer: certificate.issuer.replaceAll("\n", ", ") };
  return rejection("tpm-ek-certificate-untrusted", "certificate.issuer", measured, {
    roots,
    linksMax: CHAIN_LINKS_MAX,
  });
}

function malformed(field: string, bytes: Uint8Array): Rejection {
  const required = { bytesMax: CERTIFICATE_BYTES_MAX };
  return rejection("tpm-ek-certificate-malformed", field, { bytes: bytes.length }, required);
}
