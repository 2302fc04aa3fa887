/** A request for a credential as a file: who asks, proved by the records that it carries (PROTOCOL §2 Identity, §3 Link). */
import * as z from "zod";
import { toBase64url } from "../core/audit/base64url.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Tier } from "../core/record/shared-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { choice, list, map, type Piece, printableText } from "./leaf.ts";
import { base64url, hex } from "./octets.ts";
import { formatYaml } from "./yaml-document.ts";

const REQUEST_SCHEMA = "spectrum-agent.request/1";

const TIERS: readonly Tier[] = ["simulated", "software", "tpm", "tpm-ek-verified"];
/** The inception, and the rotations since. */
const RECORDS_MAX = 16;

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
  }).transform(({ owner, lineage, key: keyId, tier, records, "ak-name": akName = null }): Request => {
    return { owner, lineage, keyId, akName, tier, records };
  });
}

/** The file that `requestDocument` reads. */
export function formatRequest({ owner, lineage, keyId, akName, tier, records }: Request): string {
  return formatYaml({
    schema: REQUEST_SCHEMA,
    owner,
    lineage: toHex(lineage),
    key: toHex(keyId),
    ...(akName === null ? {} : { "ak-name": toHex(akName) }),
    tier,
    records: records.map(toBase64url),
  });
}
