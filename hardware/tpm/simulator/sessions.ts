/** Simulated policy sessions: begun, satisfied step by step, and used up by the command that they authorise (TPM 2.0 part 1 §19.7). */
import { concat, u32be } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import { HANDLE_RANGE, HIERARCHY, isSession, RC, SESSION } from "../codec/constants.ts";
import { FAULT, parameterFault } from "../codec/field.ts";
import type { Acknowledgement, Authorisation } from "../codec/frame.ts";
import * as commands from "../codec/policy-commands.ts";
import type { Machine, PolicySession } from "./machine.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";

const DIGEST_BYTES = 32;
const NONCE_BYTES_MIN = 16;
/** The number of a handle without its kind. */
const SLOT_MASK = 0x00ffffff;
const CONTINUE_SESSION = 1;
const NOTHING = new Uint8Array(0);
const PASSWORD_ACKNOWLEDGED: Acknowledgement = {
  nonce: NOTHING,
  attributes: CONTINUE_SESSION,
  secret: NOTHING,
};
/** A ticket that may be used no longer than its session (part 2 §10.7.5). */
const TAG_AUTH_SECRET = 0x8023;
const FAULT_NONCE = 0x08f;
const FAULT_EXPIRED = 0x0a3;

export function policySession(tpm: Machine, handle: number): PolicySession | null {
  return tpm.sessions[handle - HANDLE_RANGE.POLICY_SESSION] ?? null;
}

/** Only where `policySession` finds one. */
export function replaceSession(tpm: Machine, handle: number, session: PolicySession): void {
  tpm.sessions[handle - HANDLE_RANGE.POLICY_SESSION] = session;
}

/** As libtpms, which looks at the number and not at the kind. */
export function holdsSession(tpm: Machine, handle: number): boolean {
  return isSession(handle) && tpm.sessions[handle & SLOT_MASK] != null;
}

/** Only after `holdsSession`. */
export function endSession(tpm: Machine, handle: number): void {
  tpm.sessions[handle & SLOT_MASK] = null;
}

/** After a success: a fresh nonce for each session that goes on, and the end of each that does not. */
export function acknowledged(tpm: Machine, used: readonly Authorisation[]): readonly Acknowledgement[] {
  return used.map(({ session, attributes }) => {
    const held = policySession(tpm, session);
    if (held === null) return PASSWORD_ACKNOWLEDGED;
    const nonce = tpm.entropy.bytes(held.nonce.length);
    const goesOn = (attributes & CONTINUE_SESSION) !== 0;
    tpm.sessions[session - HANDLE_RANGE.POLICY_SESSION] = goesOn ? { ...held, nonce } : null;
    return { nonce, attributes, secret: NOTHING };
  });
}

function start(
  tpm: Machine,
  _handles: readonly number[],
  { nonce, salt, type }: commands.StartSessionParameters,
): Outcome<commands.StartSessionResponse> {
  if (nonce.length < NONCE_BYTES_MIN || nonce.length > DIGEST_BYTES) {
    return refused(parameterFault(FAULT.SIZE, 1));
  }
  if (salt.length !== 0) return refused(parameterFault(FAULT.VALUE, 2));
  const slot = tpm.sessions.indexOf(null);
  if (slot < 0) return refused(RC.SESSION_MEMORY);
  const own = tpm.entropy.bytes(nonce.length);
  tpm.sessions[slot] = {
    nonce: own,
    digest: new Uint8Array(DIGEST_BYTES),
    isTrial: type === SESSION.TRIAL,
    pcrUpdates: null,
  };
  return done({ nonce: own }, HANDLE_RANGE.POLICY_SESSION + slot);
}

/** That the hierarchy's password was shown is checked before any handler: here it only enters the digest. */
function secret(
  tpm: Machine,
  handles: readonly number[],
  { nonce, policyRef, expirationS }: commands.PolicySecretParameters,
): Outcome<commands.PolicySecretResponse> {
  const [authority = 0, handle = 0] = handles;
  const session = policySession(tpm, handle);
  if (session === null) return refused(RC.REFERENCE_H0 + 1);
  // A trial session checks nothing of what it is shown.
  if (nonce.length !== 0 && !session.isTrial) return refused(parameterFault(FAULT_NONCE, 1));
  // Nothing here tells time to a session.
  if (expirationS !== 0) return refused(parameterFault(FAULT_EXPIRED, 4));
  const digest = extended(session.digest, commands.policySecret.code, u32be(authority), policyRef);
  replaceSession(tpm, handle, { ...session, digest });
  return done({
    timeout: NOTHING,
    ticket: { tag: TAG_AUTH_SECRET, hierarchy: HIERARCHY.NULL, digest: NOTHING },
  });
}

/** PolicyUpdate of part 3 §23.2.3: what was shown, then its reference. */
export function extended(
  digest: Uint8Array,
  code: number,
  what: Uint8Array,
  reference: Uint8Array,
): Uint8Array {
  return sha256(concat(sha256(concat(digest, u32be(code), what)), reference));
}

export const policySessions: readonly Bound[] = [
  bind(commands.startAuthSession, start),
  bind(commands.policySecret, secret),
];
