/**
 * An authority's word for a broker: certificates of the keys that it knows from requests (RFC 5280; PROTOCOL §3 device
 * binding). They are signed by one key of its own, never by those of the lineage: TLS knows no thresholds, and whoever steals
 * this key may speak at a broker under any name, but sign no record.
 */
import { keysOfLineages } from "../core/audit/author-keys.ts";
import { toHex } from "../core/base/bytes.ts";
import { type Primitives, SUITE_ES256 } from "../core/base/primitives.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import {
  authorityCertificate,
  type BrokerHost,
  brokerCertificate,
  clientCertificate,
  deviceCertificate,
  type Issuing,
} from "../core/x509/broker-certificates.ts";
import { pem, signedCertificate } from "../core/x509/certificate.ts";
import type { KeySource } from "../ports/key-source.ts";
import { PortError } from "../ports/port-error.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Authority } from "./authority.ts";
import { issuedBy, standingOf } from "./standing.ts";
import type { Claim } from "./subject.ts";

/** All certificates as PEM. */
export type BrokerDesk = {
  /** By which a broker knows its clients, and they a broker that this authority certified. */
  readonly ca: string;
  /** For a device's enrolled key, until its credential ends. */
  certifyDevice(device: DeviceKey): Promise<string>;
  /** For the key of a broker at these hosts, as long as the authority's own certificate. */
  certifyBroker(publicKey: Uint8Array, hosts: readonly BrokerHost[]): Promise<string>;
  /** For the key by which the authority announces. */
  certifyAnnouncer(publicKey: Uint8Array): Promise<string>;
};

export type DeviceKey = {
  readonly lineage: Uint8Array;
  /** SEC1, uncompressed. */
  readonly publicKey: Uint8Array;
  readonly untilUs: number;
};

const LABEL = "broker/1";
const SERIAL_BYTES = 16;
const DAY_US = 86_400_000_000;
/** Brokers are told anew when it ends, and all devices with them. */
const AUTHORITY_US = 20 * 365 * DAY_US;
/** A host's clock may be behind the desk's, and a broker's too. */
const BACKDATED_US = DAY_US;

/**
 * Made where there is none yet. PortErrors of the key source: `signer-passphrase-wrong` where another passphrase locks it,
 * `signer-key-unreadable` where the key is away.
 */
export async function brokerDesk(authority: Authority, nowUs: number): Promise<BrokerDesk> {
  const { folder, keys, primitives } = authority.parts;
  const standing = await folder.brokerCertificate();
  // Another key in the place of one that is away would make certificates that no broker takes.
  const signer = standing === null ? await openOrCreate(keys) : await keys.open(LABEL);
  const { self } = authority.view();
  const by: Issuing = { lineage: self, issuerKey: signer.publicKey };
  const { sha256 } = primitives;
  const certified = (publicKey: Uint8Array, untilUs: number) => ({
    serial: authority.parts.entropy.bytes(SERIAL_BYTES),
    publicKey,
    fromUs: nowUs - BACKDATED_US,
    untilUs,
  });
  const sign = async (toSign: Uint8Array): Promise<string> =>
    pem("CERTIFICATE", signedCertificate(toSign, await signer.sign(toSign)));
  const ca =
    standing ??
    (await sign(authorityCertificate(certified(signer.publicKey, nowUs + AUTHORITY_US), self, sha256)));
  if (standing === null) await folder.keepBrokerCertificate(ca);
  return {
    ca,
    certifyDevice: ({ lineage, publicKey, untilUs }) =>
      sign(deviceCertificate(certified(publicKey, untilUs), lineage, by, sha256)),
    certifyBroker: (publicKey, hosts) =>
      sign(brokerCertificate(certified(publicKey, nowUs + AUTHORITY_US), hosts, by, sha256)),
    certifyAnnouncer: (publicKey) =>
      sign(clientCertificate(certified(publicKey, nowUs + AUTHORITY_US), "authority", by, sha256)),
  };
}

async function openOrCreate(keys: KeySource): Promise<Signer> {
  try {
    return await keys.open(LABEL);
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== "signer-key-unreadable") throw error;
    return keys.create(LABEL, SUITE_ES256);
  }
}

/** The key that a request proves, where the authority has entitled its lineage; until the last of these credentials ends. */
export function deviceOfRequest(authority: Authority, claim: Claim, nowUs: number): Result<DeviceKey> {
  const view = authority.view();
  const lineage = toHex(claim.lineage);
  const valid = issuedBy(view).filter(
    (link) => toHex(link.body.subjectLineage) === lineage && standingOf(link, view, nowUs) === "valid",
  );
  if (valid.length === 0) {
    return refuse(rejection("broker-not-entitled", "request", { lineage }, { credentialsMin: 1 }));
  }
  const untilUs = Math.max(...valid.map(({ body }) => body.untilUs));
  const publicKey = keyOfRequest(claim, authority.parts.primitives);
  return publicKey.ok ? accept({ lineage: claim.lineage, publicKey: publicKey.value, untilUs }) : publicKey;
}

/** Refuses with `broker-no-device` where the request proves no key that certifies for TLS. */
export function keyOfRequest(claim: Claim, primitives: Primitives): Result<Uint8Array> {
  const key = enrolledKey(claim, primitives);
  if (key !== null) return accept(key);
  const measured = { lineage: toHex(claim.lineage) };
  return refuse(rejection("broker-no-device", "request", measured, { key: "one of P-256" }));
}

/** The one key of P-256 that signs a lineage now, as a request's records prove it; null for a set of keys. */
export function enrolledKey({ lineage, records }: Claim, primitives: Primitives): Uint8Array | null {
  const read = records.map((bytes) => recordOfBytes(bytes, primitives));
  const own: readonly AnyRecord[] = read.flatMap((each) => (each.ok ? [each.value] : []));
  const last = keysOfLineages(own, primitives).get(toHex(lineage))?.at(-1);
  const [only, second] = last?.keys.keys ?? [];
  return only?.suite === SUITE_ES256 && second === undefined ? only.publicKey : null;
}
