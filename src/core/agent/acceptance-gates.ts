/** What a consumer finds out for itself before its acceptance binds it: the same evaluation, on a draft (PROTOCOL §6). */
import { equalBytes, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { evaluateUnder } from "../pairing/rules-versions.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { isOver } from "../settlement/lease.ts";
import { isDead } from "./consumer.ts";
import { contextOf } from "./context.ts";
import { bodiesOf, missingDocuments } from "./documents.ts";
import { ceilingGate } from "./holdings-gate.ts";
import { unidentified } from "./identified.ts";
import { centreUs, ownTime } from "./own-evidence.ts";
import { policyGate } from "./policies.ts";
import { radioGates } from "./radio-gates.ts";
import { preemptionGate } from "./standing.ts";
import { untrustedDocuments } from "./trusted-documents.ts";
import type { Turn } from "./turn.ts";

export type AcceptanceGates = {
  /** Empty: the offer may be accepted. */
  readonly findings: readonly Rejection[];
  /** Ids to ask the offer's author for; null where nothing that is still to come would change the findings. */
  readonly waitsFor: readonly Uint8Array[] | null;
};

/**
 * Everything that speaks against sending `draft`, an acceptance of `offer` that is signed by nobody yet. What no document
 * can mend is said at once; else documents that are not at hand are named; with all of them the pair is evaluated as the
 * holder will evaluate it.
 */
export function acceptanceGates(
  turn: Turn,
  offer: RecordOf<"offer">,
  draft: RecordOf<"acceptance">,
): AcceptanceGates {
  const { agent } = turn;
  const plain = [
    ...outOfRange(turn, draft),
    ...policyGate(turn, offer, ownTime(turn)?.latestUs ?? 0),
    ...ended(turn, offer),
  ];
  const { block } = draft.body;
  const own = [
    ...plain,
    ...dealtWith(turn, offer),
    ...inUse(turn, offer, block),
    ...radioGates(turn, offer, block),
    ...preemptionGate(turn, offer, block),
    ...ceilingGate(turn, offer, draft),
    ...unidentified(turn, "consumer", offer, draft.header.credential),
  ];
  const missing = missingDocuments(agent, offer);
  if (missing.length > 0 && own.length === 0) return { findings: missing.map(notAtHand), waitsFor: missing };
  const found = [...own, ...untrustedDocuments(turn, offer)];
  const dry = missing.length > 0 ? [] : evaluated(turn, offer, draft);
  const said = new Set(found.map(({ code }) => code));
  return { findings: [...found, ...dry.filter(({ code }) => !said.has(code))], waitsFor: null };
}

function notAtHand(id: Uint8Array): Rejection {
  return rejection("context-incomplete", "offer", { id: toHex(id) }, { kind: "any" });
}

function outOfRange({ agent }: Turn, { body }: RecordOf<"acceptance">): readonly Rejection[] {
  const { radio } = agent.config;
  const { lowerHz, upperHz } = body.block;
  if (radio === null || (lowerHz >= radio.lowestHz && upperHz <= radio.highestHz)) return [];
  const required = { lowestHz: radio.lowestHz, highestHz: radio.highestHz };
  return [rejection("radio-out-of-range", "offer.block", { lowerHz, upperHz }, required)];
}

function ended(turn: Turn, { body }: RecordOf<"offer">): readonly Rejection[] {
  const nowUs = centreUs(turn) ?? 0;
  if (nowUs <= body.endUs) return [];
  return [rejection("offer-ended", "offer.endUs", { nowUs }, { endUs: body.endUs })];
}

/** One pending acceptance, or standing lease, for one offer is enough. */
function dealtWith({ agent }: Turn, offer: RecordOf<"offer">): readonly Rejection[] {
  for (const [id, pending] of agent.provisional.acceptances) {
    if (!equalBytes(pending.offer.id, offer.id)) continue;
    if (agent.provisional.closedAcceptances.has(id)) continue;
    return [rejection("already-accepted", "offer", { acceptance: id }, { acceptances: 0 })];
  }
  return [];
}

/** One radio serves one lease at a time: ending one mutes whatever is on. */
function inUse(turn: Turn, offer: RecordOf<"offer">, { fromUs, untilUs }: Block): readonly Rejection[] {
  const { provisional } = turn.agent;
  for (const [id, pending] of provisional.acceptances) {
    const { block } = pending.record.body;
    if (equalBytes(pending.offer.id, offer.id) || block.fromUs >= untilUs || fromUs >= block.untilUs)
      continue;
    const lease = provisional.leases.get(provisional.leaseOfAcceptance.get(id) ?? "");
    if (lease === undefined ? isDead(turn, pending) : isOver(lease)) continue;
    const required = { notFromUs: block.fromUs, notUntilUs: block.untilUs, acceptance: id };
    return [rejection("radio-busy", "radio", { fromUs, untilUs }, required)];
  }
  return [];
}

/**
 * The evaluation in a context of one's own, with the holder where its offer says. What is deferred there, a fresher
 * status snapshot may mend: the holder names in C those that it uses, and the settlement is evaluated again.
 */
function evaluated(
  turn: Turn,
  offer: RecordOf<"offer">,
  draft: RecordOf<"acceptance">,
): readonly Rejection[] {
  const { agent } = turn;
  const [time, holderPlace] = [ownTime(turn), offer.header.place];
  if (time === null || holderPlace === null) return [];
  const interval = { earliestUs: time.earliestUs, latestUs: time.latestUs };
  const context = contextOf(agent, offer, draft, { interval, holderPlace, budgets: [] });
  const evaluation = evaluateUnder(offer, draft, context, bodiesOf(agent), agent.config.primitives);
  if (evaluation.verdict !== "refuse") return [];
  // The holder's place of this draft is the offer's own, which is judged under its own name.
  return evaluation.findings.filter(({ field }) => field !== "context.holderPlace");
}
