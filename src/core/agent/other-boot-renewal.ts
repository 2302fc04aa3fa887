/** A renewal that answers another boot's request: stored with the next own record of its lease, never armed (PROTOCOL §6). */
import { equalBytes, idText } from "../base/bytes.ts";
import { isAfter } from "../record/position.ts";
import type { RecordOf } from "../record/record.ts";
import type { Lease } from "../settlement/lease.ts";
import { bounds } from "./bounds.ts";
import { put } from "./known.ts";
import type { Agent, Turn } from "./turn.ts";

export function isOfOtherBoot({ config }: Agent, { body }: RecordOf<"renewal">): boolean {
  return !equalBytes(body.consumerBootId, config.bootId);
}

/** Peer-controlled: it has to answer a request of ours, and of several only the newest waits. */
export function keepOtherBoot({ agent }: Turn, { derived }: Lease, renewal: RecordOf<"renewal">): void {
  const { otherBootRenewals } = agent.volatile;
  if (!agent.provisional.ownIds.has(idText(renewal.body.request))) return;
  const key = idText(derived.id);
  const waiting = otherBootRenewals.get(key);
  if (waiting !== undefined && !isAfter(renewal, waiting)) return;
  put(otherBootRenewals, key, renewal, bounds.WAITING_MAX);
}

/** What the next own record of the lease brings along: one renewal, or none. */
export function otherBootRenewal({ agent }: Turn, { derived }: Lease): readonly RecordOf<"renewal">[] {
  const { otherBootRenewals } = agent.volatile;
  const key = idText(derived.id);
  const waiting = otherBootRenewals.get(key);
  if (waiting === undefined) return [];
  // Let go only when it is flushed: a queue that is lost before takes the place of it along.
  if (agent.durable.stored.has(idText(waiting.id))) otherBootRenewals.delete(key);
  return agent.provisional.stored.has(idText(waiting.id)) ? [] : [waiting];
}
