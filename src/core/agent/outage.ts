/** Names the interval in which muting could not be recorded, as soon as records are written again (PROTOCOL §2). */
import { equalBytes, idText } from "../base/bytes.ts";
import type { Outage } from "../record/kinds/outage.ts";
import type { RecordOf } from "../record/record.ts";
import { isUnrecorded, type Lease } from "../settlement/lease.ts";
import { enqueue } from "./agent.ts";
import { mutesForCertain } from "./radio-gates.ts";
import { liveLeases } from "./state.ts";
import type { Turn } from "./turn.ts";

/** One outage for each boot with emissions whose end no outcome tells: a full or lost queue, a quarantine, a crash. */
export function nameOutages(turn: Turn): void {
  const { config, queue, durable, provisional } = turn.agent;
  if (!mutesForCertain(config)) return;
  // An outage speaks for all actuations of its boot before it, and of a queued one nothing has gone wrong yet.
  if (queue.some(({ draft }) => draft.record.kind === "actuation")) return;
  const boots = new Map<string, Outage>();
  for (const standing of liveLeases(durable)) {
    const lease = provisional.leases.get(idText(standing.derived.id)) ?? standing;
    if (lease.actuation === null || !hasOutage(turn, lease)) continue;
    const body = outageOf(turn, lease, lease.actuation);
    if (body === null) continue;
    const boot = idText(body.bootId);
    boots.set(boot, joined(boots.get(boot) ?? body, body));
  }
  for (const body of boots.values()) enqueue(turn, "outage", body, { urgent: true });
}

function joined(a: Outage, b: Outage): Outage {
  const fromBootUs = Math.min(a.fromBootUs, b.fromBootUs);
  return { ...a, fromBootUs, untilBootUs: Math.max(a.untilBootUs, b.untilBootUs) };
}

/** The end of the lease's last emission is in no record, and will be in no outcome either. */
export function hasOutage({ agent }: Turn, lease: Lease): boolean {
  const { armed, ordered, startedSeq } = agent.volatile;
  const { actuation } = lease;
  if (actuation === null || !isUnrecorded(lease)) return false;
  if (armed !== null && equalBytes(armed.actuation, actuation.id)) return false;
  // Of this run, and decided against: RF was not switched on by it.
  return actuation.header.seq < startedSeq || (ordered !== null && equalBytes(ordered, actuation.id));
}

/** From when RF may have been on until it was off for certain; null while nobody knows that it is off. */
function outageOf({ agent }: Turn, lease: Lease, { body }: RecordOf<"actuation">): Outage | null {
  const { bootId, deadlineBootUs } = body;
  const { reachUs, muteLatencyUs } = lease.derived.artifact.terms;
  const what = "when the radio fell silent";
  // No renewal reaches farther than this, so its request, which RF followed, was not earlier.
  const on = lease.outcome?.body.result === "on" ? lease.outcome.body.bootUs : null;
  const fromBootUs = on ?? Math.max(0, deadlineBootUs - reachUs);
  if (equalBytes(bootId, agent.config.bootId)) {
    const { mutedBootUs, mutesUnderWay } = agent.volatile;
    if (mutedBootUs === null || mutesUnderWay > 0) return null;
    return { what, bootId, fromBootUs: Math.min(fromBootUs, mutedBootUs), untilBootUs: mutedBootUs };
  }
  // A boot that is over: the guard had no later deadline than a renewal that answers the last durable request grants.
  const { lastRequest } = lease;
  const asked = lastRequest !== null && equalBytes(lastRequest.body.bootId, bootId);
  const lastBootUs = asked ? lastRequest.body.anchorBootUs : deadlineBootUs;
  const untilBootUs = Math.max(deadlineBootUs, lastBootUs + reachUs) + muteLatencyUs;
  return { what, bootId, fromBootUs, untilBootUs };
}
