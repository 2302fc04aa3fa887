/** The holder's lease in motion: countersignature, renewals, and its ends (PROTOCOL §6). */
import { transmitExpiryUs } from "../authority/snapshots.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { fieldBytes } from "../record/field.ts";
import type { LeaseTermination } from "../record/kinds/lease-termination.ts";
import { kinds } from "../record/kinds.ts";
import { isAfter } from "../record/position.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { clear } from "../record/sealed.ts";
import { grantEndUs, isOver, type Lease, resumableUntilUs } from "../settlement/lease.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { asksForFirst } from "./by-session.ts";
import { endedLink, leaseAuthority, revokedLink } from "./fallen-link.ts";
import { unidentifiedPeer } from "./identified.ts";
import { put } from "./known.ts";
import { centreUs, ownTime } from "./own-evidence.ts";
import { confirmHead } from "./quarantine.ts";
import { isPreempted, tellDirectives } from "./standing.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

/** One for each issuer of two chains of five links, at most. */
const SNAPSHOTS_NAMED_MAX = 10;

/** The consumer's settlement of a lease that we bound. Too late leads to the termination. */
export function onCountersignature(turn: Turn, settlement: RecordOf<"settlement">): void {
  const { agent } = turn;
  const lease = leaseById(agent.provisional, settlement.body.artifact);
  if (lease === undefined || lease.role !== "holder" || !isConsumer(lease, settlement)) return;
  if (!saysTheSame(settlement, lease.holderSettlement)) return;
  if (isOver(lease)) {
    answerTerminated(turn, lease);
    return;
  }
  // No countersignature under this class: without another one in time the lease ends.
  const missing = unidentifiedPeer(turn, "consumer", lease, settlement);
  if (missing.length > 0) {
    refused(turn, settlement.id, missing);
    return;
  }
  // Heard in time already: for a grant that lies ahead it is said again long after confirmBy.
  if (lease.consumerSettlement !== null || agent.volatile.countersigned.has(idText(lease.derived.id))) return;
  const nowUs = centreUs(turn);
  // Without time nobody knows whether it is late: it is said again until a renewal answers.
  if (nowUs === null) return;
  if (nowUs > lease.acceptance.body.confirmByUs) {
    terminate(turn, lease, "not-countersigned", { cause: settlement });
    return;
  }
  const heard = { record: settlement, heardBootUs: turn.now.bootUs };
  put(agent.volatile.countersigned, idText(lease.derived.id), heard, bounds.WAITING_MAX);
}

/** Offer, acceptance and context too: the artifact's id alone is anybody's to write. Identifiers are each side's own. */
export function saysTheSame(one: RecordOf<"settlement">, other: RecordOf<"settlement">): boolean {
  return equalBytes(bytesWithoutIdentifiers(one), bytesWithoutIdentifiers(other));
}

function bytesWithoutIdentifiers({ body }: RecordOf<"settlement">): Uint8Array {
  return fieldBytes(kinds.settlement.body, { ...body, identifiers: clear([]) });
}

function isConsumer(lease: Lease, record: AnyRecord): boolean {
  return equalBytes(lease.acceptance.header.lineage, record.header.lineage);
}

/** Every later record of a terminated lease is answered with the termination, once it is durable. */
function answerTerminated(turn: Turn, lease: Lease): void {
  const standing = turn.agent.durable.leases.get(idText(lease.derived.id))?.termination;
  if (standing === undefined || standing === null) return;
  emit(turn, {
    kind: "publish",
    route: { to: "agent", lineage: lease.acceptance.header.lineage },
    record: standing,
  });
}

/** The record that led to the end, and the credential that fell, where there is one. */
export type Grounds = { readonly cause?: AnyRecord; readonly link?: Uint8Array };

export function terminate(
  turn: Turn,
  lease: Lease,
  reason: LeaseTermination["reason"],
  { cause, link }: Grounds = {},
): void {
  const body = { artifact: lease.derived.id, reason, cause: cause?.id ?? null, link: link ?? null };
  enqueue(turn, "lease-termination", body, { foreign: cause === undefined ? [] : [cause], urgent: true });
}

export function onRelinquishment(turn: Turn, relinquishment: RecordOf<"relinquishment">): void {
  const lease = leaseById(turn.agent.provisional, relinquishment.body.artifact);
  if (lease === undefined || lease.role !== "holder" || !isConsumer(lease, relinquishment)) return;
  if (lease.termination === null) {
    terminate(turn, lease, "relinquished", { cause: relinquishment });
    return;
  }
  // The termination gave another reason: what frees the block is kept by a record of its own.
  if (lease.relinquishment === null) acknowledge(turn, lease, relinquishment);
  answerTerminated(turn, lease);
}

/**
 * Stores what came in time, unless a renewal did: a restart before a grant that lies ahead must not forget it. Not at
 * once: a consumer that asks for a renewal, or shows that this log is an old copy, does so within the pause.
 */
export function keepCountersignature(turn: Turn, lease: Lease): void {
  const { countersigned } = turn.agent.volatile;
  const key = idText(lease.derived.id);
  const heard = countersigned.get(key);
  if (heard === undefined || turn.now.bootUs - heard.heardBootUs < bounds.ACKNOWLEDGE_AFTER_US) return;
  if (acknowledge(turn, lease, heard.record)) countersigned.delete(key);
}

/** Only what frees a block may use the reserve: a countersignature is tried again at the next tick. */
function acknowledge(
  turn: Turn,
  lease: Lease,
  record: RecordOf<"settlement"> | RecordOf<"relinquishment">,
): boolean {
  const body = { artifact: lease.derived.id, record: record.id };
  const urgent = record.kind === "relinquishment";
  return enqueue(turn, "acknowledgement", body, { foreign: [record], urgent }) !== null;
}

/** One renewal for one nonce; no more once the lease is over, a link fell, or the grant ended. */
export function onRenewalRequest(turn: Turn, request: RecordOf<"renewal-request">): void {
  const { agent } = turn;
  const lease = leaseById(agent.provisional, request.body.artifact);
  if (lease === undefined) {
    // A lease of ours that this log lacks, or somebody's invention: the record itself tells.
    namesUnknownRecord(turn, request);
    return;
  }
  if (lease.role !== "holder" || !isConsumer(lease, request)) return;
  const isKnown = !namesUnknownRecord(turn, request);
  if (isKnown) confirmHead(turn, request);
  if (isOver(lease)) {
    answerTerminated(turn, lease);
    return;
  }
  if (lease.lastRequest !== null && equalBytes(lease.lastRequest.body.nonce, request.body.nonce)) {
    sendRenewalAgain(turn, lease);
    return;
  }
  // Answered long ago, and late or said again: an author's records are in order, and one nonce has one renewal.
  if (lease.lastRequest !== null && !isAfter(request, lease.lastRequest)) return;
  if (agent.volatile.quarantine !== null || !isKnown) return;
  renew(turn, lease, request);
}

function sendRenewalAgain(turn: Turn, { derived, acceptance }: Lease): void {
  const renewal = turn.agent.durable.leases.get(idText(derived.id))?.lastRenewal ?? null;
  if (renewal === null) return;
  emit(turn, {
    kind: "publish",
    route: { to: "agent", lineage: acceptance.header.lineage },
    record: renewal,
  });
}

/** A record of ours that we do not know: this log may be an old copy. The consumer is asked to show it. */
function namesUnknownRecord(turn: Turn, request: RecordOf<"renewal-request">): boolean {
  const named = request.body.lastHolderRecord;
  if (turn.agent.provisional.ownIds.has(idText(named))) return false;
  want(turn, request.header.lineage, [named]);
  return true;
}

function renew(turn: Turn, lease: Lease, request: RecordOf<"renewal-request">): void {
  const { agent, now } = turn;
  const key = idText(lease.derived.id);
  if (isPreempted(turn, lease)) {
    tellDirectives(turn, lease, request.header.lineage);
    return;
  }
  const countersignature = lease.consumerSettlement ?? agent.volatile.countersigned.get(key)?.record ?? null;
  const time = ownTime(turn);
  if (countersignature === null || time === null) return;
  if (
    lease.lastRenewal === null &&
    Math.floor((time.earliestUs + time.latestUs) / 2) >
      Math.max(lease.acceptance.body.effectiveByUs, resumableUntilUs(lease))
  ) {
    terminate(turn, lease, "not-effective", { cause: request });
    return;
  }
  const grant = renewalGrant(turn, lease, time);
  if (grant === null) return;
  const made = enqueue(
    turn,
    "renewal",
    {
      request: request.id,
      artifact: lease.derived.id,
      nonce: request.body.nonce,
      consumerBootId: request.body.bootId,
      durationUs: grant.durationUs,
      transmitExpiryUs: grant.transmitExpiryUs,
      snapshots: grant.used.map(({ id }) => id),
      holderBootId: agent.config.bootId,
      holderBootUs: now.bootUs,
    },
    {
      foreign: [...grant.used, countersignature, request],
      urgent: true,
      byDevice: asksForFirst(lease, request),
    },
  );
  if (made !== null) agent.volatile.countersigned.delete(key);
}

type Grant = {
  readonly durationUs: number;
  readonly transmitExpiryUs: number;
  /** Stored with the renewal that names them. */
  readonly used: readonly RecordOf<"status-snapshot">[];
};

/** How far one renewal reaches now; null after ending a lease that reaches nowhere. */
function renewalGrant(
  turn: Turn,
  lease: Lease,
  time: { readonly earliestUs: number; readonly latestUs: number },
): Grant | null {
  const { agent } = turn;
  const { terms } = lease.derived.artifact;
  const fallen = revokedLink(agent, lease);
  if (fallen !== null) {
    terminate(turn, lease, "link-fallen", fallen);
    return null;
  }
  if (time.latestUs >= grantEndUs(lease)) {
    terminate(turn, lease, "ended");
    return null;
  }
  const { chains, snapshots } = leaseAuthority(agent, lease);
  const capUs = transmitExpiryUs(chains, snapshots, terms.snapshotAgeMaxUs, grantEndUs(lease));
  const transmitExpiry = Math.min(capUs, time.earliestUs + terms.reachUs);
  const durationUs = Math.min(terms.reachUs, transmitExpiry - time.latestUs);
  if (durationUs <= 0) {
    const ended = endedLink(agent, lease, time.earliestUs);
    if (ended !== null) terminate(turn, lease, "link-fallen", ended);
    return null;
  }
  return {
    durationUs,
    transmitExpiryUs: transmitExpiry,
    used: snapshots.slice(0, SNAPSHOTS_NAMED_MAX),
  };
}
