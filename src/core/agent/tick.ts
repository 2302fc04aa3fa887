/** What the passing of time brings about: deadlines, endings, requests, re-sending, checkpoints (PROTOCOL §6). */
import { equalBytes, idText } from "../base/bytes.ts";
import { merkleRoot } from "../lineage/merkle.ts";
import type { AnyRecord } from "../record/record.ts";
import { renewalsRunOut } from "../settlement/book.ts";
import { grantEndUs, isOver, type Lease, resumableUntilUs } from "../settlement/lease.ts";
import { emit, enqueue } from "./agent.ts";
import { staysUnassured } from "./assured.ts";
import { tickBeyond } from "./beyond.ts";
import { bounds } from "./bounds.ts";
import { resumeBudgets } from "./budgeting.ts";
import { onHolderSettlement } from "./consumer.ts";
import { endedLink, revokedLink } from "./fallen-link.ts";
import { onAcceptance } from "./holder.ts";
import { keepCountersignature, terminate } from "./holder-lease.ts";
import { tickStandingOffers } from "./offering.ts";
import { nameOutages } from "./outage.ts";
import { takeAcknowledgement } from "./overseeing.ts";
import { centreUs, ownTime } from "./own-evidence.ts";
import { duePending } from "./pending.ts";
import { obeyDirectives, onPreemption } from "./preempting.ts";
import { tickQuarantine } from "./quarantine.ts";
import { flushAggregates } from "./refuse.ts";
import { hasBegun, mayEmit, requestRenewal } from "./renewing.ts";
import { resend } from "./resend.ts";
import { tickSession } from "./session.ts";
import { leave, relinquishLeft } from "./silencing.ts";
import { isPreempted } from "./standing.ts";
import { liveLeases } from "./state.ts";
import type { Turn } from "./turn.ts";
import { considerOffer, giveUpOffer } from "./wishes.ts";

export function tick(turn: Turn): void {
  tickQuarantine(turn);
  tickBeyond(turn);
  expireWaiting(turn);
  retryPending(turn, null);
  obeyDirectives(turn);
  // Before anything new is asked for: an outage of an earlier boot is bounded by the last request of that boot.
  nameOutages(turn);
  for (const lease of liveLeases(turn.agent.provisional)) {
    if (lease.role === "holder") tickHolder(turn, lease);
    else tickConsumer(turn, lease);
  }
  // Silent already: only the record of it found no room in the queue.
  const { armed, mutedBootUs } = turn.agent.volatile;
  if (armed === null && mutedBootUs !== null) relinquishLeft(turn, mutedBootUs);
  attestWhenDue(turn);
  tickSession(turn);
  flushAggregates(turn);
  resumeBudgets(turn);
  tickStandingOffers(turn);
  checkpointWhenDue(turn);
  resend(turn);
}

function expireWaiting(turn: Turn): void {
  const { agent, now } = turn;
  const { waiting, pendingAcceptances, pendingSettlements, pendingDirectives } = agent.volatile;
  for (const map of [waiting, pendingAcceptances, pendingSettlements, pendingDirectives]) {
    for (const [key, { sinceBootUs }] of map) {
      if (now.bootUs - sinceBootUs > bounds.WAITING_US_MAX) map.delete(key);
    }
  }
  for (const pending of agent.volatile.pendingOffers.values()) {
    if (now.bootUs - pending.sinceBootUs > bounds.WAITING_US_MAX) giveUpOffer(turn, pending);
  }
}

/** What waited for documents is looked at again: for one that arrived, or at a tick. */
export function retryPending(turn: Turn, arrived: AnyRecord | null): void {
  const { pendingAcceptances, pendingSettlements, pendingOffers, pendingDirectives } = turn.agent.volatile;
  for (const record of duePending(turn, pendingDirectives, arrived)) onPreemption(turn, record);
  for (const record of duePending(turn, pendingAcceptances, arrived)) onAcceptance(turn, record);
  for (const record of duePending(turn, pendingSettlements, arrived)) onHolderSettlement(turn, record);
  for (const record of duePending(turn, pendingOffers, arrived)) considerOffer(turn, record);
}

/** Bound but not countersigned, confirmed but not effective, run out, or fallen: the holder ends it. */
function tickHolder(turn: Turn, lease: Lease): void {
  const nowUs = centreUs(turn);
  if (isOver(lease) || nowUs === null || turn.agent.volatile.quarantine !== null) return;
  const { confirmByUs, effectiveByUs } = lease.acceptance.body;
  const heard =
    lease.consumerSettlement !== null || turn.agent.volatile.countersigned.has(idText(lease.derived.id));
  const earliestUs = ownTime(turn)?.earliestUs ?? Number.NEGATIVE_INFINITY;
  const fallen =
    revokedLink(turn.agent, lease) ??
    (lease.lastRenewal === null ? null : endedLink(turn.agent, lease, earliestUs));
  if (fallen !== null) terminate(turn, lease, "link-fallen", fallen);
  else if (!heard && nowUs > confirmByUs) terminate(turn, lease, "not-countersigned");
  // Silent because of a directive, and for a while after it: nothing has lapsed, and nobody is late.
  else if (isPreempted(turn, lease) || nowUs <= resumableUntilUs(lease)) return;
  else if (lease.lastRenewal === null && nowUs > effectiveByUs) terminate(turn, lease, "not-effective");
  else if (lease.lastRenewal !== null && hasRunOut(turn, lease))
    terminate(turn, lease, endReason(turn, lease));
  else if (lease.consumerSettlement === null) keepCountersignature(turn, lease);
}

function hasRunOut(turn: Turn, lease: Lease): boolean {
  const { agent, now } = turn;
  const clock = {
    bootId: agent.config.bootId,
    bootUs: now.bootUs,
    earliestUs: ownTime(turn)?.earliestUs ?? null,
  };
  return renewalsRunOut(lease, clock);
}

function endReason(turn: Turn, lease: Lease): "ended" | "lapsed" {
  const earliestUs = ownTime(turn)?.earliestUs ?? 0;
  return earliestUs >= grantEndUs(lease) ? "ended" : "lapsed";
}

function tickConsumer(turn: Turn, lease: Lease): void {
  const { agent } = turn;
  if (isOver(lease) || agent.volatile.leaving.has(idText(lease.derived.id))) return;
  if (revokedLink(agent, lease) !== null) {
    leave(turn, lease, "not-assured");
    return;
  }
  if (takeAcknowledgement(turn, lease)) return;
  const time = ownTime(turn);
  const armed = isArmed(turn, lease);
  if (armed) {
    tickArmed(turn, lease);
    return;
  }
  if (time === null || agent.volatile.quarantine !== null) return;
  const { terms, block } = lease.derived.artifact;
  const dueByUs = Math.max(terms.effectiveByUs, resumableUntilUs(lease));
  if (time.earliestUs >= block.untilUs) leave(turn, lease, "ended");
  else if (isPreempted(turn, lease)) return;
  else if (lease.lastRenewal === null && time.earliestUs > dueByUs + terms.clockBoundUs) {
    leave(turn, lease, "not-effective");
  } else if (hasBegun(turn, lease) && staysUnassured(turn, lease)) leave(turn, lease, "not-assured");
  else requestWhenDue(turn, lease);
}

function isArmed({ agent }: Turn, lease: Lease): boolean {
  const { armed } = agent.volatile;
  return armed !== null && equalBytes(armed.artifact, lease.derived.id);
}

/** RF is on: place and time must still be inside, the outcome verified, and the next renewal asked for in time. */
function tickArmed(turn: Turn, lease: Lease): void {
  const { agent, now } = turn;
  const { armed } = agent.volatile;
  const { terms } = lease.derived.artifact;
  const unverified =
    armed !== null && !armed.verified && now.bootUs - armed.orderedBootUs > terms.verifyWithinUs;
  if (unverified) leave(turn, lease, "radio-failed");
  else if ((ownTime(turn)?.latestUs ?? 0) >= grantEndUs(lease)) leave(turn, lease, "ended");
  else if (!mayEmit(turn, lease)) leave(turn, lease, "not-assured");
  else requestWhenDue(turn, lease);
}

/** A period after the last request, or at once where that one was of another boot. */
function requestWhenDue(turn: Turn, lease: Lease): void {
  const { agent, now } = turn;
  const request = lease.lastRequest;
  const { periodUs, reachUs } = lease.derived.artifact.terms;
  if (request === null || !equalBytes(request.body.bootId, agent.config.bootId)) {
    requestRenewal(turn, lease.derived.id);
    return;
  }
  const answered = isAnswered(turn, lease, request.id);
  const waitUs = answered ? periodUs : reachUs;
  if (now.bootUs - request.body.anchorBootUs >= waitUs) requestRenewal(turn, lease.derived.id);
}

function isAnswered({ agent }: Turn, lease: Lease, request: Uint8Array): boolean {
  const renewal = agent.volatile.unstoredRenewals.get(idText(lease.derived.id)) ?? lease.lastRenewal;
  return renewal !== null && equalBytes(renewal.body.request, request);
}

/** A checkpoint names the counter that the TPM will have after its flush. */
function checkpointWhenDue(turn: Turn): void {
  const { agent } = turn;
  const { config } = agent;
  const state = agent.provisional;
  if (state.key === null || (config.key.akName !== null && state.attestation === null)) return;
  const since = state.nextSeq - (state.checkpoint?.header.seq ?? 0);
  const counter = config.counter ? agent.volatile.counter : null;
  const named = state.checkpoint?.body.tpmCounter ?? null;
  // The next start completes one increment that failed; two would look like another log.
  if (counter !== null && named !== null && counter < named) return;
  // A counter ahead is a rollback that a quarantine answered: until it is named, every start would find it anew.
  const isAhead = counter !== null && named !== null && counter > named;
  // The first one at once: before it, an older copy of the log would look like a new one.
  if (state.checkpoint !== null && since < bounds.CHECKPOINT_EVERY && !isAhead) return;
  const root = merkleRoot(config.primitives.sha256, state.frontier);
  const tpmCounter = counter === null ? null : counter + 1;
  enqueue(turn, "checkpoint", { size: state.nextSeq, root, tpmCounter });
}

/** Once a run, as soon as the lineage has its inception and may be written. */
export function attestWhenDue(turn: Turn): void {
  const { durable, config, volatile } = turn.agent;
  if (durable.key === null || config.key.akName === null || volatile.quarantine !== null) return;
  if (volatile.attesting || volatile.attested || volatile.keyLost !== null) return;
  volatile.attesting = true;
  emit(turn, { kind: "attest", head: turn.agent.provisional.head });
}
