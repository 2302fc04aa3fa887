/** How the consumer's lease ends: silence first, then the records of it (PROTOCOL §6). */
import { equalBytes, idText } from "../base/bytes.ts";
import type { RelinquishReason } from "../record/kinds/relinquishment.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Lease } from "../settlement/lease.ts";
import { emit, enqueue } from "./agent.ts";
import { bounds } from "./bounds.ts";
import type { Input } from "./input.ts";
import { put } from "./known.ts";
import { otherBootRenewal } from "./other-boot-renewal.ts";
import { nameOutages } from "./outage.ts";
import { mutesForCertain } from "./radio-gates.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Silence first; the records follow when the radio reports it. */
export function leave(turn: Turn, lease: Lease, reason: RelinquishReason): void {
  const { volatile } = turn.agent;
  const key = idText(lease.derived.id);
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
    // Only an order's own report tells its latency; the guard mutes unasked.
    if (report.latencyUs !== null) volatile.mutesUnderWay = Math.max(0, volatile.mutesUnderWay - 1);
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
    const certain = mutesForCertain(agent.config);
    const lease = [...agent.provisional.leases.values()].find(
      (each) => each.actuation !== null && equalBytes(each.actuation.id, actuation),
    );
    const key = lease === undefined ? "" : idText(lease.derived.id);
    const termination = agent.volatile.unstoredTerminations.get(key) ?? null;
    enqueue(
      turn,
      "actuation-outcome",
      {
        actuation,
        result: certain ? "muted" : "failed",
        evidence: certain ? "guard" : "none",
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
  nameOutages(turn);
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
    const parts = { artifact: lease.derived.id, reason, mutedBootUs, termination };
    const made = relinquish(turn, parts, otherBootRenewal(turn, lease));
    if (!made) return;
    agent.volatile.leaving.delete(key);
    agent.volatile.unstoredTerminations.delete(key);
  }
}

type GivingUp = {
  readonly artifact: Uint8Array;
  readonly reason: RelinquishReason;
  readonly mutedBootUs: number;
  readonly termination: RecordOf<"lease-termination"> | null;
};

function relinquish(turn: Turn, parts: GivingUp, foreign: readonly AnyRecord[] = []): boolean {
  const { artifact, reason, mutedBootUs, termination } = parts;
  const { config } = turn.agent;
  const { bootId } = config;
  // A relinquishment says that the radio is silent: who cannot know leaves the lease to run out.
  if (!mutesForCertain(config)) return false;
  const body = { artifact, reason, bootId, mutedBootUs, termination: termination?.id ?? null };
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
  put(agent.volatile.unstoredTerminations, idText(artifact), termination, bounds.WAITING_MAX);
  if (lease.relinquishment === null) {
    leave(turn, lease, "terminated");
    return;
  }
  // Relinquished before: the radio is silent, and a second relinquishment stores the holder's answer.
  const mutedBootUs = agent.volatile.mutedBootUs ?? turn.now.bootUs;
  if (relinquish(turn, { artifact, reason: "terminated", mutedBootUs, termination })) {
    agent.volatile.unstoredTerminations.delete(idText(artifact));
  }
}

/** Bound at the holder, never confirmed here: its settlement and its termination are stored together. */
function closeNeverConfirmed(turn: Turn, termination: RecordOf<"lease-termination">): void {
  const { agent } = turn;
  if (agent.provisional.stored.has(idText(termination.id))) return;
  for (const settlement of agent.volatile.known.ofKind("settlement")) {
    if (!equalBytes(settlement.body.artifact, termination.body.artifact)) continue;
    const pending = agent.provisional.acceptances.get(idText(settlement.body.acceptance));
    if (pending === undefined || !equalBytes(pending.offer.header.lineage, termination.header.lineage))
      continue;
    if (agent.provisional.closedAcceptances.has(idText(pending.record.id))) return;
    const { artifact } = termination.body;
    const mutedBootUs = agent.volatile.mutedBootUs ?? turn.now.bootUs;
    relinquish(turn, { artifact, reason: "terminated", mutedBootUs, termination }, [settlement]);
    return;
  }
}
