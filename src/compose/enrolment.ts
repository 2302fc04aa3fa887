/** An authority's desk that enrols hosts by their TPMs: whom it trusts to vouch, and what it judges with. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { nodeEndorsement } from "../adapters/attestation/endorsement.ts";
import { approvePcrs } from "../adapters/attestation/pcr-approval.ts";
import { readEncryptedKey } from "../adapters/signatures/key-files.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { systemEntropy } from "../adapters/system/entropy.ts";
import type { BindingParts, EkTrust } from "../authority/device-binding.ts";
import type { PcrValue } from "../core/attestation/pcr-policy.ts";
import { fromHex } from "../core/base/bytes.ts";
import {
  accept,
  type Measure,
  type Rejection,
  type Result,
  refuse,
  rejection,
} from "../core/base/rejection.ts";
import { printable } from "../profile/printable.ts";
import { authorityPrimitives } from "./offline-authority.ts";

export type EkTrustFiles = {
  /** PEM or DER, one certificate each. */
  readonly roots: readonly string[];
  readonly intermediates: readonly string[];
  /** One SHA-256 in hex a line; `#` begins a comment. */
  readonly hashes: string | null;
};

const HASH_BYTES = 32;

export function bindingParts(): BindingParts {
  return {
    primitives: authorityPrimitives(),
    endorsement: nodeEndorsement,
    entropy: systemEntropy(),
    nowUs: systemClock().read().wallUs,
  };
}

/** `ek-trust-malformed` for each certificate and line that is none, with the file in its field. */
export async function ekTrust({ roots, intermediates, hashes }: EkTrustFiles): Promise<Result<EkTrust>> {
  const faults: Rejection[] = [];
  const certificates = async (files: readonly string[]): Promise<readonly Uint8Array[]> => {
    const read = await Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })));
    return read.flatMap(
      ({ file, bytes }) =>
        certificateOf(bytes) ?? fault(faults, file, { octets: bytes.length }, "a certificate, PEM or DER"),
    );
  };
  const trust = {
    roots: await certificates(roots),
    intermediates: await certificates(intermediates),
    hashes: hashes === null ? [] : hashesIn(await readFile(hashes, "utf8"), hashes, faults),
  };
  return faults.length > 0 ? refuse(...faults) : accept(trust);
}

/** The text of an approval by the key in that file. PortErrors of the signer's port, for the key or its passphrase. */
export async function approvalText(
  keyFile: string,
  passphrases: readonly Uint8Array[],
  values: readonly PcrValue[],
): Promise<string> {
  return approvePcrs(await readEncryptedKey(keyFile, passphrases), values);
}

function certificateOf(bytes: Uint8Array): readonly Uint8Array[] | null {
  try {
    return [new Uint8Array(new X509Certificate(bytes).raw)];
  } catch {
    return null;
  }
}

function hashesIn(text: string, file: string, faults: Rejection[]): readonly Uint8Array[] {
  return text.split("\n").flatMap((line, i) => {
    const word = line.replace(/#.*/, "").trim();
    if (word === "") return [];
    const hash = fromHex(word);
    return hash?.length === HASH_BYTES
      ? [hash]
      : fault(faults, `${file}:${i + 1}`, { found: printable(word) }, "64 hex digits");
  });
}

function fault(faults: Rejection[], field: string, measured: Measure, allowed: string): readonly [] {
  faults.push(rejection("ek-trust-malformed", field, measured, { allowed }));
  return [];
}
