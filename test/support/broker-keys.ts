/** Keys and certificates for tests of a broker's clients, by the code that ships; anybody's name may be put into them. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { toHex } from "../../src/core/base/bytes.ts";
import type { Sha256 } from "../../src/core/base/primitives.ts";
import {
  authorityCertificate,
  type BrokerHost,
  brokerCertificate,
  type Certified,
  clientCertificate,
  deviceCertificate,
} from "../../src/core/x509/broker-certificates.ts";
import { certificateToSign, type Name, pem, signedCertificate } from "../../src/core/x509/certificate.ts";

export const sha256: Sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());

export type TestKey = {
  readonly point: Uint8Array;
  readonly pem: string;
  certify(toSign: Uint8Array): string;
};

export function testKey(): TestKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    point: pointOf(privateKey),
    pem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    certify: (toSign) => {
      const signature = sign("sha256", toSign, { key: privateKey, dsaEncoding: "ieee-p1363" });
      return pem("CERTIFICATE", signedCertificate(toSign, new Uint8Array(signature)));
    },
  };
}

function pointOf(key: KeyObject): Uint8Array {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return Uint8Array.from([4, ...Buffer.from(x, "base64url"), ...Buffer.from(y, "base64url")]);
}

export const DAY_US = 86_400_000_000;

export function certified(key: TestKey, changes: Partial<Certified> = {}): Certified {
  const nowUs = Date.now() * 1000;
  const serial = new Uint8Array(randomBytes(16));
  return { serial, publicKey: key.point, fromUs: nowUs - DAY_US, untilUs: nowUs + DAY_US, ...changes };
}

export type TestAuthority = {
  readonly lineage: Uint8Array;
  readonly key: TestKey;
  readonly ca: string;
  device(lineage: Uint8Array, key: TestKey, times?: Partial<Certified>): string;
  broker(key: TestKey, hosts: readonly BrokerHost[]): string;
};

export function testAuthority(lineage: Uint8Array): TestAuthority {
  const key = testKey();
  const by = { lineage, issuerKey: key.point };
  return {
    lineage,
    key,
    ca: key.certify(authorityCertificate(certified(key), lineage, sha256)),
    device: (device, deviceKey, times) =>
      key.certify(deviceCertificate(certified(deviceKey, times), device, by, sha256)),
    broker: (brokerKey, hosts) => key.certify(brokerCertificate(certified(brokerKey), hosts, by, sha256)),
  };
}

/** A certificate for `key` that says `lineage`, signed by `device`: whose key that is, nobody asked. */
export function testLeaf(
  key: TestKey,
  lineage: Uint8Array,
  device: TestKey,
  times?: Partial<Certified>,
): string {
  const by = { lineage, issuerKey: device.point };
  return device.certify(clientCertificate(certified(key, times), "device", by, sha256));
}

/** A certificate by `device`, under the very name of its own, with whatever subject and rights it gives. */
export function forgedLeaf(
  key: TestKey,
  device: TestKey,
  lineage: Uint8Array,
  subject: Name,
  extensions: readonly Uint8Array[] = [],
): string {
  const issuer: Name = [
    ["OU", "device"],
    ["CN", toHex(lineage)],
  ];
  return device.certify(certificateToSign({ ...certified(key), issuer, subject, extensions }));
}
