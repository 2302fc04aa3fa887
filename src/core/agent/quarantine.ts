/** After an unclean start nothing is signed until everything that might have been promised has run out (PROTOCOL §2). */
import { rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { RecordOf } from "../record/record.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { ownTime } from "./own-evidence.ts";
import { followingPolicies } from "./policies.ts";
import type { Agent, Turn } from "./turn.ts";
import type { Beyond } from "./volatile.ts";

/** Where policy is not at hand, the longest that any shipped policy needs. */
const WITHOUT_POLICY_US = 900_000_000;

/** Starts one, with the mark that makes the next start go on with it; one that stands is left as it is. */
export function beginQuarantine(turn: Turn, reason: string): void {
  if (turn.agent.volatile.quarantine === null) quarantineAnew(turn, reason, null);
}

/** In full from now, whatever stood before. `beyond`: no time ends it, until the log has what it names. */
export function quarantineAnew(turn: Turn, reason: string, beyond: Beyond | null): void {
  const { agent, now } = turn;
  agent.volatile.quarantine = { sinceBootUs: now.bootUs, reason, witness: null, beyond };
  // Neither a quarantine-end that is being stored now, nor one that comes back with the missing records, ends this one.
  const seq = Math.max(agent.provisional.nextSeq, (beyond?.seq ?? -1) + 1);
  emit(turn, { kind: "set-quarantine-mark", seq, reason });
  emit(turn, { kind: "mute", reason: "quarantine" });
  const required = { waitUs: longestQuarantineUs(agent) };
  refused(turn, null, [rejection("quarantine", "log", { reason }, required)]);
}

/** Acknowledged records are gone while the agent runs: in full from now, and a shown record is waited for all the same. */
export function quarantineAfterLoss(turn: Turn, reason: string): void {
  const standing = turn.agent.volatile.quarantine;
  const beyond = standing?.beyond ?? null;
  quarantineAnew(turn, beyond === null ? reason : (standing?.reason ?? reason), beyond);
}

/** The longest reach of any lease class, plus the clock bounds, and never less than the longest confirmBy. */
export function quarantineUs(policy: Policy | null): number {
  if (policy === null) return WITHOUT_POLICY_US;
  const reachUs = Math.max(...policy.leaseClasses.map((each) => each.reachUs + each.muteLatencyMaxUs));
  return Math.max(reachUs, policy.confirmByMaxUs) + 2 * policy.clockBoundUs;
}

/** Of all policies that are held: leases of a predecessor keep theirs to their end. */
function longestQuarantineUs(agent: Agent): number {
  const held = followingPolicies(agent);
  return held.length === 0 ? quarantineUs(null) : Math.max(...held.map(({ body }) => quarantineUs(body)));
}

export function tickQuarantine(turn: Turn): void {
  const { agent, now } = turn;
  const { quarantine } = agent.volatile;
  if (quarantine === null || agent.provisional.key === null || quarantine.beyond !== null) return;
  if (now.bootUs - quarantine.sinceBootUs < longestQuarantineUs(agent)) return;
  if (agent.queue.some(({ draft }) => draft.record.kind === "quarantine-end")) return;
  const { witness } = quarantine;
  const body = {
    confirmed: witness !== null,
    witness: witness?.id ?? null,
    reason: quarantine.reason.slice(0, 200),
  };
  enqueue(turn, "quarantine-end", body, { foreign: witness === null ? [] : [witness] });
}

/**
 * A peer's record that names a head of ours not beyond the log's: the one thing that can confirm it. Only one made since:
 * an older one, repeated, knows nothing of what this log may have lost.
 */
export function confirmHead(turn: Turn, witness: RecordOf<"renewal-request">): void {
  const { agent, now } = turn;
  const { quarantine } = agent.volatile;
  const [own, theirs] = [ownTime(turn), witness.header.time];
  if (quarantine === null || own === null || theirs === null) return;
  if (theirs.earliestUs <= own.latestUs - (now.bootUs - quarantine.sinceBootUs)) return;
  agent.volatile.quarantine = { ...quarantine, witness };
}

/** Durable: from here on records are signed again, and the mark may go. */
export function endQuarantine(turn: Turn): void {
  // Queued before a later record of ours was shown: that quarantine no quarantine-end ends.
  const { quarantine } = turn.agent.volatile;
  if (quarantine !== null && quarantine.beyond !== null) return;
  turn.agent.volatile.quarantine = null;
  emit(turn, { kind: "clear-quarantine-mark" });
}
