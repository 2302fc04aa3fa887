/** The consumer accepts an offer, by command or by a standing wish (PROTOCOL §6 Bodies). */
import { chainOf } from "../authority/chain.ts";
import { toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { answers } from "../pairing/rules/rules.ts";
import { pickedVersion } from "../pairing/rules-versions.ts";
import { type Acceptance, HOLDINGS_MAX, type Holding } from "../record/kinds/acceptance.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { holdingOf } from "../settlement/holdings.ts";
import { isOver } from "../settlement/lease.ts";
import { signedBytes } from "../wire/envelope.ts";
import { acceptanceGates } from "./acceptance-gates.ts";
import { credentialFor, draftRecord, enqueue, lookUp, ownLineage } from "./agent.ts";
import { isAssuredUnder } from "./assured.ts";
import { bounds } from "./bounds.ts";
import { budgetGate, resumeBudgets, statementsOf, suspendExhausted, type Use, usesOf } from "./budgeting.ts";
import { isDead } from "./consumer.ts";
import { bodiesOf, inceptions } from "./documents.ts";
import type { AcceptCommand, CommandAnswer } from "./input.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { pairPolicy, pairPolicyId } from "./policies.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

/** From acceptance to the deadline for the countersignature, and from there to the first renewal (PROTOCOL §6 Bodies). */
const CONFIRM_WITHIN_US = 30_000_000;
const EFFECTIVE_WITHIN_US = 30_000_000;

/** What came of an offer: an acceptance, a refusal, or something to wait for. */
export type Attempt =
  | { readonly ok: true; readonly record: Uint8Array }
  | {
      readonly ok: false;
      readonly rejections: readonly Rejection[];
      /** Ids that the offer's author is asked for; empty: one's own time, place or attestation; null: it is refused. */
      readonly waitsFor: readonly Uint8Array[] | null;
    };

/** Accepts an offer that was heard. Refused by the own gates unless `insist`; RF is never insisted on. */
export function acceptOffer(turn: Turn, command: AcceptCommand): CommandAnswer {
  const offer = lookUp(turn.agent, command.offer);
  if (offer?.kind !== "offer")
    return no(rejection("offer-unknown", "offer", { offer: toHex(command.offer) }, { offer: "heard" }));
  const attempt = tryOffer(turn, offer, command);
  if (attempt.ok) return attempt;
  const missing = attempt.waitsFor ?? [];
  if (missing.length > 0) want(turn, offer.header.lineage, missing, bounds.OFFER_WANTS_PER_SECOND);
  return { ok: false, rejections: attempt.rejections };
}

/** One look at one offer: accepted where nothing speaks against it. */
export function tryOffer(
  turn: Turn,
  offer: RecordOf<"offer">,
  { block, insist }: Pick<AcceptCommand, "block" | "insist">,
): Attempt {
  const { agent } = turn;
  const radio = agent.config.radio;
  if (radio === null) return no(rejection("radio-missing", "radio", {}, { radio: "in the profile" }));
  const credential = credentialFor(agent, "acquire");
  if (credential === null) return no(rejection("not-entitled", "credential", {}, { verb: "acquire" }));
  const held = holdings(turn);
  if (held.length > HOLDINGS_MAX) {
    const holdingsMax = HOLDINGS_MAX;
    return no(rejection("holdings-full", "acceptance.holdings", { holdings: held.length }, { holdingsMax }));
  }
  resumeBudgets(turn);
  const taken = block ?? offer.body.block;
  const uses = usesOf(turn, { deed: "acceptance", credential, offer: offer.body, block: taken });
  const body = acceptanceBody(turn, offer, taken, { held, uses });
  if (body === null) {
    const found = { time: "or place missing" };
    return later(rejection("not-assured", "", found, { time: "assured", place: "assured" }));
  }
  // Never insisted on: an acceptance costs its sender budget, whatever becomes of it.
  const exhausted = budgetGate(turn, uses);
  if (exhausted.length > 0) return { ok: false, rejections: exhausted, waitsFor: null };
  if (!insist) {
    if (agent.config.key.akName !== null && agent.provisional.attestation === null)
      return later(rejection("not-attested", "", { attestation: "none" }, { attestation: "durable" }));
    const draft = draftRecord(turn, "acceptance", body, { credential, policy: pairPolicyId(turn, offer) });
    const { findings, waitsFor } = acceptanceGates(turn, offer, draft);
    if (findings.length > 0) return { ok: false, rejections: findings, waitsFor };
    // After the gates: a level that the policy never admits is refused by its name, and not waited for.
    const policy = pairPolicy(turn, offer);
    if (policy !== null && !isAssuredUnder(turn, policy, offer.body.leaseClass)) {
      const found = { time: "or place not of an admitted level within the holdover" };
      return later(rejection("not-assured", "", found, { time: "assured", place: "assured" }));
    }
  }
  const made = enqueue(turn, "acceptance", body, {
    foreign: [offer, ...inceptions(agent, offer), ...standingBehind(turn, body)],
    credential,
    policy: pairPolicyId(turn, offer),
  });
  if (made === null)
    return no(rejection("queue-full", "", {}, { state: "room in the signing queue, no quarantine" }));
  suspendExhausted(turn, uses);
  return { ok: true, record: made.id };
}

/** The chains of the credentials that a statement of budget names: the log has to say whose numbers they are. */
function standingBehind({ agent }: Turn, { budgets }: Acceptance): readonly AnyRecord[] {
  const links = budgets.flatMap(({ credential }) => chainOf(credential, bodiesOf(agent)).links);
  return [...inceptions(agent, ...links), ...links];
}

function no(found: Rejection): Extract<Attempt, { ok: false }> {
  return { ok: false, rejections: [found], waitsFor: null };
}

function later(found: Rejection): Attempt {
  return { ok: false, rejections: [found], waitsFor: [] };
}

/** What an acceptance says of its consumer. */
type Stated = { readonly held: readonly Holding[]; readonly uses: readonly Use[] };

function acceptanceBody(
  turn: Turn,
  offer: RecordOf<"offer">,
  block: Block,
  { held, uses }: Stated,
): Acceptance | null {
  const { agent } = turn;
  const { config } = agent;
  const time = ownTime(turn);
  const policy = pairPolicy(turn, offer);
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
    rulesVersion: pickedVersion(offer.body.rulesVersions, policy.rulesVersions),
    answers: answers(offer.body.rules, pair, config.primitives.sha256),
    confirmByUs,
    // Peer-controlled start: what lies beyond all instants is refused by the gates, and must be written to get there.
    effectiveByUs: Math.min(
      Number.MAX_SAFE_INTEGER,
      startUs + Math.min(EFFECTIVE_WITHIN_US, policy.effectiveByMaxUs),
    ),
    clockDriftPpm: config.clockDriftPpm,
    deadman: config.radio.deadman,
    muteLatencyUs: config.radio.muteLatencyUs,
    holdings: held,
    budgets: statementsOf(turn, uses),
    nonce,
  };
}

/**
 * Confirmed leases and pending acceptances, as they stand at this position of the lineage (PROTOCOL §7): until a lease
 * is given up or its block ends, and an acceptance is answered, or dead by the earliest edge of the own time.
 */
function holdings(turn: Turn): readonly Holding[] {
  const { provisional } = turn.agent;
  const earliestUs = ownTime(turn)?.earliestUs ?? 0;
  const held: Holding[] = [];
  for (const [id, pending] of provisional.acceptances) {
    const { record, offer } = pending;
    const settled = provisional.leaseOfAcceptance.get(id);
    const lease = settled === undefined ? undefined : provisional.leases.get(settled);
    if (record.body.block.untilUs <= earliestUs) continue;
    if (lease === undefined ? isDead(turn, pending) : isOver(lease)) continue;
    held.push(holdingOf(lease?.derived.id ?? record.id, record.body.block, offer.body.leaseClass));
  }
  return held;
}
