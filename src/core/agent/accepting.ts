/** The consumer accepts an offer, by command or by a standing wish (PROTOCOL §6 Bodies). */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { answers } from "../pairing/rules/rules.ts";
import { RULES_VERSION } from "../pairing/rules-versions.ts";
import type { Acceptance, Holding } from "../record/kinds/acceptance.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { isOver } from "../settlement/lease.ts";
import { signedBytes } from "../wire/envelope.ts";
import { credentialFor, enqueue, lookUp, ownLineage, refused } from "./agent.ts";
import type { Wish } from "./config.ts";
import { isDead } from "./consumer.ts";
import { inceptions, untrustedDocuments } from "./documents.ts";
import type { AcceptCommand, CommandAnswer } from "./input.ts";
import { centreUs, ownPlace, ownTime } from "./own-evidence.ts";
import { radioGates } from "./radio-gates.ts";
import { ownPolicy } from "./refuse.ts";
import type { Turn } from "./turn.ts";

/** From acceptance to the deadline for the countersignature, and from there to the first renewal (PROTOCOL §6 Bodies). */
const CONFIRM_WITHIN_US = 30_000_000;
const EFFECTIVE_WITHIN_US = 30_000_000;

/** Accepts an offer that was heard. Refused by the own gates unless `insist`; RF is never insisted on. */
export function acceptOffer(turn: Turn, command: AcceptCommand): CommandAnswer {
  const { agent } = turn;
  const offer = lookUp(agent, command.offer);
  if (offer?.kind !== "offer")
    return no(rejection("offer-unknown", "offer", { offer: toHex(command.offer) }, { offer: "heard" }));
  const radio = agent.config.radio;
  if (radio === null) return no(rejection("radio-missing", "radio", {}, { radio: "in the profile" }));
  const credential = credentialFor(agent, "acquire");
  if (credential === null) return no(rejection("not-entitled", "credential", {}, { verb: "acquire" }));
  const body = acceptanceBody(turn, offer, command.block ?? offer.body.block);
  if (body === null)
    return no(
      rejection("not-assured", "", { time: "or place missing" }, { time: "assured", place: "assured" }),
    );
  const gate = consumerGates(turn, offer, body);
  if (gate.length > 0 && !command.insist) return { ok: false, rejections: gate };
  const made = enqueue(turn, "acceptance", body, {
    foreign: [offer, ...inceptions(agent, offer)],
    credential,
  });
  if (made === null)
    return no(rejection("queue-full", "", {}, { state: "room in the signing queue, no quarantine" }));
  return { ok: true, record: made.id };
}

function no(...rejections: readonly Rejection[]): CommandAnswer {
  return { ok: false, rejections };
}

function acceptanceBody(turn: Turn, offer: RecordOf<"offer">, block: Block): Acceptance | null {
  const { agent } = turn;
  const { config } = agent;
  const time = ownTime(turn);
  const policy = ownPolicy(turn);
  if (time === null || ownPlace(turn) === null || config.radio === null || policy === null) return null;
  const nonce = config.draw(16);
  const confirmByUs = time.earliestUs + Math.min(CONFIRM_WITHIN_US, policy.confirmByMaxUs);
  const startUs = Math.max(confirmByUs, block.fromUs);
  const pair = {
    offerId: offer.id,
    offerSigned: signedBytes(offer.kind, offer.envelope.payload),
    challenge: offer.body.challenge,
    offeredResource: offer.body.resource,
    resource: offer.body.resource,
    block,
    consumer: ownLineage(agent),
    nonce,
  };
  return {
    offer: offer.id,
    resource: offer.body.resource,
    block,
    price: offer.body.price,
    rulesVersion: RULES_VERSION,
    answers: answers(offer.body.rules, pair, config.primitives.sha256),
    confirmByUs,
    effectiveByUs: startUs + Math.min(EFFECTIVE_WITHIN_US, policy.effectiveByMaxUs),
    clockDriftPpm: config.clockDriftPpm,
    deadman: config.radio.deadman,
    muteLatencyUs: config.radio.muteLatencyUs,
    holdings: holdings(turn),
    nonce,
  };
}

/** Confirmed leases and pending acceptances, as they stand at this position of the lineage (PROTOCOL §7). */
function holdings({ agent }: Turn): readonly Holding[] {
  const held: Holding[] = [];
  for (const [id, { record }] of agent.provisional.acceptances) {
    const settled = agent.provisional.leaseOfAcceptance.get(id);
    const lease = settled === undefined ? undefined : agent.provisional.leases.get(settled);
    const ended = lease === undefined ? agent.provisional.closedAcceptances.has(id) : isOver(lease);
    if (ended || held.length >= 64) continue;
    const { lowerHz, upperHz } = record.body.block;
    held.push({ artifactOrAcceptance: lease?.derived.id ?? record.id, lowerHz, upperHz });
  }
  return held;
}

/** What this consumer knows before it binds itself. */
function consumerGates(turn: Turn, offer: RecordOf<"offer">, body: Acceptance): readonly Rejection[] {
  const { agent } = turn;
  const found: Rejection[] = [];
  const { radio, policy } = agent.config;
  const { lowerHz, upperHz } = body.block;
  if (radio !== null && (lowerHz < radio.lowestHz || upperHz > radio.highestHz)) {
    const required = { lowestHz: radio.lowestHz, highestHz: radio.highestHz };
    found.push(rejection("radio-out-of-range", "offer.block", { lowerHz, upperHz }, required));
  }
  if (offer.header.policy === null || !equalBytes(offer.header.policy, policy)) {
    const measured = { policy: offer.header.policy === null ? "nil" : toHex(offer.header.policy) };
    found.push(rejection("policy-mismatch", "offer.policy", measured, { policy: toHex(policy) }));
  }
  const nowUs = centreUs(turn) ?? 0;
  if (nowUs > offer.body.endUs)
    found.push(rejection("offer-ended", "offer.endUs", { nowUs }, { endUs: offer.body.endUs }));
  return [
    ...found,
    ...untrustedDocuments(agent, offer),
    ...dealtWith(turn, offer),
    ...inUse(turn, offer, body.block),
    ...radioGates(turn, offer, body.block),
  ];
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

/** Standing wishes: an offer that fits one is accepted as soon as it is heard. */
export function considerOffer(turn: Turn, offer: RecordOf<"offer">): void {
  const { agent } = turn;
  const key = idText(offer.id);
  if (agent.volatile.wished.has(key) || agent.volatile.quarantine !== null) return;
  if (agent.provisional.key !== null && equalBytes(offer.header.lineage, agent.provisional.key.lineage))
    return;
  const wish = agent.config.wishes.find((each) => fits(each, offer));
  if (wish === undefined || isHolding(turn, wish.resource)) return;
  const block = pieceFor(wish, offer.body.block, offer.body.steps.frequencyStepHz);
  const answer = acceptOffer(turn, { offer: offer.id, block, insist: wish.insist });
  if (answer.ok) agent.volatile.wished.add(key);
  else refused(turn, offer.id, answer.rejections);
}

function fits(wish: Wish, offer: RecordOf<"offer">): boolean {
  const { block, resource, price } = offer.body;
  if (wish.commodityClass !== "" && wish.commodityClass !== block.commodityClass) return false;
  if (wish.resource !== "" && wish.resource !== resource) return false;
  const widthHz = wish.widthHz ?? block.upperHz - block.lowerHz;
  const room = Math.min(block.upperHz, wish.highestHz) - Math.max(block.lowerHz, wish.lowestHz);
  if (room < widthHz) return false;
  const terms = price.value;
  if (terms === null) return false;
  return (
    terms.microUnits === 0n ||
    (terms.currency === wish.currency && terms.microUnits <= wish.priceMaxMicroUnits)
  );
}

/** The lowest piece of the offer that is as wide and as long as the wish, on the offer's raster. */
function pieceFor(wish: Wish, whole: Block, stepHz: number): Block {
  const { widthHz, durationUs } = wish;
  const untilUs = durationUs === null ? whole.untilUs : Math.min(whole.untilUs, whole.fromUs + durationUs);
  if (widthHz === null || stepHz === 0) return { ...whole, untilUs };
  const above = Math.max(0, wish.lowestHz - whole.lowerHz);
  const lowerHz = whole.lowerHz + Math.ceil(above / stepHz) * stepHz;
  return { ...whole, lowerHz, upperHz: lowerHz + widthHz, untilUs };
}

/** A wish is for one block at a time. */
function isHolding(turn: Turn, resource: string): boolean {
  const { provisional } = turn.agent;
  for (const [id, pending] of provisional.acceptances) {
    if (resource !== "" && pending.record.body.resource !== resource) continue;
    const lease = provisional.leases.get(provisional.leaseOfAcceptance.get(id) ?? "");
    const ended = lease === undefined ? isDead(turn, pending) : isOver(lease);
    if (!ended) return true;
  }
  return false;
}
