/** The endorsement key: what its maker certified of this TPM, and what opens credentials for the attestation key. */
import { equalBytes } from "../../../src/core/base/bytes.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { SealedCredential } from "../../../src/ports/tpm.ts";
import * as commands from "../codec/commands.ts";
import { HIERARCHY, RC } from "../codec/constants.ts";
import { decoded, encoded } from "../codec/field.ts";
import * as policy from "../codec/policy-commands.ts";
import { publicArea, rsaPublic } from "../codec/structures.ts";
import { type Conversation, refusal } from "./conversation.ts";
import { readEkCertificate } from "./nv.ts";
import { flushedAfter, withPolicySession } from "./policy-session.ts";
import { endorsementKeyP256, endorsementKeyRsa } from "./templates.ts";

export type Endorsement = {
  /** TPMT_PUBLIC. */
  readonly ekPublic: Uint8Array;
  readonly ekCertificate: Uint8Array | null;
};

/** Where makers and provisioning tools leave the RSA-2048 key (TCG TPM v2.0 Provisioning Guidance §7.8). */
const PERSISTENT_RSA = 0x81010001;
/** EK certificates of RSA-2048 and P-256 (TCG EK Credential Profile §2.2.1.4). */
const CERTIFICATE_RSA = 0x01c00002;
const CERTIFICATE_P256 = 0x01c0000a;
/**
 * Format-one bits of a parameter that is wrong, whichever and however (part 2 §6.6.3). libtpms says TPM_RC_FAILURE of
 * a seed that was encrypted to another RSA key; a TPM that failed itself would not have taken the policy before.
 */
const PARAMETER_FAULT = 0x0c0;
const NOTHING = new Uint8Array(0);

export function readEndorsement(talk: Conversation): Promise<Endorsement> {
  return withEndorsementKey(talk, async ({ key, ekCertificate }) => ({
    ekPublic: key.public,
    ekCertificate,
  }));
}

/**
 * What was sealed for this TPM's EK and the AK behind `akHandle`. PortError `tpm-credential-refused` where it was made
 * for another EK or AK, or is none.
 */
export function activateCredential(
  talk: Conversation,
  akHandle: number,
  { blob, secret }: SealedCredential,
): Promise<Uint8Array> {
  return withEndorsementKey(talk, async ({ key }) => {
    const answer = await withPolicySession(talk, async (session) => {
      await showEndorsementPassword(talk, session);
      const parameters = { credential: blob, secret };
      const sessions = [HIERARCHY.PASSWORD, session];
      return talk.ask(policy.activateCredential, [akHandle, key.handle], parameters, sessions);
    });
    if (answer.kind === "success") return answer.response.certInfo;
    const { code, message, retryable } = refusal("ActivateCredential", answer.code);
    const isRefused = (answer.code & PARAMETER_FAULT) === PARAMETER_FAULT || answer.code === RC.FAILURE;
    throw new PortError("tpm", isRefused ? "tpm-credential-refused" : code, message, retryable);
  });
}

type Key = { readonly handle: number; readonly public: Uint8Array };
type Held = { readonly key: Key; readonly ekCertificate: Uint8Array | null };

/**
 * The RSA key that the TPM keeps; else a key of the template whose certificate it holds; else P-256, which every TPM
 * makes at once, while an RSA key can take it a minute. A key that was made for this is flushed again.
 */
async function withEndorsementKey<T>(talk: Conversation, work: (held: Held) => Promise<T>): Promise<T> {
  const kept = await persistentRsa(talk);
  const rsaCertificate = await readEkCertificate(talk, CERTIFICATE_RSA);
  if (kept !== null) return work({ key: kept, ekCertificate: rsaCertificate });
  const p256Certificate = await readEkCertificate(talk, CERTIFICATE_P256);
  const isRsa = rsaCertificate !== null && p256Certificate === null;
  const template = isRsa ? endorsementKeyRsa : endorsementKeyP256;
  const { handle, response } = await talk.run(commands.createPrimary, [HIERARCHY.ENDORSEMENT], template);
  const key = { handle, public: encoded(publicArea, response.public) };
  const ekCertificate = isRsa ? rsaCertificate : p256Certificate;
  return flushedAfter(talk, handle, () => work({ key, ekCertificate }));
}

/** Null where that place is empty, or holds a key of another template. */
async function persistentRsa(talk: Conversation): Promise<Key | null> {
  const answer = await talk.ask(commands.readPublic, [PERSISTENT_RSA], {});
  if (answer.kind === "code") return null;
  const key = decoded(rsaPublic, answer.response.public);
  const { authPolicy, attributes, keyBits } = endorsementKeyRsa.public;
  const fits =
    key !== null &&
    key.attributes === attributes &&
    key.keyBits === keyBits &&
    equalBytes(key.authPolicy, authPolicy);
  return fits ? { handle: PERSISTENT_RSA, public: answer.response.public } : null;
}

async function showEndorsementPassword(talk: Conversation, session: number): Promise<void> {
  await talk.run(policy.policySecret, [HIERARCHY.ENDORSEMENT, session], {
    nonce: NOTHING,
    cpHash: NOTHING,
    policyRef: NOTHING,
    expirationS: 0,
  });
}
