/** Simulated policies over PCRs, and policies that somebody approved (TPM 2.0 part 3 §23.7, §23.16, §23.6). */
import { concat, equalBytes, u32be } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import { ALG, RC } from "../codec/constants.ts";
import { encoded, FAULT, parameterFault } from "../codec/field.ts";
import * as commands from "../codec/policy-commands.ts";
import { pcrSelections } from "../codec/structures.ts";
import { pcrDigest } from "./creation-data.ts";
import type { Machine } from "./machine.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import { extended, policySession, replaceSession } from "./sessions.ts";
import { verifiedDigest } from "./tickets.ts";

const DIGEST_BYTES = 32;
const NAME_HEAD_BYTES = 2;

/** A trial session believes the values that it is told. */
function pcr(
  tpm: Machine,
  [handle = 0]: readonly number[],
  { pcrs, pcrDigest: wanted }: commands.PolicyPcrParameters,
): Outcome<object> {
  const session = policySession(tpm, handle);
  if (session === null) return refused(RC.REFERENCE_H0);
  const held = pcrDigest(tpm, pcrs);
  if (!session.isTrial) {
    if (session.pcrUpdates !== null && session.pcrUpdates !== tpm.pcrUpdates) return refused(RC.PCR_CHANGED);
    if (wanted.length !== 0 && !equalBytes(wanted, held)) return refused(parameterFault(FAULT.VALUE, 1));
  }
  const shown = session.isTrial && wanted.length !== 0 ? wanted : held;
  const code = u32be(commands.policyPcr.code);
  replaceSession(tpm, handle, {
    ...session,
    digest: sha256(concat(session.digest, code, encoded(pcrSelections, pcrs), shown)),
    pcrUpdates: session.isTrial ? null : tpm.pcrUpdates,
  });
  return done({});
}

/** What was shown is forgotten for who approved it. */
function authorize(
  tpm: Machine,
  [handle = 0]: readonly number[],
  { approvedPolicy, policyRef, keySign, ticket }: commands.PolicyAuthorizeParameters,
): Outcome<object> {
  const session = policySession(tpm, handle);
  if (session === null) return refused(RC.REFERENCE_H0);
  if (((keySign[0] ?? 0) << 8) + (keySign[1] ?? 0) !== ALG.SHA256)
    return refused(parameterFault(FAULT.HASH, 3));
  if (keySign.length !== NAME_HEAD_BYTES + DIGEST_BYTES) return refused(parameterFault(FAULT.SIZE, 3));
  if (!session.isTrial) {
    if (!equalBytes(session.digest, approvedPolicy)) return refused(parameterFault(FAULT.VALUE, 1));
    const signed = sha256(concat(approvedPolicy, policyRef));
    const said = verifiedDigest(tpm, ticket.hierarchy, signed, keySign);
    if (!equalBytes(ticket.digest, said)) return refused(parameterFault(FAULT.VALUE, 4));
  }
  const digest = extended(new Uint8Array(DIGEST_BYTES), commands.policyAuthorize.code, keySign, policyRef);
  replaceSession(tpm, handle, { ...session, digest });
  return done({});
}

function getDigest(tpm: Machine, [handle = 0]: readonly number[]): Outcome<commands.PolicyGetDigestResponse> {
  const session = policySession(tpm, handle);
  return session === null ? refused(RC.REFERENCE_H0) : done({ digest: session.digest });
}

export const pcrPolicies: readonly Bound[] = [
  bind(commands.policyPcr, pcr),
  bind(commands.policyAuthorize, authorize),
  bind(commands.policyGetDigest, getDigest),
];
