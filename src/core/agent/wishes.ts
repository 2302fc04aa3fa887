/** Standing wishes: an offer that fits one is accepted as soon as it is heard and nothing speaks against it (PROTOCOL §6). */
import { equalBytes, idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { isOver } from "../settlement/lease.ts";
import { tryOffer } from "./accepting.ts";
import { credentialFor, refused } from "./agent.ts";
import { bounds } from "./bounds.ts";
import type { Wish } from "./config.ts";
import { isDead } from "./consumer.ts";
import { missingDocuments } from "./documents.ts";
import { put } from "./known.ts";
import { keepPending } from "./pending.ts";
import type { Turn } from "./turn.ts";
import type { Pending } from "./volatile.ts";
import { want } from "./want.ts";

/** An offer was heard, or something that one waited for has come. */
export function considerOffer(turn: Turn, offer: RecordOf<"offer">): void {
  const { agent } = turn;
  const { volatile, provisional, config } = agent;
  const key = idText(offer.id);
  if (volatile.wished.has(key) || volatile.quarantine !== null) return;
  if (provisional.key !== null && equalBytes(offer.header.lineage, provisional.key.lineage)) return;
  const wish = config.wishes.find((each) => fits(each, offer));
  if (wish === undefined || isHolding(turn, wish.resource)) {
    volatile.pendingOffers.delete(key);
    if (wish === undefined) lookInto(turn, offer);
    return;
  }
  const block = pieceFor(wish, offer.body.block, offer.body.steps.frequencyStepHz);
  const attempt = tryOffer(turn, offer, { block, insist: wish.insist });
  if (!attempt.ok && attempt.waitsFor !== null) {
    const { waitsFor } = attempt;
    const kept = keepPending(turn, volatile.pendingOffers, offer, waitsFor);
    if (kept && waitsFor.length > 0)
      want(turn, offer.header.lineage, waitsFor, bounds.OFFER_WANTS_PER_SECOND);
    return;
  }
  volatile.pendingOffers.delete(key);
  if (attempt.ok) volatile.wished.add(key);
  else refuseOffer(turn, offer.id, attempt.rejections);
}

/** Nobody's standing wish, but an operator may want it: what its author's chain needs is asked for once. */
function lookInto(turn: Turn, offer: RecordOf<"offer">): void {
  const { agent } = turn;
  if (agent.config.radio === null || credentialFor(agent, "acquire") === null) return;
  const missing = missingDocuments(agent, offer);
  if (missing.length > 0) want(turn, offer.header.lineage, missing, bounds.OFFER_WANTS_PER_SECOND);
}

/** Said here alone, since nobody is bound by it, and once for an offer and cause, however often it is heard. */
function refuseOffer(turn: Turn, offer: Uint8Array, rejections: readonly Rejection[]): void {
  const { refusedOffers } = turn.agent.volatile;
  const causes = rejections.map((each) => ({ each, key: `${idText(offer)} ${each.code} ${each.field}` }));
  const fresh = causes.filter(({ key }) => !refusedOffers.has(key));
  for (const { key } of causes) put(refusedOffers, key, true, bounds.REFUSED_OFFERS_MAX);
  if (fresh.length > 0)
    refused(
      turn,
      offer,
      fresh.map(({ each }) => each),
    );
}

/** What it waited for did not come in bounds.WAITING_US_MAX. */
export function giveUpOffer(turn: Turn, { record, needs }: Pending<RecordOf<"offer">>): void {
  turn.agent.volatile.pendingOffers.delete(idText(record.id));
  const documents = [...needs].map((id) => rejection("context-incomplete", "offer", { id }, { kind: "any" }));
  const found = { time: "or place missing" };
  const own = rejection("not-assured", "", found, { time: "assured", place: "assured" });
  refuseOffer(turn, record.id, documents.length > 0 ? documents : [own]);
}

function fits(wish: Wish, offer: RecordOf<"offer">): boolean {
  const { block, resource, price } = offer.body;
  if (wish.commodityClass !== "" && wish.commodityClass !== block.commodityClass) return false;
  if (wish.resource !== "" && wish.resource !== resource) return false;
  const widthHz = wish.widthHz ?? block.upperHz - block.lowerHz;
  const room = Math.min(block.upperHz, wish.highestHz) - Math.max(block.lowerHz, wish.lowestHz);
  if (room < widthHz || !isInside(wish, offer.body)) return false;
  const terms = price.value;
  if (terms === null) return false;
  return (
    terms.microUnits === 0n ||
    (terms.currency === wish.currency && terms.microUnits <= wish.priceMaxMicroUnits)
  );
}

/** Peer-controlled raster: the piece on it may lie beyond the offer, or beyond the wish. */
function isInside(wish: Wish, { block, steps }: RecordOf<"offer">["body"]): boolean {
  const { upperHz } = pieceFor(wish, block, steps.frequencyStepHz);
  const isWhole = wish.widthHz === null || steps.frequencyStepHz === 0;
  return isWhole || (upperHz <= block.upperHz && upperHz <= wish.highestHz);
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
