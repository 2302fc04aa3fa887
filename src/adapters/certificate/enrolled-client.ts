/**
 * TLS by the enrolled key, which never leaves its TPM and which no TLS library can use there: for each connection a fresh
 * P-256 key in memory, and a short certificate for it that the enrolled key signs (RFC 5280; PROTOCOL §3 device binding).
 */
import { type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { toHex } from "../../core/base/bytes.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import { clientCertificate, deviceNameText } from "../../core/x509/broker-certificates.ts";
import { pem, signedCertificate } from "../../core/x509/certificate.ts";
import type { ClientCertificate } from "../../ports/client-certificate.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Signer } from "../../ports/signatures.ts";
import { pointOf, tlsKey } from "./tls-key.ts";

export type EnrolledClientParts = {
  readonly signer: Signer;
  readonly lineage: Uint8Array;
  /** PEM, from the authority: of the enrolled key. Read anew each time, so that a renewed one needs no restart. */
  readonly devicePath: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly sha256: Sha256;
};

/** What a stolen key of a connection is good for, at most; and how far a host's clock may be behind the broker's. */
const CLIENT_US = 3_600_000_000;
/** How far a host's clock may be ahead of the broker's. */
const CLOCK_AHEAD_US = 600_000_000;
const SERIAL_BYTES = 16;
const US_PER_MS = 1000;

export function enrolledClient(parts: EnrolledClientParts): ClientCertificate {
  return {
    async show() {
      const { devicePath, signer, lineage, clock, entropy, sha256 } = parts;
      const device = await deviceCertificateIn(parts);
      const nowUs = clock.read().wallUs;
      const times = shared(nowUs, device, devicePath);
      const { publicKey, privatePem: key } = tlsKey();
      const certified = { ...times, serial: entropy.bytes(SERIAL_BYTES), publicKey };
      const toSign = clientCertificate(certified, "device", { lineage, issuerKey: signer.publicKey }, sha256);
      const own = pem("CERTIFICATE", signedCertificate(toSign, await signer.sign(toSign)));
      return { chain: own + device.toString(), key, untilUs: times.untilUs };
    },
  };
}

/** Refused here, with the file's name, rather than by a broker that says less. */
async function deviceCertificateIn({
  devicePath,
  signer,
  lineage,
}: EnrolledClientParts): Promise<X509Certificate> {
  const device = certificateIn(await readFile(devicePath).catch(unreadable(devicePath)), devicePath);
  const wrong = [
    [device.subject, deviceNameText(lineage), "name"],
    [keyText(device.publicKey), toHex(signer.publicKey), "key"],
    [String(device.ca), "true", "certifying"],
  ].find(([found, required]) => found !== required);
  if (wrong === undefined) return device;
  const [found, required, what] = wrong as [string, string, string];
  const said = `${what} ${found.replaceAll("\n", ", ")}, required: ${required.replaceAll("\n", ", ")}`;
  throw trouble("mesh-certificate-key", `${devicePath} is not of this agent's enrolled key: ${said}`, false);
}

function certificateIn(bytes: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (cause) {
    throw trouble("mesh-certificate-unreadable", `${path} holds no certificate in PEM`, false, cause);
  }
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    const said = cause instanceof Error ? cause.message : path;
    throw trouble("mesh-certificate-unreadable", said, true, cause);
  };
}

/** From a while ago to a while ahead, inside the time of the device's own. */
function shared(nowUs: number, device: X509Certificate, path: string): { fromUs: number; untilUs: number } {
  const fromUs = Date.parse(device.validFrom) * US_PER_MS;
  const untilUs = Date.parse(device.validTo) * US_PER_MS;
  if (nowUs < fromUs || nowUs >= untilUs) {
    const said = `${path} holds from ${device.validFrom} until ${device.validTo}; this host's clock says ${new Date(nowUs / US_PER_MS).toISOString()}`;
    throw trouble("mesh-certificate-time", said, true);
  }
  return {
    fromUs: Math.max(fromUs, nowUs - CLOCK_AHEAD_US),
    untilUs: Math.min(untilUs, nowUs + CLIENT_US),
  };
}

function keyText(key: KeyObject): string {
  return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? toHex(pointOf(key)) : "of another kind";
}

function trouble(code: string, said: string, isRetryable: boolean, cause?: unknown): PortError {
  return new PortError("mesh", code, said, isRetryable, cause);
}
