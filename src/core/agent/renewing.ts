/** The consumer's lease in motion: asking for renewals, arming the guard, muting, giving up (PROTOCOL §6). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Emission } from "../record/kinds/actuation.ts";
import type { RelinquishReason } from "../record/kinds/relinquishment.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { isOver, type Lease } from "../settlement/lease.ts";
import { muteDeadlineBootUs } from "../settlement/renewal-bounds.ts";
import { placeInsideArea } from "../window/spatial.ts";
import { emit, enqueue } from "./agent.ts";
import { bounds } from "./bounds.ts";
import type { Input } from "./input.ts";
import { put } from "./known.ts";
import { ownPlace, ownTime } from "./own-evidence.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Asks for a renewal, and names the one that extended the guard last, so that it is stored. */
export function requestRenewal(turn: Turn, artifact: Uint8Array): void {
  const { agent, now } = turn;
  const lease = leaseById(agent.provisional, artifact);
  if (lease === undefined || lease.role !== "consumer" || isOver(lease) || !hasBegun(turn, lease)) return;
  const key = toHex(artifact);
  const extended = agent.volatile.unstoredRenewals.get(key) ?? null;
  const lastHolderRecord = extended ?? lease.lastRenewal ?? lease.holderSettlement;
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
    { foreign: extended === null ? [] : [extended], urgent: true },
  );
  if (made !== null) agent.volatile.unstoredRenewals.delete(key);
}

/** A grant that lies ahead is not asked for: its renewals would run out unused. */
function hasBegun(turn: Turn, { derived }: Lease): boolean {
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
  const request = planned.lastRequest;
  if (request === null || !answers(renewal, request) || !equalBytes(request.body.bootId, agent.config.bootId))
    return;
  const key = toHex(lease.derived.id);
  if (agent.volatile.leaving.has(key) || isStored(planned, renewal)) return;
  const deadlineBootUs = deadlineOf(turn, planned, renewal, request);
  if (deadlineBootUs === null || deadlineBootUs <= now.bootUs) return;
  const { armed } = agent.volatile;
  if (armed !== null && equalBytes(armed.artifact, lease.derived.id)) {
    put(agent.volatile.unstoredRenewals, key, renewal, bounds.WAITING_MAX);
    extend(turn, deadlineBootUs);
    return;
  }
  if (armed === null && mayEmit(turn, planned)) actuate(turn, planned, renewal, deadlineBootUs);
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
  const { clockDriftPpm, muteLatencyUs } = lease.derived.artifact.terms;
  return muteDeadlineBootUs(renewal.body, {
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

/** Is the grant running, and the place inside it? */
export function mayEmit(turn: Turn, lease: Lease): boolean {
  const { block } = lease.derived.artifact;
  const [time, place] = [ownTime(turn), ownPlace(turn)];
  if (time === null || place === null) return false;
  if (time.earliestUs < block.fromUs || time.latestUs >= block.untilUs) return false;
  return placeInsideArea(place, block.area).passed;
}

/** The intention first, durable before RF: arming waits for `appended`. */
function actuate(turn: Turn, lease: Lease, renewal: RecordOf<"renewal">, deadlineBootUs: number): void {
  const { agent } = turn;
  const planned = lease.actuation;
  // One actuation of a renewal is enough: its arming is under way, or the radio was muted since.
  if (planned !== null && equalBytes(planned.body.renewal, renewal.id)) return;
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
    { foreign: [renewal], urgent: true },
  );
}

/**
 * The strictest of what block, device and operator say. A limit in erp, trp or conducted power is taken for an EIRP
 * limit of the same figure, which is never more than it allows.
 */
function emissionOf({ agent }: Turn, lease: Lease): Emission {
  const { lowerHz, upperHz, limits } = lease.derived.artifact.block;
  const { radio } = agent.config;
  const caps = limits.map((limit) => limit.centiDbm);
  const own = radio === null ? [] : [radio.powerMaxCentiDbm, radio.eirpCentiDbm];
  return { lowerHz, upperHz, eirpCentiDbm: Math.min(...caps, ...own) };
}

/** The actuation is durable: arm, decided anew against the state, the queue and the deadlines of this moment. */
export function armAfterAppend(turn: Turn, actuation: RecordOf<"actuation">): void {
  const { agent, now } = turn;
  const { artifact, deadlineBootUs, emission } = actuation.body;
  const lease = leaseById(agent.provisional, artifact);
  if (lease === undefined || isOver(lease) || agent.volatile.leaving.has(toHex(artifact))) return;
  if (!equalBytes(actuation.body.bootId, agent.config.bootId) || deadlineBootUs <= now.bootUs) return;
  if (lease.actuation === null || !equalBytes(lease.actuation.id, actuation.id)) return;
  if (agent.volatile.armed !== null || !mayEmit(turn, lease)) return;
  agent.volatile.mutedBootUs = null;
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

/** Silence first; the records follow when the radio reports it. */
export function leave(turn: Turn, lease: Lease, reason: RelinquishReason): void {
  const { volatile } = turn.agent;
  const key = toHex(lease.derived.id);
  if (volatile.leaving.has(key) || isRelinquished(turn, lease)) return;
  volatile.leaving.set(key, reason);
  emit(turn, { kind: "mute", reason });
}

function isRelinquished({ agent }: Turn, lease: Lease): boolean {
  return leaseById(agent.provisional, lease.derived.id)?.relinquishment !== null;
}

export function onRadio(turn: Turn, { report }: Extract<Input, { kind: "radio" }>): void {
  const { volatile, config } = turn.agent;
  const { armed } = volatile;
  if (report.kind === "muted") {
    volatile.armed = null;
    volatile.mutedBootUs = report.mutedBootUs;
    onMuted(turn, report, armed?.actuation ?? null);
    return;
  }
  if (armed === null || !equalBytes(armed.actuation, report.actuation)) return;
  const failed = report.kind === "failed" || !report.matches;
  enqueue(turn, "actuation-outcome", {
    actuation: report.actuation,
    result: failed ? "failed" : "on",
    evidence: "read-back",
    emission: failed ? null : armed.emission,
    bootId: config.bootId,
    bootUs: report.bootUs,
    muteLatencyUs: null,
    reason: report.kind === "failed" ? report.code : "armed",
    termination: null,
  });
  if (!failed) {
    volatile.armed = { ...armed, verified: true };
    return;
  }
  const lease = leaseById(turn.agent.provisional, report.artifact);
  if (lease !== undefined) leave(turn, lease, "radio-failed");
}

type MutedReport = Extract<Extract<Input, { kind: "radio" }>["report"], { kind: "muted" }>;

function onMuted(turn: Turn, report: MutedReport, actuation: Uint8Array | null): void {
  const { agent } = turn;
  if (actuation !== null) {
    const lease = [...agent.provisional.leases.values()].find(
      (each) => each.actuation !== null && equalBytes(each.actuation.id, actuation),
    );
    const key = lease === undefined ? "" : toHex(lease.derived.id);
    const termination = agent.volatile.unstoredTerminations.get(key) ?? null;
    enqueue(
      turn,
      "actuation-outcome",
      {
        actuation,
        result: "muted",
        evidence: "guard",
        emission: null,
        bootId: agent.config.bootId,
        bootUs: report.mutedBootUs,
        muteLatencyUs: report.latencyUs,
        reason: report.reason,
        termination: termination?.id ?? null,
      },
      { foreign: termination === null ? [] : [termination], urgent: true },
    );
  }
  relinquishLeft(turn, report.mutedBootUs);
}

/** The radio is silent: what was to be given up is given up now. Called again while the queue had no room. */
export function relinquishLeft(turn: Turn, mutedBootUs: number): void {
  const { agent } = turn;
  for (const [key, reason] of agent.volatile.leaving) {
    const lease = agent.provisional.leases.get(key);
    if (lease === undefined || lease.relinquishment !== null) {
      agent.volatile.leaving.delete(key);
      continue;
    }
    const termination = agent.volatile.unstoredTerminations.get(key) ?? lease.termination;
    const made = relinquish(turn, lease.derived.id, reason, mutedBootUs, termination, []);
    if (!made) return;
    agent.volatile.leaving.delete(key);
    agent.volatile.unstoredTerminations.delete(key);
  }
}

export function relinquish(
  turn: Turn,
  artifact: Uint8Array,
  reason: RelinquishReason,
  mutedBootUs: number,
  termination: RecordOf<"lease-termination"> | null,
  foreign: readonly AnyRecord[],
): boolean {
  const body = {
    artifact,
    reason,
    bootId: turn.agent.config.bootId,
    mutedBootUs,
    termination: termination?.id ?? null,
  };
  const brought = termination === null ? foreign : [...foreign, termination];
  return enqueue(turn, "relinquishment", body, { foreign: brought, urgent: true }) !== null;
}

/** The holder ended the lease: silence at once; the termination is stored with what we record of it. */
export function onTermination(turn: Turn, termination: RecordOf<"lease-termination">): void {
  const { agent } = turn;
  const { artifact } = termination.body;
  const lease = leaseById(agent.provisional, artifact);
  if (lease === undefined) {
    closeNeverConfirmed(turn, termination);
    return;
  }
  if (lease.role !== "consumer" || !equalBytes(lease.offer.header.lineage, termination.header.lineage))
    return;
  if (lease.termination !== null) return;
  put(agent.volatile.unstoredTerminations, toHex(artifact), termination, bounds.WAITING_MAX);
  if (lease.relinquishment === null) {
    leave(turn, lease, "terminated");
    return;
  }
  // Relinquished before: the radio is silent, and a second relinquishment stores the holder's answer.
  const mutedBootUs = agent.volatile.mutedBootUs ?? turn.now.bootUs;
  if (relinquish(turn, artifact, "terminated", mutedBootUs, termination, [])) {
    agent.volatile.unstoredTerminations.delete(toHex(artifact));
  }
}

/** Bound at the holder, never confirmed here: its settlement and its termination are stored together. */
function closeNeverConfirmed(turn: Turn, termination: RecordOf<"lease-termination">): void {
  const { agent } = turn;
  for (const settlement of agent.volatile.known.ofKind("settlement")) {
    if (!equalBytes(settlement.body.artifact, termination.body.artifact)) continue;
    const pending = agent.provisional.acceptances.get(toHex(settlement.body.acceptance));
    if (pending === undefined || !equalBytes(pending.offer.header.lineage, termination.header.lineage))
      continue;
    if (agent.provisional.closedAcceptances.has(toHex(pending.record.id))) return;
    relinquish(turn, termination.body.artifact, "terminated", turn.now.bootUs, termination, [settlement]);
    return;
  }
}
