/** Whether a record that came in may be by a session key: certificate, policy, own clock, own leases (PROTOCOL §10). */
import { artifactOf } from "../audit/references.ts";
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import {
  isBySession,
  type LineageKeys,
  type Session,
  sessionOfRecord,
  sessionPolicyFaults,
} from "../record/session.ts";
import type { RecordSigner } from "../record/signing-key.ts";
import type { Lease } from "../settlement/lease.ts";
import { isOwn, type Origin } from "./author-keys.ts";
import { ownTime } from "./own-evidence.ts";
import { heldPolicies } from "./policies.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Who has to have signed `record`, where its header names a session key of its lineage; null where it names none. */
export function signerBySession(turn: Turn, record: AnyRecord, origin: Origin): Result<RecordSigner> | null {
  const known = lineageKeys(turn, record);
  if (!isBySession(record, known)) return null;
  const session = sessionOfRecord(record, known);
  if (!session.ok) return session;
  // What the own log holds was judged when it came, by the time that was then.
  const faults =
    origin === "log" ? [] : [...lawFaults(turn, record, session.value), ...leaseFaults(turn, record)];
  return faults.length > 0 ? refuse(...faults) : accept(session.value.signer);
}

function lineageKeys(turn: Turn, record: AnyRecord): LineageKeys {
  const { durable, volatile } = turn.agent;
  if (isOwn(turn, record)) return { keys: durable.keys, sessions: durable.sessions };
  const { lineage } = record.header;
  return { keys: volatile.known.keysOf(lineage), sessions: volatile.known.sessionsOf(lineage) };
}

/** Of a policy that is not held here nobody knows what its session keys may sign. */
function lawFaults(turn: Turn, record: AnyRecord, { certificate }: Session): readonly Rejection[] {
  const { policy } = certificate.header;
  const held = heldPolicies(turn.agent).find(({ id }) => policy !== null && equalBytes(id, policy));
  if (held === undefined) {
    const measured = { policy: policy === null ? "nil" : toHex(policy) };
    return [rejection("session-policy", "header.policy", measured, { policy: "held here" })];
  }
  return [
    ...sessionPolicyFaults(record, certificate, held.body),
    ...clockFaults(turn, certificate, held.body),
  ];
}

/**
 * The record's own time is its author's claim, or a thief's: what comes after the key's end is not taken for older, and no
 * end counts that lies farther ahead of the own clock than policy lets any session last.
 */
function clockFaults(
  turn: Turn,
  { body }: RecordOf<"session-key">,
  { sessionKeys, clockBoundUs }: Policy,
): readonly Rejection[] {
  const untilUs = body.certified?.untilUs ?? 0;
  const own = ownTime(turn);
  if (own === null || own.earliestUs >= untilUs) {
    const earliestUs = own === null ? "nil" : own.earliestUs;
    return [rejection("session-over", "header.time", { earliestUs }, { untilUs })];
  }
  const [forUs, forUsMax] = [untilUs - own.latestUs, (sessionKeys?.forUs ?? 0) + clockBoundUs];
  return forUs > forUsMax ? [rejection("session-too-long", "untilUs", { forUs }, { forUsMax })] : [];
}

/** A lease keeps its policy, and its first renewal is the device's own word. */
function leaseFaults(turn: Turn, record: AnyRecord): readonly Rejection[] {
  const artifact = artifactOf(record);
  const lease = artifact === null ? undefined : leaseById(turn.agent.provisional, artifact);
  if (lease === undefined) return [];
  const [its, leases] = [record.header.policy, lease.offer.header.policy];
  if (its === null || leases === null || !equalBytes(its, leases)) {
    const measured = { policy: its === null ? "nil" : toHex(its) };
    return [rejection("session-policy", "header.policy", measured, { policy: "that of the lease" })];
  }
  if (record.kind !== "renewal" || !isFirstRenewal(lease, record)) return [];
  return [rejection("session-first-renewal", "header.signerKey", {}, { signer: "the device's own key" })];
}

function isFirstRenewal(lease: Lease, { body }: RecordOf<"renewal">): boolean {
  const { lastRequest, lastRenewal } = lease;
  const isAsked = lastRequest !== null && idText(lastRequest.id) === idText(body.request);
  return isAsked ? asksForFirst(lease, lastRequest) : lastRenewal === null;
}

/** Who asks names the last record of the holder that it saw: before any renewal, its settlement. Both sides go by that. */
export function asksForFirst(
  { holderSettlement }: Pick<Lease, "holderSettlement">,
  { body }: RecordOf<"renewal-request">,
): boolean {
  return equalBytes(body.lastHolderRecord, holderSettlement.id);
}
