/** The holder's side of settlement: acceptances, countersignatures, renewals, ends (PROTOCOL §6). */

import { chainOf } from "../authority/chain.ts";
import { latestSnapshot } from "../authority/snapshots.ts";
import { equalBytes, idText, sortedUnique } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { bodyOf } from "../pairing/bodies.ts";
import { requiredIds } from "../pairing/candidate.ts";
import type { Evaluation } from "../pairing/evaluate.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import { conflicts } from "../settlement/book.ts";
import type { Lease } from "../settlement/lease.ts";
import { emit, enqueue, lookUp, refused } from "./agent.ts";
import { bodiesOf, inceptions, untrustedDocuments } from "./documents.ts";
import { centreUs, ownPlace, ownTime } from "./own-evidence.ts";
import { keepPending } from "./pending.ts";
import { want } from "./receive.ts";
import { ownPolicy, refuseRecord } from "./refuse.ts";
import { admissionKey, liveLeases } from "./state.ts";
import type { Agent, Turn } from "./turn.ts";

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
    const kept = keepPending(turn, agent.volatile.pendingAcceptances, acceptance, missing);
    if (kept) want(turn, acceptance.header.lineage, missing);
    return;
  }
  settle(turn, offer, acceptance);
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

/** Ids that the acceptance's author has to be asked for: its chain, its attestation. */
function missingDocuments(agent: Agent, acceptance: RecordOf<"acceptance">): readonly Uint8Array[] {
  const { credential, attestation } = acceptance.header;
  const missing: Uint8Array[] = [];
  if (attestation !== null && lookUp(agent, attestation) === undefined) missing.push(attestation);
  if (credential === null) return missing;
  const chain = chainOf(credential, bodiesOf(agent));
  return chain.missing !== null && lookUp(agent, chain.missing) === undefined
    ? [...missing, chain.missing]
    : missing;
}

function settle(
  turn: Turn,
  offer: { readonly record: RecordOf<"offer">; readonly withdrawn: boolean },
  acceptance: RecordOf<"acceptance">,
): void {
  const { agent } = turn;
  const context = contextFor(turn, offer.record, acceptance);
  if (context === null) {
    refused(turn, acceptance.id, [
      rejection("not-assured", "", { time: "none" }, { time: "and place assured" }),
    ]);
    return;
  }
  const gate = holderGates(turn, offer, acceptance);
  const bodies = bodiesOf(agent);
  const evaluation = evaluateUnder(offer.record, acceptance, context, bodies, agent.config.primitives);
  if (!("derived" in evaluation)) {
    refuseOrDefer(turn, acceptance, evaluation, gate);
    return;
  }
  agent.volatile.pendingAcceptances.delete(idText(acceptance.id));
  if (gate.length > 0) {
    refuseRecord(turn, acceptance, gate);
    return;
  }
  admit(turn, acceptance);
  const documents = requiredIds(offer.record, context)
    .map((id) => lookUp(agent, id))
    .filter((each) => each !== undefined);
  const body = {
    offer: offer.record.id,
    acceptance: acceptance.id,
    context,
    artifact: evaluation.derived.id,
  };
  enqueue(turn, "settlement", body, {
    foreign: [...documents, ...inceptions(agent, acceptance, ...documents), acceptance],
    derived: evaluation.derived,
    credential: offer.record.header.credential,
  });
}

function refuseOrDefer(
  turn: Turn,
  acceptance: RecordOf<"acceptance">,
  evaluation: Extract<Evaluation, { verdict: "defer" | "refuse" }>,
  gate: readonly Rejection[],
): void {
  const { pendingAcceptances } = turn.agent.volatile;
  const key = idText(acceptance.id);
  if (evaluation.verdict === "refuse" || gate.length > 0) {
    pendingAcceptances.delete(key);
    refuseRecord(turn, acceptance, [...gate, ...evaluation.findings]);
    return;
  }
  // Said once: a deferral stands until a fresher snapshot comes or the acceptance is dead.
  const before = pendingAcceptances.get(key);
  const kept = keepPending(turn, pendingAcceptances, acceptance, []);
  if (!kept || before?.needs.size === 0) return;
  const body = { subject: acceptance.id, missing: [], deadlineUs: acceptance.body.confirmByUs };
  enqueue(turn, "deferral", body, { foreign: [acceptance] });
}

/** C as this holder sees it now, or null without assured time and place. */
function contextFor(
  turn: Turn,
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
): Context | null {
  const { agent } = turn;
  const [time, place] = [ownTime(turn), ownPlace(turn)];
  if (time === null || place === null) return null;
  const bodies = bodiesOf(agent);
  const seller = chainOf(offer.header.credential, bodies);
  const buyer = chainOf(acceptance.header.credential, bodies);
  const links = [...seller.links, ...buyer.links];
  const snapshots = [...agent.volatile.known.ofKind("status-snapshot")];
  const issuers = sortedUnique(links.map((link) => link.header.lineage));
  const used = issuers.map((issuer) => latestSnapshot(snapshots, issuer)).filter((each) => each !== null);
  const attestations = [offer.header.attestation, acceptance.header.attestation].filter(
    (each) => each !== null,
  );
  return {
    interval: { earliestUs: time.earliestUs, latestUs: time.latestUs },
    holderPlace: clear(place),
    roots: sortedUnique(
      [seller.links.at(-1), buyer.links.at(-1)].flatMap((top) =>
        top === undefined ? [] : [top.header.lineage],
      ),
    ).filter((root) => agent.config.roots.some((trusted) => equalBytes(trusted, root))),
    recognitions: [],
    credentials: sortedUnique(links.map((link) => link.id)),
    snapshots: sortedUnique(used.map((each) => each.id)),
    attestations: sortedUnique(attestations),
    corroborations: [],
    reputations: [],
    budgets: [],
  };
}

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
  const law = ownPolicy(turn);
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
  found.push(...untrustedDocuments(agent, offer.record));
  const schema = bodyOf(bodiesOf(agent), "schema", offer.record.body.schema);
  const clock = {
    bootId: agent.config.bootId,
    bootUs: now.bootUs,
    earliestUs: ownTime(turn)?.earliestUs ?? null,
  };
  const { block } = acceptance.body;
  found.push(...conflicts(block, schema?.body.guardBandHz ?? 0, liveLeases(agent.provisional), clock));
  return found;
}

/** Once a peer and policy. */
function admit(turn: Turn, acceptance: RecordOf<"acceptance">): void {
  const { agent } = turn;
  const peer = acceptance.header.lineage;
  if (agent.provisional.admissions.has(admissionKey(peer, agent.config.policy))) return;
  const peerCredential = acceptance.header.credential;
  if (peerCredential === null) return;
  enqueue(turn, "admission", { peer, peerCredential, verdict: "admitted", findings: [] });
}
