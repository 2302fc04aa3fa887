/** The consumer's lease in motion: asking for renewals, arming the guard, muting, giving up (PROTOCOL §6). */
import { transmitExpiryUs } from "../authority/snapshots.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { Emission } from "../record/kinds/actuation.ts";
import { isAfter } from "../record/position.ts";
import type { RecordOf } from "../record/record.ts";
import { grantEndUs, isOver, type Lease } from "../settlement/lease.ts";
import { muteDeadlineBootUs } from "../settlement/renewal-bounds.ts";
import { placeInsideArea } from "../window/spatial.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { isAssured } from "./assured.ts";
import { bounds } from "./bounds.ts";
import { leaseAuthority } from "./fallen-link.ts";
import { put } from "./known.ts";
import { isOfOtherBoot, keepOtherBoot, otherBootRenewal } from "./other-boot-renewal.ts";
import { hasOutage, nameOutages } from "./outage.ts";
import { awaitsAcknowledgement } from "./overseen.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { armGates } from "./radio-gates.ts";
import { leave } from "./silencing.ts";
import { isPreempted } from "./standing.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Asks for a renewal, and names the one that extended the guard last, so that it is stored. */
export function requestRenewal(turn: Turn, artifact: Uint8Array): void {
  const { agent, now } = turn;
  const lease = leaseById(agent.provisional, artifact);
  if (lease === undefined || lease.role !== "consumer" || isOver(lease) || !hasBegun(turn, lease)) return;
  if (isPreempted(turn, lease)) return;
  const key = idText(artifact);
  const extended = agent.volatile.unstoredRenewals.get(key) ?? null;
  const seen = extended ?? lease.lastRenewal ?? lease.holderSettlement;
  const otherBoot = otherBootRenewal(turn, lease);
  const lastHolderRecord = otherBoot.find((each) => isAfter(each, seen)) ?? seen;
  const made = enqueue(
    turn,
    "renewal-request",
    {
      artifact,
      nonce: agent.config.draw(16),
      bootId: agent.config.bootId,
      anchorBootUs: now.bootUs,
      lastHolderRecord: lastHolderRecord.id,
      lastRenewal: extended?.id ?? null,
    },
    { foreign: extended === null ? otherBoot : [...otherBoot, extended], urgent: true },
  );
  if (made !== null) agent.volatile.unstoredRenewals.delete(key);
}

/** A grant that lies ahead is not asked for: its renewals would run out unused. */
export function hasBegun(turn: Turn, { derived }: Lease): boolean {
  const time = ownTime(turn);
  return time !== null && time.latestUs >= derived.artifact.block.fromUs;
}

/** A renewal of ours: of this boot, answering the last request, and the lease still on. */
export function onRenewal(turn: Turn, renewal: RecordOf<"renewal">): void {
  const { agent, now } = turn;
  const lease = leaseById(agent.durable, renewal.body.artifact);
  const planned = leaseById(agent.provisional, renewal.body.artifact);
  if (lease === undefined || planned === undefined || lease.role !== "consumer") return;
  if (!equalBytes(lease.offer.header.lineage, renewal.header.lineage) || isOver(planned)) return;
  if (isPreempted(turn, planned)) return;
  if (isOfOtherBoot(agent, renewal)) {
    keepOtherBoot(turn, planned, renewal);
    return;
  }
  const request = planned.lastRequest;
  if (request === null || !answers(renewal, request) || !equalBytes(request.body.bootId, agent.config.bootId))
    return;
  const key = idText(lease.derived.id);
  if (agent.volatile.leaving.has(key) || isStored(planned, renewal)) return;
  const deadlineBootUs = deadlineOf(turn, planned, renewal, request);
  if (deadlineBootUs === null || deadlineBootUs <= now.bootUs) return;
  const { armed } = agent.volatile;
  if (armed !== null && equalBytes(armed.artifact, lease.derived.id)) {
    put(agent.volatile.unstoredRenewals, key, renewal, bounds.WAITING_MAX);
    extend(turn, deadlineBootUs);
    return;
  }
  if (armed !== null) return;
  if (awaitsAcknowledgement(lease)) keepSilent(turn, planned, renewal);
  else if (mayEmit(turn, planned)) actuate(turn, planned, renewal, deadlineBootUs);
}

/** Effective, and silent: the renewal is stored with the next request, the first one at once, so that the lease stands. */
function keepSilent(turn: Turn, lease: Lease, renewal: RecordOf<"renewal">): void {
  put(turn.agent.volatile.unstoredRenewals, idText(lease.derived.id), renewal, bounds.WAITING_MAX);
  if (lease.lastRenewal === null) requestRenewal(turn, lease.derived.id);
}

function answers(renewal: RecordOf<"renewal">, request: RecordOf<"renewal-request">): boolean {
  return (
    equalBytes(renewal.body.request, request.id) &&
    equalBytes(renewal.body.nonce, request.body.nonce) &&
    equalBytes(renewal.body.consumerBootId, request.body.bootId)
  );
}

function isStored(lease: Lease, renewal: RecordOf<"renewal">): boolean {
  return lease.lastRenewal !== null && equalBytes(lease.lastRenewal.id, renewal.id);
}

function deadlineOf(
  turn: Turn,
  lease: Lease,
  renewal: RecordOf<"renewal">,
  request: RecordOf<"renewal-request">,
): number | null {
  const time = ownTime(turn);
  if (time === null) return null;
  const { clockDriftPpm, muteLatencyUs, reachUs, snapshotAgeMaxUs } = lease.derived.artifact.terms;
  // Both sides check how far a renewal may reach: the holder's word counts only within links, snapshots and grant.
  const { chains, snapshots } = leaseAuthority(turn.agent, lease);
  const capUs = transmitExpiryUs(chains, snapshots, snapshotAgeMaxUs, grantEndUs(lease));
  const reach = {
    durationUs: Math.min(renewal.body.durationUs, reachUs),
    transmitExpiryUs: Math.min(renewal.body.transmitExpiryUs, capUs),
  };
  return muteDeadlineBootUs(reach, {
    anchorBootUs: request.body.anchorBootUs,
    nowBootUs: turn.now.bootUs,
    latestUs: time.latestUs,
    driftPpm: clockDriftPpm,
    muteLatencyUs,
  });
}

function extend(turn: Turn, deadlineBootUs: number): void {
  const { volatile } = turn.agent;
  const { armed } = volatile;
  if (armed === null || deadlineBootUs <= armed.deadlineBootUs) return;
  volatile.armed = { ...armed, deadlineBootUs };
  emit(turn, { kind: "extend", artifact: armed.artifact, deadlineBootUs });
}

/** Is the grant running, the place inside it, and both as well assured as policy asks? */
export function mayEmit(turn: Turn, lease: Lease): boolean {
  const { block } = lease.derived.artifact;
  const [time, place] = [ownTime(turn), ownPlace(turn)];
  if (time === null || place === null) return false;
  if (time.earliestUs < block.fromUs || time.latestUs >= block.untilUs) return false;
  return isAssured(turn, lease) && placeInsideArea(place, block.area).passed;
}

/** The intention first, durable before RF: arming waits for `appended`. */
function actuate(turn: Turn, lease: Lease, renewal: RecordOf<"renewal">, deadlineBootUs: number): void {
  const { agent } = turn;
  const planned = lease.actuation;
  // One actuation of a renewal is enough: its arming is under way, or the radio was muted since.
  if (planned !== null && equalBytes(planned.body.renewal, renewal.id)) return;
  const unfit = armGates(turn, lease);
  if (unfit.length > 0) {
    refused(turn, lease.derived.id, unfit);
    leave(turn, lease, "radio-failed");
    return;
  }
  // The last emission's end is named first: a new actuation takes its place.
  nameOutages(turn);
  const standing = leaseById(agent.provisional, lease.derived.id) ?? lease;
  if (hasOutage(turn, standing)) return;
  enqueue(
    turn,
    "actuation",
    {
      artifact: lease.derived.id,
      renewal: renewal.id,
      emission: emissionOf(turn, lease),
      bootId: agent.config.bootId,
      deadlineBootUs,
    },
    { foreign: [...otherBootRenewal(turn, lease), renewal], urgent: true },
  );
}

/**
 * The strictest of what block, device and operator say. A limit in erp, trp or conducted power is taken for an EIRP
 * limit of the same figure: never more than it allows, for an antenna without loss.
 */
function emissionOf({ agent }: Turn, lease: Lease): Emission {
  const { block, terms } = lease.derived.artifact;
  const { lowerHz, upperHz, limits } = block;
  const { dutyCycles } = terms;
  const { radio } = agent.config;
  const caps = limits.map((limit) => limit.centiDbm);
  const own = radio === null ? [] : [radio.powerMaxCentiDbm, radio.eirpCentiDbm];
  return { lowerHz, upperHz, eirpCentiDbm: Math.min(...caps, ...own), dutyCycles };
}

/** The actuation is durable: arm, decided anew against the state, the queue and the deadlines of this moment. */
export function armAfterAppend(turn: Turn, actuation: RecordOf<"actuation">): void {
  const { agent, now } = turn;
  const { artifact, deadlineBootUs, emission } = actuation.body;
  const lease = leaseById(agent.provisional, artifact);
  if (lease === undefined || isOver(lease) || agent.volatile.leaving.has(idText(artifact))) return;
  if (!equalBytes(actuation.body.bootId, agent.config.bootId) || deadlineBootUs <= now.bootUs) return;
  if (lease.actuation === null || !equalBytes(lease.actuation.id, actuation.id)) return;
  const { armed, mutesUnderWay } = agent.volatile;
  if (armed !== null || mutesUnderWay > 0 || !mayEmit(turn, lease) || isPreempted(turn, lease)) return;
  const flushed = leaseById(agent.durable, artifact);
  if (flushed === undefined || awaitsAcknowledgement(flushed)) return;
  agent.volatile.mutedBootUs = null;
  agent.volatile.ordered = actuation.id;
  agent.volatile.armed = {
    artifact,
    actuation: actuation.id,
    emission,
    deadlineBootUs,
    verified: false,
    orderedBootUs: now.bootUs,
  };
  emit(turn, { kind: "arm", artifact, actuation: actuation.id, emission, deadlineBootUs });
}
