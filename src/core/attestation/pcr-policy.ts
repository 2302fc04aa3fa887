/** A policy over PCRs that its approver can renew: PolicyPCR within PolicyAuthorize (TPM 2.0 part 3 §23.7 and §23.16). */
import { assert } from "../base/assert.ts";
import { ascii, concat, u32be } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { tpmName } from "./tpm-public.ts";

/** One PCR of the SHA-256 bank: its number, and the 32 bytes that it holds. */
export type PcrValue = { readonly pcr: number; readonly digest: Uint8Array };

export const PCR_COUNT = 24;
export const PCR_DIGEST_BYTES = 32;

const CC_POLICY_AUTHORIZE = u32be(0x16a);
const CC_POLICY_PCR = u32be(0x17f);
const BEGUN = new Uint8Array(PCR_DIGEST_BYTES);
/** One bank, SHA-256, three octets of selection (part 2 §10.9.7). */
const SELECTION_HEAD = Uint8Array.of(0, 0, 0, 1, 0, 0x0b, 3);
const REFERENCE = ascii("spectrum-agent.pcr-approval/1");
const POINT_BYTES = 65;
/** ECC with SHA-256; sign, userWithAuth and noDA; no policy, no symmetric algorithm, no scheme, P-256, no key derivation. */
const APPROVER_HEAD = Uint8Array.of(0, 0x23, 0, 0x0b, 0, 4, 4, 0x40, 0, 0, 0, 0x10, 0, 0x10, 0, 3, 0, 0x10);
const COORDINATE_SIZE = Uint8Array.of(0, 32);

/** TPMT_PUBLIC of the approver's key, a 65-byte SEC1 point, as this agent loads it: its Name follows from these bytes. */
export function approverPublic(point: Uint8Array): Uint8Array {
  assert(point.length === POINT_BYTES, "a P-256 key is an uncompressed point");
  return concat(APPROVER_HEAD, COORDINATE_SIZE, point.slice(1, 33), COORDINATE_SIZE, point.slice(33));
}

export function approverName(point: Uint8Array, sha256: Sha256): Uint8Array {
  return tpmName(approverPublic(point), sha256);
}

/** approvedPolicy: the digest of a session that has shown exactly these values. `values` in the order of their numbers. */
export function pcrPolicy(values: readonly PcrValue[], sha256: Sha256): Uint8Array {
  const selection = pcrSelection(values.map(({ pcr }) => pcr));
  const shown = sha256(concat(...values.map(({ digest }) => digest)));
  return sha256(concat(BEGUN, CC_POLICY_PCR, selection, shown));
}

/**
 * policyRef: names the set of PCRs. So an approval for other PCRs, by the same approver for another fleet, opens
 * nothing: the TPM itself sees to that.
 */
export function pcrPolicyReference(pcrs: readonly number[], sha256: Sha256): Uint8Array {
  return sha256(concat(REFERENCE, pcrSelection(pcrs)));
}

/** What the approver signs with ECDSA and SHA-256: approvedPolicy ‖ policyRef. */
export function approvalMessage(values: readonly PcrValue[], sha256: Sha256): Uint8Array {
  const pcrs = values.map(({ pcr }) => pcr);
  return concat(pcrPolicy(values, sha256), pcrPolicyReference(pcrs, sha256));
}

/** authPolicy of a key that signs in whichever states of these PCRs the approver approves, today's or later ones. */
export function renewablePolicy(approver: Uint8Array, pcrs: readonly number[], sha256: Sha256): Uint8Array {
  const authorised = sha256(concat(BEGUN, CC_POLICY_AUTHORIZE, approver));
  return sha256(concat(authorised, pcrPolicyReference(pcrs, sha256)));
}

/** TPML_PCR_SELECTION. */
function pcrSelection(pcrs: readonly number[]): Uint8Array {
  const select = new Uint8Array(PCR_COUNT / 8);
  for (const [i, pcr] of pcrs.entries()) {
    assert(Number.isInteger(pcr) && pcr >= 0 && pcr < PCR_COUNT, "a PC client TPM has PCRs 0 to 23");
    assert(pcr > (pcrs[i - 1] ?? -1), "PCRs come in the order of their numbers, each once");
    select[pcr >> 3] = (select[pcr >> 3] ?? 0) | (1 << (pcr & 7));
  }
  return concat(SELECTION_HEAD, select);
}
