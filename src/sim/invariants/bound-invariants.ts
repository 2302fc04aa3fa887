/** Every queue and cache of an agent keeps its named bound (STYLE 14). */
import { bounds } from "../../core/agent/bounds.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

type Bound = readonly [name: string, most: number, size: (agent: Agent) => number];

const BOUNDS: readonly Bound[] = [
  ["queue", bounds.QUEUE_MAX + bounds.QUEUE_RESERVE, ({ queue }) => queue.length],
  ["seen", bounds.SEEN_MAX, ({ volatile }) => volatile.seen.size],
  ["waiting", bounds.WAITING_MAX, ({ volatile }) => volatile.waiting.size],
  ["sent", bounds.SEEN_MAX, ({ volatile }) => volatile.sent.size],
  ["lanes", bounds.PEERS_MAX, ({ volatile }) => volatile.lanes.size],
  ["aggregates", bounds.PEERS_MAX, ({ volatile }) => volatile.aggregates.size],
  ["countersigned", bounds.WAITING_MAX, ({ volatile }) => volatile.countersigned.size],
  ["pendingAcceptances", bounds.WAITING_MAX, ({ volatile }) => volatile.pendingAcceptances.size],
  ["pendingSettlements", bounds.WAITING_MAX, ({ volatile }) => volatile.pendingSettlements.size],
  ["unstoredRenewals", bounds.WAITING_MAX, ({ volatile }) => volatile.unstoredRenewals.size],
  ["otherBootRenewals", bounds.WAITING_MAX, ({ volatile }) => volatile.otherBootRenewals.size],
  ["unstoredTerminations", bounds.WAITING_MAX, ({ volatile }) => volatile.unstoredTerminations.size],
];

export function boundInvariants({ running }: Watched): readonly Invariant[] {
  const bounded: Invariant = {
    name: "bounds-hold",
    sweep() {
      for (const [host, agent] of running()) {
        for (const [name, most, size] of BOUNDS) {
          const holds = size(agent);
          if (holds > most)
            throw new InvariantBroken(bounded.name, `${host}: ${name} holds ${holds} of ${most}`);
        }
      }
    },
  };
  return [bounded];
}
