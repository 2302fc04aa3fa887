/** How a key is used whose policy is that its approver approved of the host's PCRs (TPM 2.0 part 3 §23.16). */
import {
  approverName,
  approverPublic,
  type PcrValue,
  pcrPolicy,
  pcrPolicyReference,
  renewablePolicy,
} from "../../../src/core/attestation/pcr-policy.ts";
import { assert } from "../../../src/core/base/assert.ts";
import { concat, equalBytes, toHex } from "../../../src/core/base/bytes.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import { ALG, HIERARCHY, RC } from "../codec/constants.ts";
import { decoded } from "../codec/field.ts";
import * as commands from "../codec/policy-commands.ts";
import { eccPublic, type Ticket } from "../codec/structures.ts";
import { type Approvals, type Handed, readApprovals } from "./approvals.ts";
import { type Answer, type Conversation, refusal } from "./conversation.ts";
import { readPcr, selection } from "./pcrs.ts";
import { flushedAfter, withPolicySession } from "./policy-session.ts";
import { sha256 } from "./sha256.ts";

/** What a profile says of it. */
export type PcrPolicy = {
  /** P-256, as a 65-byte SEC1 point. */
  readonly approver: Uint8Array;
  /** In the order of their numbers. */
  readonly pcrs: readonly number[];
  /** A file, or a folder of files. */
  readonly approvals: string;
};

/** Sends a command with what authorises its key, and gives what it answered; a refusal rejects as `Conversation.run` does. */
export type Authorise = <R>(
  commandName: string,
  send: (sessions: readonly number[]) => Promise<Answer<R>>,
) => Promise<R>;

/** PCRs that change in the midst of it make a session void: others may extend theirs at any time. */
const ATTEMPTS_MAX = 4;
const NOTHING = new Uint8Array(0);
const RC_SIGNATURE = 0x2db;
const REFUSED_SHOWN_MAX = 4;

/** The empty password. */
export const byPassword: Authorise = async (commandName, send) => answered(commandName, await send([]));

/** The key's authPolicy. */
export function authPolicy({ approver, pcrs }: PcrPolicy): Uint8Array {
  return renewablePolicy(approverName(approver, sha256), pcrs, sha256);
}

/**
 * A session for each command. PortError `tpm-pcrs-unapproved`, not retryable, where no approval names the values that
 * the PCRs hold; approvals are read again at the next call.
 */
export function byApprovedPcrs(talk: Conversation, policy: PcrPolicy): Authorise {
  const ticketOf = tickets(talk, policy);
  return async (commandName, send) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await withPolicySession(talk, async (session) => {
        await showPcrs(talk, session, policy, ticketOf);
        return send([session]);
      });
      const isVoid = answer.kind === "code" && answer.code === RC.PCR_CHANGED;
      if (!isVoid || attempt === ATTEMPTS_MAX) return answered(commandName, answer);
    }
  };
}

function answered<R>(commandName: string, answer: Answer<R>): R {
  if (answer.kind === "code") throw refusal(commandName, answer.code);
  return answer.response;
}

type TicketOf = (approvedPolicy: Uint8Array) => Promise<Ticket>;

/** Whatever the PCRs hold enters the session's digest; the approval of that digest turns it into the key's policy. */
async function showPcrs(
  talk: Conversation,
  session: number,
  { approver, pcrs }: PcrPolicy,
  ticketOf: TicketOf,
): Promise<void> {
  await talk.run(commands.policyPcr, [session], { pcrDigest: NOTHING, pcrs: [selection(pcrs)] });
  const { response } = await talk.run(commands.policyGetDigest, [session], {});
  await talk.run(commands.policyAuthorize, [session], {
    approvedPolicy: response.digest,
    policyRef: pcrPolicyReference(pcrs, sha256),
    keySign: approverName(approver, sha256),
    ticket: await ticketOf(response.digest),
  });
}

/** The TPM's own word that the approver signed; the last one is kept, since a host stays in its state. */
function tickets(talk: Conversation, policy: PcrPolicy): TicketOf {
  let last: { readonly approvedPolicy: Uint8Array; readonly ticket: Ticket } | null = null;
  return async (approvedPolicy) => {
    if (last !== null && equalBytes(last.approvedPolicy, approvedPolicy)) return last.ticket;
    const demand = { approver: approverName(policy.approver, sha256), pcrs: policy.pcrs };
    const approvals = await readApprovals(policy.approvals, demand);
    const refused = [...approvals.refused];
    for (const each of approvals.handed) {
      if (!equalBytes(pcrPolicy(each.approval.values, sha256), approvedPolicy)) continue;
      const ticket = await verified(talk, policy, each, approvedPolicy);
      if (ticket === null) {
        refused.push(`${each.file}: the signature is not the approver's`);
        continue;
      }
      last = { approvedPolicy, ticket };
      return ticket;
    }
    throw unapproved(policy, await valuesOf(talk, policy), { ...approvals, refused });
  };
}

/** Null where the approver did not sign this. In the owner's hierarchy: for the null hierarchy no TPM gives a ticket. */
async function verified(
  talk: Conversation,
  { approver, pcrs }: PcrPolicy,
  { approval }: Handed,
  approvedPolicy: Uint8Array,
): Promise<Ticket | null> {
  const key = decoded(eccPublic, approverPublic(approver));
  assert(key !== null, "the core wrote this public area");
  const external = { private: NOTHING, public: key, hierarchy: HIERARCHY.OWNER };
  const { handle } = await talk.run(commands.loadExternal, [], external);
  return flushedAfter(talk, handle, async () => {
    const digest = sha256(concat(approvedPolicy, pcrPolicyReference(pcrs, sha256)));
    const [r, s] = [approval.signature.slice(0, 32), approval.signature.slice(32)];
    const signature = { alg: ALG.ECDSA, hash: ALG.SHA256, r, s };
    const answer = await talk.ask(commands.verifySignature, [handle], { digest, signature });
    if (answer.kind === "success") return answer.response.ticket;
    if (answer.code === RC_SIGNATURE) return null;
    throw refusal("VerifySignature", answer.code);
  });
}

async function valuesOf(talk: Conversation, { pcrs }: PcrPolicy): Promise<readonly PcrValue[]> {
  const values: PcrValue[] = [];
  for (const pcr of pcrs) values.push({ pcr, digest: await readPcr(talk, pcr) });
  return values;
}

/** Names the PCRs in which the host differs from the approval that is nearest to it. */
function unapproved(
  policy: PcrPolicy,
  values: readonly PcrValue[],
  { handed, refused }: Approvals,
): PortError {
  const compared = handed.map(({ file, approval }) => ({
    file,
    differing: differing(values, approval.values),
  }));
  const [nearest] = compared.sort((a, b) => a.differing.length - b.differing.length);
  const approver = toHex(approverName(policy.approver, sha256));
  const held = values.map(({ pcr, digest }) => `PCR ${pcr} holds ${toHex(digest)}`);
  const told =
    nearest === undefined || nearest.differing.length === 0
      ? `${held.join(", ")}; ${policy.approvals} has no approval of them by ${approver}`
      : `${nearest.differing.join(", ")}; ${handed.length} approvals by ${approver} in ${policy.approvals}, nearest ${nearest.file}`;
  const rest = refused.slice(0, REFUSED_SHOWN_MAX).map((why) => `; refused ${why}`);
  const more = refused.length > REFUSED_SHOWN_MAX ? `; ${refused.length} refused in all` : "";
  return new PortError("tpm", "tpm-pcrs-unapproved", `${told}${rest.join("")}${more}`, false);
}

function differing(values: readonly PcrValue[], approved: readonly PcrValue[]): readonly string[] {
  return values.flatMap(({ pcr, digest }, i) => {
    const wanted = approved[i]?.digest ?? NOTHING;
    if (equalBytes(digest, wanted)) return [];
    return [`PCR ${pcr} holds ${toHex(digest)}, approved is ${toHex(wanted)}`];
  });
}
