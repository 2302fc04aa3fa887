/** After an unclean start nothing is signed until everything that might have been promised has run out (PROTOCOL §2). */
import { rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { RecordOf } from "../record/record.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { ownPolicy } from "./refuse.ts";
import type { Turn } from "./turn.ts";

/** Where policy is not at hand, the longest that any shipped policy needs. */
const WITHOUT_POLICY_US = 900_000_000;

/** How the reason of a quarantine begins that no time ends: a record of ours exists that this log lacks. */
const BEYOND = "beyond this log: ";

/** Signed by our key and not in our log: to go on would fork. It waits for the log itself, or an authority's recovery. */
export function beginBeyond(turn: Turn, seq: number): void {
  const { agent } = turn;
  if (agent.volatile.quarantine?.reason.startsWith(BEYOND) === true) return;
  agent.volatile.quarantine = null;
  beginQuarantine(turn, `${BEYOND}a record of ours at seq ${seq} was shown`);
}

export function beginQuarantine(turn: Turn, reason: string): void {
  const { agent, now } = turn;
  if (agent.volatile.quarantine !== null) return;
  agent.volatile.quarantine = { sinceBootUs: now.bootUs, reason, witness: null };
  emit(turn, { kind: "set-quarantine-mark", reason });
  emit(turn, { kind: "mute", reason: "quarantine" });
  const required = { waitUs: quarantineUs(ownPolicy(turn)) };
  refused(turn, null, [rejection("quarantine", "log", { reason }, required)]);
}

/** The longest reach of any lease class, plus the clock bounds, and never less than the longest confirmBy. */
export function quarantineUs(policy: Policy | null): number {
  if (policy === null) return WITHOUT_POLICY_US;
  const reachUs = Math.max(...policy.leaseClasses.map((each) => each.reachUs + each.muteLatencyMaxUs));
  return Math.max(reachUs, policy.confirmByMaxUs) + 2 * policy.clockBoundUs;
}

export function tickQuarantine(turn: Turn): void {
  const { agent, now } = turn;
  const { quarantine } = agent.volatile;
  if (quarantine === null || agent.provisional.key === null || quarantine.reason.startsWith(BEYOND)) return;
  if (now.bootUs - quarantine.sinceBootUs < quarantineUs(ownPolicy(turn))) return;
  if (agent.queue.some(({ draft }) => draft.record.kind === "quarantine-end")) return;
  const { witness } = quarantine;
  const body = {
    confirmed: witness !== null,
    witness: witness?.id ?? null,
    reason: quarantine.reason.slice(0, 200),
  };
  enqueue(turn, "quarantine-end", body, { foreign: witness === null ? [] : [witness] });
}

/** A peer's record that names a head of ours not beyond the log's: the one thing that can confirm it. */
export function confirmHead({ agent }: Turn, witness: RecordOf<"renewal-request">): void {
  const { quarantine } = agent.volatile;
  if (quarantine !== null) agent.volatile.quarantine = { ...quarantine, witness };
}

/** Durable: from here on records are signed again, and the mark may go. */
export function endQuarantine(turn: Turn): void {
  // Queued before a later record of ours was shown: that quarantine no quarantine-end ends.
  if (turn.agent.volatile.quarantine?.reason.startsWith(BEYOND) === true) return;
  turn.agent.volatile.quarantine = null;
  emit(turn, { kind: "clear-quarantine-mark" });
}
