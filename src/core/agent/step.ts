/** One input becomes effects: the only entrance to an agent (DESIGN §2). */
import { assert, unreachable } from "../base/assert.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import { rejection } from "../base/rejection.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { isInception } from "../record/signing-key.ts";
import { isWant, readWant } from "../wire/want.ts";
import { acceptOffer } from "./accepting.ts";
import { afterAppend } from "./after-append.ts";
import { applyTo, count, credentialFor, dropQueue, emit, enqueue } from "./agent.ts";
import { isOwn, type Origin } from "./author-keys.ts";
import { beginShown, checkBeyond } from "./beyond.ts";
import { bounds } from "./bounds.ts";
import { onHolderSettlement, onRejection } from "./consumer.ts";
import { askForChains, askForEarlier } from "./corroborating.ts";
import type { Effect } from "./effect.ts";
import { onAcceptance } from "./holder.ts";
import { onCountersignature, onRelinquishment, onRenewalRequest, terminate } from "./holder-lease.ts";
import type { Command, CommandAnswer, Input, Now } from "./input.ts";
import { makeOffer, withdrawOffer } from "./offering.ts";
import { onFix, onGnssLost } from "./on-fix.ts";
import { onAcknowledgement } from "./overseeing.ts";
import { centreUs } from "./own-evidence.ts";
import { missingPolicy, ownPolicy } from "./policies.ts";
import { onLeaseState, onPreemption, reconsiderDirectives } from "./preempting.ts";
import { beginQuarantine, quarantineAfterLoss } from "./quarantine.ts";
import { overdue, receive, released } from "./receive.ts";
import { onRenewal } from "./renewing.ts";
import { serve } from "./serve.ts";
import { onOwnRecord, onSessionKeyMade } from "./session.ts";
import { leave, onRadio, onTermination } from "./silencing.ts";
import { leaseById } from "./state.ts";
import { attestWhenDue, retryPending, tick } from "./tick.ts";
import type { Agent, Turn } from "./turn.ts";
import { want } from "./want.ts";
import { considerOffer } from "./wishes.ts";

/** Changes the agent in place; the effects are to be performed in order. */
export function step(agent: Agent, input: Input, now: Now): readonly Effect[] {
  const turn: Turn = { agent, now, effects: [] };
  dispatch(turn, input);
  return turn.effects;
}

function dispatch(turn: Turn, input: Input): void {
  switch (input.kind) {
    case "started":
      onStarted(turn, input);
      break;
    case "fix":
      onFix(turn, input);
      tick(turn);
      break;
    case "gnss-lost":
      onGnssLost(turn, input);
      break;
    case "message":
      onMessage(turn, input.bytes, "peer");
      break;
    case "document":
      if (input.stored === true) recall(turn, input.bytes);
      else onMessage(turn, input.bytes, "operator");
      break;
    case "appended":
      onAppended(turn, input);
      break;
    case "queue-lost":
      dropQueue(turn.agent);
      muteAfterLoss(turn, input.reason);
      if (input.lost !== null) quarantineAfterLoss(turn, input.lost);
      checkBeyond(turn);
      break;
    case "key-lost":
      turn.agent.volatile.keyLost = input.reason;
      dropQueue(turn.agent);
      muteAfterLoss(turn, input.reason);
      break;
    case "key-back":
      turn.agent.volatile.keyLost = null;
      break;
    case "attested":
      turn.agent.volatile.attesting = false;
      turn.agent.volatile.attested = enqueue(turn, "attestation", input.evidence) !== null;
      break;
    case "not-attested":
      turn.agent.volatile.attesting = false;
      break;
    case "session-key-made":
      onSessionKeyMade(turn, input.publicKey);
      break;
    case "mesh-up":
      introduceSelf(turn);
      break;
    case "counted":
      turn.agent.volatile.counter = input.counter;
      break;
    case "radio":
      onRadio(turn, input);
      break;
    case "command":
      emit(turn, { kind: "answer", ticket: input.ticket, answer: onCommand(turn, input.command) });
      break;
    case "tick":
      for (const bytes of overdue(turn)) onMessage(turn, bytes, "peer");
      tick(turn);
      break;
    default:
      unreachable(input);
  }
}

/** A broker that was away, or is new, has nothing retained of us. */
function introduceSelf(turn: Turn): void {
  const { durable } = turn.agent;
  if (durable.inception !== null)
    emit(turn, { kind: "publish", route: { to: "identity" }, record: durable.inception });
  const nowUs = centreUs(turn);
  for (const { record, withdrawn } of durable.offers.values()) {
    if (withdrawn || nowUs === null || nowUs > record.body.endUs) continue;
    const { eligibilityClass } = record.body.eligibility;
    emit(turn, { kind: "publish", route: { to: "class", eligibilityClass, kind: "offer" }, record });
  }
}

function onStarted(turn: Turn, input: Extract<Input, { kind: "started" }>): void {
  const { agent } = turn;
  const { checkpoint, key } = agent.durable;
  assert(key !== null, "an agent starts with its inception written");
  agent.volatile.counter = input.tpmCounter;
  agent.volatile.startedBootUs = turn.now.bootUs;
  agent.volatile.startedSeq = agent.durable.nextSeq;
  emit(turn, { kind: "mute", reason: "started" });
  const named = checkpoint?.body.tpmCounter ?? null;
  if (input.quarantine !== null) beginShown(turn, input.quarantine);
  if (named === null || input.tpmCounter === null) {
    attestWhenDue(turn);
    return;
  }
  // One behind: the flush came through and the increment did not. Anything else is another log, or another TPM.
  if (input.tpmCounter === named - 1) emit(turn, { kind: "count" });
  else if (input.tpmCounter !== named) {
    beginQuarantine(turn, `the TPM's counter is ${input.tpmCounter}, the last checkpoint names ${named}`);
  }
  attestWhenDue(turn);
}

/** Nothing unappended left the process, so a lost queue is no unclean start: silence, and on from what is flushed. */
function muteAfterLoss(turn: Turn, reason: string): void {
  const { volatile } = turn.agent;
  volatile.armed = null;
  volatile.attesting = false;
  volatile.attested = false;
  emit(turn, { kind: "mute", reason });
}

function onMessage(turn: Turn, bytes: Uint8Array, origin: Origin): void {
  if (isWant(bytes)) {
    const want = readWant(bytes);
    if (want.ok) serve(turn, want.value);
    else count(turn, "want-malformed");
    return;
  }
  const record = receive(turn, bytes, origin);
  if (record !== null) onRecord(turn, record);
}

/** A record of the own log fills the caches again and brings nothing about: it did when it was stored. */
function recall(turn: Turn, bytes: Uint8Array): void {
  const record = receive(turn, bytes, "log");
  if (record === null || !(isInception(record) || record.kind === "key-rotation")) return;
  for (const waiting of released(turn, record.header.lineage)) receive(turn, waiting, "log");
}

function onRecord(turn: Turn, record: AnyRecord): void {
  if (isOwn(turn, record)) {
    onOwnRecord(turn, record);
    return;
  }
  switch (record.kind) {
    case "key-event":
    case "threshold-inception":
    case "key-rotation":
      for (const bytes of released(turn, record.header.lineage)) onMessage(turn, bytes, "peer");
      return;
    case "attestation":
      askForEarlier(turn, record, ownPolicy(turn));
      retryPending(turn, record);
      return;
    case "admission":
    case "credential":
      askForChains(turn, ownPolicy(turn));
      retryPending(turn, record);
      return;
    case "recognition":
    case "policy":
    case "schema":
    case "status-snapshot":
      if (record.kind === "recognition") reconsiderDirectives(turn, record);
      retryPending(turn, record);
      return;
    case "offer":
      askForPolicy(turn, record);
      considerOffer(turn, record);
      return;
    case "acceptance":
      onAcceptance(turn, record);
      return;
    case "settlement":
      onHolderSettlement(turn, record);
      onCountersignature(turn, record);
      return;
    case "renewal-request":
      onRenewalRequest(turn, record);
      return;
    case "renewal":
      onRenewal(turn, record);
      return;
    case "lease-termination":
      onTermination(turn, record);
      return;
    case "relinquishment":
      onRelinquishment(turn, record);
      return;
    case "acknowledgement":
      onAcknowledgement(turn, record);
      return;
    case "rejection":
      onRejection(turn, record);
      return;
    case "preemption":
      onPreemption(turn, record);
      return;
    case "lease-state":
      onLeaseState(turn, record);
      return;
    default:
      return;
  }
}

function askForPolicy(turn: Turn, offer: RecordOf<"offer">): void {
  const missing = missingPolicy(turn, offer);
  if (missing !== null) want(turn, offer.header.lineage, [missing], bounds.OFFER_WANTS_PER_SECOND);
}

/** The queue's first record is durable: it changes the durable state, and only now goes out or switches anything. */
function onAppended(turn: Turn, { id, envelope }: Extract<Input, { kind: "appended" }>): void {
  const { agent } = turn;
  const first = agent.queue.shift();
  assert(
    first !== undefined && equalBytes(first.draft.record.id, id),
    "records become durable in the queue's order",
  );
  const record = { ...first.draft.record, envelope } as AnyRecord;
  applyTo(agent, agent.durable, { record, foreign: first.draft.foreign }, first.derived);
  emit(turn, { kind: "note", event: { what: "record", record } });
  afterAppend(turn, record);
}

function onCommand(turn: Turn, command: Command): CommandAnswer {
  const { agent } = turn;
  if (agent.volatile.quarantine !== null) {
    return { ok: false, rejections: [rejection("quarantine", "", {}, { state: "no quarantine" })] };
  }
  const { keyLost } = agent.volatile;
  if (keyLost !== null) {
    const found = rejection("key-lost", "", { reason: keyLost }, { state: "the signing key answers" });
    return { ok: false, rejections: [found] };
  }
  switch (command.verb) {
    case "offer":
      return makeOffer(turn, command.offer, credentialFor(agent, "allocate"));
    case "withdraw":
      return withdrawOffer(turn, command.offer, command.reason);
    case "accept":
      return acceptOffer(turn, command.accept);
    case "relinquish":
    case "terminate":
      return endLease(turn, command);
    default:
      return unreachable(command);
  }
}

function endLease(
  turn: Turn,
  { verb, artifact }: Extract<Command, { verb: "relinquish" | "terminate" }>,
): CommandAnswer {
  const lease = leaseById(turn.agent.provisional, artifact);
  const role = verb === "relinquish" ? "consumer" : "holder";
  if (lease === undefined || lease.role !== role) {
    const found = rejection("lease-unknown", "artifact", { artifact: toHex(artifact) }, { role });
    return { ok: false, rejections: [found] };
  }
  if (verb === "relinquish") leave(turn, lease, "operator");
  else if (lease.termination === null) terminate(turn, lease, "operator");
  return { ok: true, record: artifact };
}
