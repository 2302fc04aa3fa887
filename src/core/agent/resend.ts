/** The outbox is derived from the log: what the peer has not answered yet is sent again, ever more rarely (PROTOCOL §2). */
import { equalBytes, idText } from "../base/bytes.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { isOver, type Lease } from "../settlement/lease.ts";
import { emit, lookUp } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { isDead } from "./consumer.ts";
import { put } from "./known.ts";
import { awaitsAcknowledgement, overseerOfLease } from "./overseen.ts";
import { isPreempted } from "./standing.ts";
import { liveLeases, openAcceptances } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Sends what is due. Only flushed records: an unsigned one has no signature to send. */
export function resend(turn: Turn): void {
  const { durable } = turn.agent;
  for (const pending of openAcceptances(durable)) {
    // A dead one too: the holder may have bound it unheard, and says its termination only when asked.
    const longestUs = isDead(turn, pending) ? bounds.RESEND_DEAD_LAST_US : bounds.RESEND_LAST_US;
    sendWhenDue(turn, pending.record, pending.offer.header.lineage, longestUs);
  }
  for (const lease of liveLeases(durable)) {
    if (lease.role === "holder") resendAsHolder(turn, lease);
    else resendAsConsumer(turn, lease);
  }
}

/** Until the countersignature, the settlement. A termination is only said again when asked. */
function resendAsHolder(turn: Turn, lease: Lease): void {
  const heard = turn.agent.volatile.countersigned.has(idText(lease.derived.id));
  if (isOver(lease) || lease.consumerSettlement !== null || heard) return;
  sendWhenDue(turn, lease.holderSettlement, lease.acceptance.header.lineage);
}

/** Until the first renewal, the countersignature; until its answer, the request; until the termination, the relinquishment. */
function resendAsConsumer(turn: Turn, lease: Lease): void {
  const holder = lease.offer.header.lineage;
  if (lease.relinquishment !== null) {
    if (lease.termination === null) sendWhenDue(turn, lease.relinquishment, holder);
    return;
  }
  if (lease.termination !== null) return;
  const overseer = awaitsAcknowledgement(lease) ? overseerOfLease(lease) : null;
  // Who waits for its word asks: the holder gave its notice once.
  if (overseer !== null) sendWhenDue(turn, lease.holderSettlement, overseer);
  const key = idText(lease.derived.id);
  if (lease.lastRenewal === null && lease.consumerSettlement !== null)
    sendWhenDue(turn, lease.consumerSettlement, holder);
  const request = lease.lastRequest;
  // Nobody answers while a directive stands.
  if (isPreempted(turn, lease)) return;
  // A newer one is queued already, and took the renewal that answered this one along.
  if (turn.agent.provisional.leases.get(key)?.lastRequest?.id !== request?.id) return;
  const answered = turn.agent.volatile.unstoredRenewals.get(key) ?? lease.lastRenewal;
  if (request !== null && !answers(answered, request)) sendWhenDue(turn, request, holder);
}

function answers(renewal: RecordOf<"renewal"> | null, request: RecordOf<"renewal-request">): boolean {
  return renewal !== null && equalBytes(renewal.body.request, request.id);
}

function sendWhenDue(
  turn: Turn,
  record: AnyRecord,
  lineage: Uint8Array,
  longestUs: number = bounds.RESEND_LAST_US,
): void {
  const { sent } = turn.agent.volatile;
  const key = idText(record.id);
  const last = sent.get(key);
  if (last !== undefined && turn.now.bootUs < last.atBootUs + last.pauseUs) return;
  const pauseUs = last === undefined ? bounds.RESEND_FIRST_US : Math.min(last.pauseUs * 2, longestUs);
  put(sent, key, { atBootUs: turn.now.bootUs, pauseUs }, bounds.SEEN_MAX);
  put(turn.agent.volatile.given, key, { record, lineage }, bounds.GIVEN_RECORDS_MAX);
  // Who has not answered once may never have met us: what the record stands on travels along.
  if (last === undefined || pauseUs >= 4 * bounds.RESEND_FIRST_US) introduce(turn, record, lineage);
  emit(turn, { kind: "publish", route: { to: "agent", lineage }, record });
}

/** Sends `record` for the first time, after what it stands on. */
export function sendNow(turn: Turn, record: AnyRecord, lineage: Uint8Array): void {
  sendWhenDue(turn, record, lineage);
}

/** First contact needs no session: own inception, chain and attestation travel ahead (PROTOCOL §8). */
function introduce(turn: Turn, record: AnyRecord, lineage: Uint8Array): void {
  if (record.kind !== "acceptance" && record.kind !== "settlement") return;
  const { agent } = turn;
  const own = agent.durable;
  const companions: (AnyRecord | undefined | null)[] = [
    own.inception,
    own.attestation,
    own.sessions.at(-1)?.certificate,
  ];
  let next = record.header.credential;
  for (let i = 0; next !== null && i < 5; i++) {
    const link = lookUp(agent, next);
    companions.push(link);
    next = link?.kind === "credential" ? link.body.parent : null;
  }
  for (const each of companions) {
    if (each === undefined || each === null || each.envelope.signatures.length === 0) continue;
    emit(turn, { kind: "publish", route: { to: "agent", lineage }, record: each });
  }
}
