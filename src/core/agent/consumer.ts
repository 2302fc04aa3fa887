/** The consumer's side of settlement: confirming, and what the holder answers (PROTOCOL §6). */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { assemble, requiredIds } from "../pairing/candidate.ts";
import { underRoots } from "../pairing/checks/entitlement.ts";
import type { Evaluation } from "../pairing/evaluate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import type { TimeEvidence } from "../record/shared-fields.ts";
import { emit, enqueue, lookUp, refused } from "./agent.ts";
import { budgetsSeen } from "./budget-witness.ts";
import { admit, asksForOthers } from "./corroborating.ts";
import { bodiesOf } from "./documents.ts";
import { unidentifiedPeer } from "./identified.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { keepPending } from "./pending.ts";
import { pairPolicy, pairPolicyId, policyGate } from "./policies.ts";
import { fitting, refuseRecord } from "./refuse.ts";
import { requestRenewal } from "./renewing.ts";
import { preemptionGate } from "./standing.ts";
import type { OwnAcceptance } from "./state.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

/** The holder's settlement of an acceptance of ours. */
export function onHolderSettlement(turn: Turn, settlement: RecordOf<"settlement">): void {
  const { agent } = turn;
  const pending = agent.provisional.acceptances.get(idText(settlement.body.acceptance));
  if (pending === undefined || !equalBytes(pending.offer.header.lineage, settlement.header.lineage)) return;
  const key = idText(settlement.body.artifact);
  const standing = agent.durable.leases.get(key);
  if (standing !== undefined) {
    sayAgain(turn, standing.consumerSettlement, settlement.header.lineage);
    sayAgain(turn, standing.relinquishment, settlement.header.lineage);
    return;
  }
  if (agent.provisional.leaseOfAcceptance.has(idText(pending.record.id)) || isDead(turn, pending)) return;
  // Refused by a record: that word stands, whatever a better fix would say now.
  if (agent.provisional.closedAcceptances.has(idText(settlement.id))) return;
  // Without time and place nothing can be countersigned yet; the holder says it again until confirmBy.
  const time = ownTime(turn);
  if (agent.volatile.quarantine !== null || time === null || ownPlace(turn) === null) return;
  const missing = requiredIds(pending.offer, settlement.body.context).filter(
    (id) => lookUp(agent, id) === undefined,
  );
  if (missing.length > 0) {
    const kept = keepPending(turn, agent.volatile.pendingSettlements, settlement, missing);
    if (kept) want(turn, settlement.header.lineage, missing.slice(0, 16));
    return;
  }
  agent.volatile.pendingSettlements.delete(idText(settlement.id));
  countersign(turn, pending, settlement, time);
}

function sayAgain(turn: Turn, record: AnyRecord | null, lineage: Uint8Array): void {
  if (record !== null) emit(turn, { kind: "publish", route: { to: "agent", lineage }, record });
}

/** Dead once the earliest edge of the own time has passed confirmBy: from then on only a termination may come. */
export function isDead(turn: Turn, { record }: OwnAcceptance): boolean {
  const { closedAcceptances } = turn.agent.provisional;
  if (closedAcceptances.has(idText(record.id))) return true;
  const time = ownTime(turn);
  return time !== null && time.earliestUs > record.body.confirmByUs;
}

/** The same bytes or nothing: both sides derive the artifact. */
function countersign(
  turn: Turn,
  pending: OwnAcceptance,
  settlement: RecordOf<"settlement">,
  time: TimeEvidence,
): void {
  const { agent } = turn;
  const { offer, record: acceptance } = pending;
  const { context } = settlement.body;
  const gate = settlementGates(turn, pending, settlement, time);
  const evaluation: Evaluation = evaluateUnder(
    offer,
    acceptance,
    context,
    bodiesOf(agent),
    agent.config.primitives,
  );
  if (!("derived" in evaluation)) {
    refuseRecord(turn, settlement, [...gate, ...evaluation.findings]);
    return;
  }
  if (!equalBytes(evaluation.derived.id, settlement.body.artifact)) {
    const measured = { artifact: toHex(settlement.body.artifact) };
    gate.push(
      rejection("artifact-mismatch", "settlement.artifact", measured, {
        artifact: toHex(evaluation.derived.id),
      }),
    );
  }
  if (gate.length > 0) {
    refuseRecord(turn, settlement, gate);
    return;
  }
  const documents = requiredIds(offer, context)
    .map((id) => lookUp(agent, id))
    .filter((each) => each !== undefined);
  const law = pairPolicy(turn, offer);
  if (law !== null && asksForOthers(law)) admit(turn, settlement, pairPolicyId(turn, offer));
  const body = { ...settlement.body, identifiers: clear(agent.config.identifiers ?? []) };
  const made = enqueue(turn, "settlement", body, {
    foreign: [...documents, offer, settlement],
    derived: evaluation.derived,
    credential: acceptance.header.credential,
    policy: pairPolicyId(turn, offer),
  });
  // Successors may chain while the signature is awaited.
  if (made !== null) requestRenewal(turn, settlement.body.artifact);
}

/** The consumer's own gates on the holder's context: it may only refuse. */
function settlementGates(
  turn: Turn,
  pending: OwnAcceptance,
  settlement: RecordOf<"settlement">,
  time: TimeEvidence,
): Rejection[] {
  const { offer } = pending;
  const { body } = settlement;
  const pair = { offer, acceptance: pending.record };
  const found: Rejection[] = [
    ...budgetsSeen(turn, pending, settlement),
    ...policyGate(turn, offer, body.context.interval.latestUs),
    ...preemptionGate(turn, offer, pending.record.body.block),
    ...unidentifiedPeer(turn, "holder", pair, settlement),
  ];
  const policy = pairPolicy(turn, offer);
  const { interval } = body.context;
  const skewMaxUs = policy?.contextSkewMaxUs ?? 0;
  if (!equalBytes(body.offer, offer.id)) {
    const measured = { offer: toHex(body.offer) };
    found.push(rejection("artifact-mismatch", "settlement.offer", measured, { offer: toHex(offer.id) }));
  }
  if (interval.earliestUs - skewMaxUs > time.latestUs || interval.latestUs + skewMaxUs < time.earliestUs) {
    const measured = { earliestUs: interval.earliestUs, latestUs: interval.latestUs };
    const required = { earliestUs: time.earliestUs, latestUs: time.latestUs, skewMaxUs };
    found.push(rejection("context-interval", "settlement.context.interval", measured, required));
  }
  found.push(...rootGate(turn, pending, settlement));
  return found;
}

/**
 * The context's roots are those that the holder trusts. Where the own ones are others, both chains have to stand under
 * them too, by the recognitions in the context: what is in none of its lists is in nobody's copy of the settlement.
 */
function rootGate(
  { agent }: Turn,
  { offer, record: acceptance }: OwnAcceptance,
  { body: { context } }: RecordOf<"settlement">,
): readonly Rejection[] {
  const own = agent.config.roots;
  const isAmong = (roots: readonly Uint8Array[], root: Uint8Array): boolean =>
    roots.some((each) => equalBytes(each, root));
  const foreign = context.roots.filter((root) => !isAmong(own, root));
  if (foreign.length === 0) return [];
  const pair = assemble(offer, acceptance, context, bodiesOf(agent));
  const chains = pair.ok ? [pair.value.sellerChain, pair.value.buyerChain] : [];
  const tops = chains.flatMap(({ links }) => links.at(-1)?.header.lineage ?? []);
  if (pair.ok && foreign.every((root) => isAmong(tops, root))) return underRoots(pair.value, own);
  const measured = { roots: context.roots.length };
  return [rejection("root-untrusted", "settlement.context.roots", measured, { roots: "trusted here" })];
}

/** The holder refused an acceptance of ours: it is closed here too. */
export function onRejection(turn: Turn, record: RecordOf<"rejection">): void {
  const { agent } = turn;
  const subject = record.body.subject;
  const pending = subject === null ? undefined : agent.provisional.acceptances.get(idText(subject));
  if (pending === undefined || subject === null) return;
  const fromHolder = equalBytes(pending.offer.header.lineage, record.header.lineage);
  const settled = agent.provisional.leaseOfAcceptance.has(idText(subject));
  if (!fromHolder || settled || agent.provisional.closedAcceptances.has(idText(subject))) return;
  refused(turn, subject, record.body.findings);
  const { findings, profile, profiles, consequence, retryAfterUs } = record.body;
  const peer = record.header.lineage;
  // As its author fitted them: both records hold the same.
  const kept = fitting(findings);
  const body = {
    subject,
    peer,
    findings: kept,
    profile,
    profiles: profiles.slice(0, kept.length),
    consequence,
    retryAfterUs,
    count: 1,
  };
  enqueue(turn, "rejection", body, { foreign: [record] });
}
