/** Did the attestation key's TPM quote these PCRs for this challenge? (TPM2_Quote, RFC 9334 §10.2.) */
import { concat, equalBytes, toHex } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import { akSignature } from "./ak-signature.ts";
import { attestationKey } from "./certification.ts";
import { parseTpmAttest, type TpmAttest, type TpmPcrSelection } from "./tpm-attest.ts";
import { parseTpmPublic } from "./tpm-public.ts";

export type QuoteClaim = {
  readonly akPublic: Uint8Array;
  /** TPMS_ATTEST and its r‖s, raw from the TPM. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  /** What the quote must carry as extraData. */
  readonly qualifying: Uint8Array;
  /** PCRs of the SHA-256 bank, ascending, with the values that they must have; null leaves the values open. */
  readonly pcrs: readonly number[];
  readonly values: readonly Uint8Array[] | null;
};

const BANK_SHA256 = 0x000b;

/** The parsed quote, or all that is wrong with the claim. That the AK is the named one, `checkCertification` shows. */
export function checkQuote(claim: QuoteClaim, primitives: Primitives): Result<TpmAttest> {
  const ak = parseTpmPublic(claim.akPublic, "akPublic");
  const attest = parseTpmAttest(claim.attestation, "attestation");
  if (!ak.ok || !attest.ok) {
    return refuse(...[ak, attest].flatMap((part) => (part.ok ? [] : part.rejections)));
  }
  const found = [
    ...attestationKey(ak.value),
    ...challenge(attest.value, claim.qualifying),
    ...quoted(attest.value, claim, primitives),
    ...akSignature(ak.value.key, claim.attestation, claim.signature, primitives),
  ];
  return found.length === 0 ? accept(attest.value) : refuse(...found);
}

function challenge(attest: TpmAttest, qualifying: Uint8Array): Rejection[] {
  if (equalBytes(attest.extraData, qualifying)) return [];
  const measured = { extraData: toHex(attest.extraData) };
  return [
    rejection("tpm-quote-challenge", "attestation.extraData", measured, { extraData: toHex(qualifying) }),
  ];
}

function quoted(attest: TpmAttest, claim: QuoteClaim, primitives: Primitives): Rejection[] {
  const { attested } = attest;
  if (attested.kind !== "quote") {
    return [rejection("tpm-attest-type", "attestation.type", { type: attested.kind }, { type: "quote" })];
  }
  const found: Rejection[] = [];
  const measured = describe(attested.selections);
  const required = describe([{ hash: BANK_SHA256, pcrs: claim.pcrs }]);
  if (measured !== required) {
    const at = "attestation.attested.pcrSelect";
    found.push(rejection("tpm-quote-selection", at, { pcrs: measured }, { pcrs: required }));
  }
  if (claim.values !== null) {
    const digest = primitives.sha256(concat(...claim.values));
    if (!equalBytes(attested.pcrDigest, digest)) {
      const at = "attestation.attested.pcrDigest";
      const shown = { pcrDigest: toHex(attested.pcrDigest) };
      found.push(rejection("tpm-quote-pcr-digest", at, shown, { pcrDigest: toHex(digest) }));
    }
  }
  return found;
}

function describe(selections: readonly TpmPcrSelection[]): string {
  return selections.map(({ hash, pcrs }) => `${hash}:${pcrs.join(",")}`).join(" ");
}
