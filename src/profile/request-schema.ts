/** A request for a credential as a file: who asks, proved by the records that it carries (PROTOCOL §2 Identity, §3 Link). */
import * as z from "zod";
import type { TpmEvidence } from "../core/attestation/evidence.ts";
import { toBase64url } from "../core/audit/base64url.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Tier } from "../core/record/shared-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { choice, list, map, type Piece, printableText } from "./leaf.ts";
import { base64url, hex } from "./octets.ts";
import { formatYaml } from "./yaml-document.ts";

export const REQUEST_SCHEMA = "spectrum-agent.request/1";

const TIERS: readonly Tier[] = ["simulated", "software", "tpm", "tpm-ek-verified"];
/** The inception, and the rotations since. */
const RECORDS_MAX = 16;
/** Of TPMT_PUBLIC, TPMS_ATTEST, r‖s and a certificate: what the real ones need, and then some. */
const PUBLIC_BYTES_MAX = 1024;
const CERTIFICATE_BYTES_MAX = 8192;

/** Only `records` prove anything; the rest is there to be read, and has to say the same. */
export type Request = {
  readonly owner: string;
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  /** 34 bytes; null without a TPM. */
  readonly akName: Uint8Array | null;
  readonly tier: Tier;
  /** Packed envelopes: the inception first. */
  readonly records: readonly Uint8Array[];
  /** Null without a TPM. */
  readonly tpm: TpmEvidence | null;
};

export function requestDocument(): Piece<Request> {
  return map({
    schema: z.literal(REQUEST_SCHEMA),
    owner: printableText(64, "who answers for the device"),
    lineage: hex(32, "id of the lineage"),
    key: hex(32, "id of the key that signs it now"),
    "ak-name": hex(34, "name of the TPM's attestation key; left out without a TPM").optional(),
    tier: choice(TIERS, "how the key is kept, as its owner says"),
    records: list(
      base64url(limits.ENVELOPE_BYTES_MAX, "a record"),
      1,
      RECORDS_MAX,
      "the inception, and rotations",
    ),
    tpm: tpmEvidence().optional(),
  }).transform(
    ({ owner, lineage, key: keyId, tier, records, "ak-name": akName = null, tpm = null }): Request => {
      return { owner, lineage, keyId, akName, tier, records, tpm };
    },
  );
}

function tpmEvidence(): Piece<TpmEvidence> {
  const part = (description: string): Piece<Uint8Array> => base64url(PUBLIC_BYTES_MAX, description);
  return map(
    {
      "ak-public": part("TPMT_PUBLIC of the attestation key"),
      "signing-public": part("TPMT_PUBLIC of the signing key"),
      attestation: part("TPMS_ATTEST: the signing key, certified by the attestation key"),
      signature: base64url(64, "of the attestation, r and s"),
      "ek-public": part("TPMT_PUBLIC of the endorsement key"),
      "ek-certificate": base64url(CERTIFICATE_BYTES_MAX, "of the endorsement key, DER").optional(),
    },
    "what the host's TPM shows of itself",
  ).transform(
    (written): TpmEvidence => ({
      akPublic: written["ak-public"],
      signingPublic: written["signing-public"],
      attestation: written.attestation,
      signature: written.signature,
      ekPublic: written["ek-public"],
      ekCertificate: written["ek-certificate"] ?? null,
    }),
  );
}

/** The file that `requestDocument` reads. */
export function formatRequest({ owner, lineage, keyId, akName, tier, records, tpm }: Request): string {
  return formatYaml({
    schema: REQUEST_SCHEMA,
    owner,
    lineage: toHex(lineage),
    key: toHex(keyId),
    ...(akName === null ? {} : { "ak-name": toHex(akName) }),
    tier,
    records: records.map(toBase64url),
    ...(tpm === null ? {} : { tpm: writtenEvidence(tpm) }),
  });
}

function writtenEvidence(tpm: TpmEvidence): Readonly<Record<string, string>> {
  return {
    "ak-public": toBase64url(tpm.akPublic),
    "signing-public": toBase64url(tpm.signingPublic),
    attestation: toBase64url(tpm.attestation),
    signature: toBase64url(tpm.signature),
    "ek-public": toBase64url(tpm.ekPublic),
    ...(tpm.ekCertificate === null ? {} : { "ek-certificate": toBase64url(tpm.ekCertificate) }),
  };
}
