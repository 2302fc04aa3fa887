/** The holder offers a block, and takes offers back (PROTOCOL §6 Bodies). */

import { blockInsideScope } from "../authority/scope.ts";
import { idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { offeredVersions } from "../pairing/rules-versions.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import { clear } from "../record/sealed.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { conflicts } from "../settlement/book.ts";
import { NO_SPACING } from "../settlement/collision.ts";
import { credentialFor, enqueue, lookUp, refused } from "./agent.ts";
import { isAnySuspended } from "./budgeting.ts";
import type { StandingOffer } from "./config.ts";
import type { CommandAnswer, OfferCommand } from "./input.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { ownPolicy } from "./policies.ts";
import { liveLeases } from "./state.ts";
import type { Turn } from "./turn.ts";

export function makeOffer(turn: Turn, command: OfferCommand, credential: Uint8Array | null): CommandAnswer {
  const { agent } = turn;
  const time = ownTime(turn);
  const schema = lookUp(agent, command.schema);
  const found = offerGates(turn, command, credential);
  if (found.length > 0 || time === null || schema?.kind !== "schema") return { ok: false, rejections: found };
  const made = enqueue(
    turn,
    "offer",
    {
      schema: command.schema,
      resource: command.resource,
      block: command.block,
      steps: schema.body.steps,
      price: clear(command.price),
      eligibility: command.eligibility,
      rules: command.rules,
      challenge: agent.config.draw(32),
      leaseClass: command.leaseClass,
      rulesVersions: offeredVersions(ownPolicy(turn)?.rulesVersions ?? []),
      endUs: time.latestUs + command.validUs,
    },
    { credential },
  );
  if (made !== null) return { ok: true, record: made.id };
  const full = rejection("queue-full", "", {}, { state: "room in the signing queue" });
  return { ok: false, rejections: [full] };
}

function offerGates(turn: Turn, command: OfferCommand, credential: Uint8Array | null): readonly Rejection[] {
  const { agent } = turn;
  const found: Rejection[] = [];
  if (ownTime(turn) === null || ownPlace(turn) === null) {
    found.push(
      rejection("not-assured", "", { time: "or place missing" }, { time: "assured", place: "assured" }),
    );
  }
  if (agent.config.key.akName !== null && agent.provisional.attestation === null) {
    found.push(rejection("not-attested", "", { attestation: "none" }, { attestation: "durable" }));
  }
  if (lookUp(agent, command.schema)?.kind !== "schema") {
    found.push(
      rejection(
        "schema-unknown",
        "schema",
        { schema: toHex(command.schema) },
        { schema: "among the documents" },
      ),
    );
  }
  const link = credential === null ? undefined : lookUp(agent, credential);
  if (link?.kind !== "credential") {
    found.push(rejection("not-entitled", "credential", { credential: "none" }, { verb: "allocate" }));
    return found;
  }
  return [...found, ...blockInsideScope(command.block, link.body.scope), ...sharedOnly(turn, command)];
}

/** General authorised access is never offered as exclusive: whoever accepted it would only be refused. */
function sharedOnly(turn: Turn, { block, leaseClass: name }: OfferCommand): readonly Rejection[] {
  const policy = ownPolicy(turn);
  const leaseClass = policy === null ? null : leaseClassOf(policy, name);
  if (leaseClass?.exclusive !== "never" || !block.exclusive) return [];
  const required = { exclusive: "false", leaseClass: name };
  return [rejection("exclusive-never", "offer.block.exclusive", { exclusive: "true" }, required)];
}

export function withdrawOffer(turn: Turn, offer: Uint8Array, reason: string): CommandAnswer {
  const standing = turn.agent.provisional.offers.get(idText(offer));
  if (standing === undefined || standing.withdrawn) {
    const found = rejection("offer-unknown", "offer", { offer: toHex(offer) }, { offer: "standing" });
    return { ok: false, rejections: [found] };
  }
  const made = enqueue(turn, "withdrawal", { offer, reason: reason.slice(0, 200) });
  if (made !== null) return { ok: true, record: made.id };
  return { ok: false, rejections: [rejection("queue-full", "", {}, { state: "room in the signing queue" })] };
}

/** Standing offers: issued when the block is free, no budget of theirs is suspended, and the last issue is old enough. */
export function tickStandingOffers(turn: Turn): void {
  const { agent, now } = turn;
  const { offered, quarantine } = agent.volatile;
  const time = ownTime(turn);
  if (quarantine !== null || time === null) return;
  for (const standing of agent.config.standingOffers) {
    const last = offered.get(standing.name);
    if (last !== undefined && now.bootUs - last < standing.refreshUs) continue;
    const offer = { ...standing.offer, block: blockNow(standing, time.earliestUs) };
    if (isTaken(turn, offer, time.earliestUs)) continue;
    const credential = credentialFor(agent, "allocate");
    // Whoever accepted it would only be refused, and an acceptance costs its sender.
    if (isAnySuspended(turn, { deed: "settlement", credential, offer, block: offer.block })) continue;
    offered.set(standing.name, now.bootUs);
    const answer = makeOffer(turn, offer, credential);
    if (!answer.ok) refused(turn, null, answer.rejections);
  }
}

/** The block of one issue, where its interval is counted from there. */
export function blockNow({ offer, durationUs }: StandingOffer, nowUs: number): Block {
  if (durationUs === null) return offer.block;
  return { ...offer.block, fromUs: nowUs, untilUs: nowUs + durationUs };
}

function isTaken({ agent, now }: Turn, { block, schema }: OfferCommand, earliestUs: number): boolean {
  const found = lookUp(agent, schema);
  const spacing = found?.kind === "schema" ? found.body : NO_SPACING;
  const clock = { bootId: agent.config.bootId, bootUs: now.bootUs, earliestUs };
  return conflicts(block, spacing, liveLeases(agent.provisional), clock).length > 0;
}
