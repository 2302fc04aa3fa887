/** The holder's side of settlement: acceptances, countersignatures, renewals, ends (PROTOCOL §6). */
import { idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { bodyOf } from "../pairing/bodies.ts";
import { requiredIds } from "../pairing/candidate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import { conflicts } from "../settlement/book.ts";
import { NO_SPACING } from "../settlement/collision.ts";
import type { Lease } from "../settlement/lease.ts";
import { emit, enqueue, lookUp, refused } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { budgetGate, resumeBudgets, statementsOf, suspendExhausted, type Use, usesOf } from "./budgeting.ts";
import { contextOf } from "./context.ts";
import { admit } from "./corroborating.ts";
import { awaitedIssuers, awaitedParties, deferRecord } from "./deferring.ts";
import { bodiesOf, missingDocuments } from "./documents.ts";
import { ceilingGate } from "./holdings-gate.ts";
import { unidentified } from "./identified.ts";
import { centreUs, ownPlace, ownTime } from "./own-evidence.ts";
import { keepPending } from "./pending.ts";
import { pairPolicy, pairPolicyId, policyGate } from "./policies.ts";
import { refuseRecord } from "./refuse.ts";
import { preemptionGate } from "./standing.ts";
import { liveLeases } from "./state.ts";
import { untrustedDocuments } from "./trusted-documents.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

/** A signed acceptance of one of our offers: settled, refused, deferred, or answered again. */
export function onAcceptance(turn: Turn, acceptance: RecordOf<"acceptance">): void {
  const { agent } = turn;
  const key = idText(acceptance.id);
  const settled = agent.durable.leaseOfAcceptance.get(key);
  if (settled !== undefined) {
    answerAgain(turn, agent.durable.leases.get(settled));
    return;
  }
  const rejected = agent.durable.rejections.get(key);
  if (rejected !== undefined) {
    emit(turn, {
      kind: "publish",
      route: { to: "agent", lineage: acceptance.header.lineage },
      record: rejected,
    });
    return;
  }
  if (agent.provisional.leaseOfAcceptance.has(key) || agent.provisional.closedAcceptances.has(key)) return;
  const offer = agent.provisional.offers.get(idText(acceptance.body.offer));
  if (offer === undefined) return;
  if (agent.volatile.quarantine !== null) {
    refused(turn, acceptance.id, [rejection("quarantine", "", {}, { state: "no quarantine" })]);
    return;
  }
  const missing = missingDocuments(agent, acceptance);
  if (missing.length > 0) {
    waitForDocuments(turn, acceptance, missing);
    return;
  }
  settle(turn, offer, acceptance);
}

/** What comes within a look is not worth a record; after it, the deferral says what is waited for. */
function waitForDocuments(
  turn: Turn,
  acceptance: RecordOf<"acceptance">,
  missing: readonly Uint8Array[],
): void {
  const { pendingAcceptances } = turn.agent.volatile;
  const sinceBootUs = pendingAcceptances.get(idText(acceptance.id))?.sinceBootUs ?? turn.now.bootUs;
  if (!keepPending(turn, pendingAcceptances, acceptance, missing)) return;
  want(turn, acceptance.header.lineage, missing);
  if (turn.now.bootUs - sinceBootUs >= bounds.LOOK_AGAIN_US) deferRecord(turn, acceptance, missing);
}

/** The settlement of the pair, and its termination where there is one, whatever the reason. */
function answerAgain(turn: Turn, lease: Lease | undefined): void {
  if (lease === undefined) return;
  const { holderSettlement, termination } = lease;
  const route = { to: "agent", lineage: lease.acceptance.header.lineage } as const;
  // Before its end too: who never heard of the binding has to store what was ended.
  emit(turn, { kind: "publish", route, record: holderSettlement });
  if (termination !== null) emit(turn, { kind: "publish", route, record: termination });
}

function settle(
  turn: Turn,
  offer: { readonly record: RecordOf<"offer">; readonly withdrawn: boolean },
  acceptance: RecordOf<"acceptance">,
): void {
  const { agent } = turn;
  const { pendingAcceptances } = agent.volatile;
  resumeBudgets(turn);
  const uses = usesOf(turn, {
    deed: "settlement",
    credential: offer.record.header.credential,
    offer: offer.record.body,
    block: acceptance.body.block,
  });
  const context = contextFor(turn, { offer: offer.record, acceptance, uses });
  if (context === null) {
    refused(turn, acceptance.id, [
      rejection("not-assured", "", { time: "none" }, { time: "and place assured" }),
    ]);
    return;
  }
  const gate = [...holderGates(turn, offer, acceptance), ...budgetGate(turn, uses)];
  const bodies = bodiesOf(agent);
  const evaluation = evaluateUnder(offer.record, acceptance, context, bodies, agent.config.primitives);
  if (!("derived" in evaluation)) {
    if (evaluation.verdict === "defer" && gate.length === 0) {
      const issuers = [
        ...awaitedIssuers(agent, offer.record, acceptance, context),
        ...awaitedParties(evaluation.findings, acceptance),
      ];
      // A deferral stands until a fresher snapshot comes or the acceptance is dead.
      if (keepPending(turn, pendingAcceptances, acceptance, issuers)) deferRecord(turn, acceptance, issuers);
      return;
    }
    pendingAcceptances.delete(idText(acceptance.id));
    refuseRecord(turn, acceptance, [...gate, ...evaluation.findings]);
    return;
  }
  pendingAcceptances.delete(idText(acceptance.id));
  if (gate.length > 0) {
    refuseRecord(turn, acceptance, gate);
    suspendExhausted(turn, uses);
    return;
  }
  const policy = pairPolicyId(turn, offer.record);
  admit(turn, acceptance, policy);
  const documents = requiredIds(offer.record, context)
    .map((id) => lookUp(agent, id))
    .filter((each) => each !== undefined);
  const body = {
    offer: offer.record.id,
    acceptance: acceptance.id,
    context,
    artifact: evaluation.derived.id,
    identifiers: clear(agent.config.identifiers ?? []),
  };
  enqueue(turn, "settlement", body, {
    foreign: [...documents, acceptance],
    derived: evaluation.derived,
    credential: offer.record.header.credential,
    policy,
  });
  suspendExhausted(turn, uses);
}

/** C as this holder sees it now, or null without assured time and place. */
function contextFor(turn: Turn, { offer, acceptance, uses }: Bound): Context | null {
  const { agent } = turn;
  const [time, place] = [ownTime(turn), ownPlace(turn)];
  if (time === null || place === null) return null;
  const interval = { earliestUs: time.earliestUs, latestUs: time.latestUs };
  const budgets = statementsOf(turn, uses);
  return contextOf(agent, offer, acceptance, { interval, holderPlace: clear(place), budgets });
}

type Bound = {
  readonly offer: RecordOf<"offer">;
  readonly acceptance: RecordOf<"acceptance">;
  readonly uses: readonly Use[];
};

/** What only this holder can know: they can refuse, and never enter the artifact's bytes. */
function holderGates(
  turn: Turn,
  offer: { readonly record: RecordOf<"offer">; readonly withdrawn: boolean },
  acceptance: RecordOf<"acceptance">,
): readonly Rejection[] {
  const { agent, now } = turn;
  const found: Rejection[] = [];
  if (offer.withdrawn) found.push(rejection("withdrawn", "acceptance.offer", {}, { offer: "not withdrawn" }));
  const nowUs = centreUs(turn) ?? 0;
  const { confirmByUs } = acceptance.body;
  if (nowUs > confirmByUs) {
    found.push(rejection("confirm-by-passed", "acceptance.confirmByUs", { nowUs }, { confirmByUs }));
  }
  const law = pairPolicy(turn, offer.record);
  if (
    acceptance.body.block.exclusive &&
    agent.provisional.headUnconfirmed &&
    law?.allocateUnconfirmed !== true
  ) {
    const required = { head: "confirmed by a peer after the quarantine" };
    found.push(
      rejection("head-unconfirmed", "acceptance.block.exclusive", { head: "unconfirmed" }, required),
    );
  }
  const untilUs = ownTime(turn)?.latestUs ?? nowUs;
  found.push(...policyGate(turn, offer.record, untilUs));
  found.push(...untrustedDocuments(turn, offer.record), ...ceilingGate(turn, offer.record, acceptance));
  found.push(...unidentified(turn, "holder", offer.record, offer.record.header.credential));
  const schema = bodyOf(bodiesOf(agent), "schema", offer.record.body.schema);
  const clock = {
    bootId: agent.config.bootId,
    bootUs: now.bootUs,
    earliestUs: ownTime(turn)?.earliestUs ?? null,
  };
  const { block } = acceptance.body;
  found.push(...preemptionGate(turn, offer.record, block));
  found.push(...conflicts(block, schema?.body ?? NO_SPACING, liveLeases(agent.provisional), clock));
  return found;
}
