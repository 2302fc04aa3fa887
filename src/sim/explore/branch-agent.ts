/** A copy of an agent that goes its own way: containers anew, the values inside them shared, since nobody changes those. */
import { cloneState } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import type { Quarantine, Volatile } from "../../core/agent/volatile.ts";

export function branchAgent(agent: Agent): Agent {
  return {
    ...agent,
    durable: cloneState(agent.durable),
    provisional: cloneState(agent.provisional),
    queue: [...agent.queue],
    documents: new Map(agent.documents),
    volatile: branchVolatile(agent.volatile),
  };
}

/**
 * Counters, lanes and what was seen before only throttle or spare work, far from their bounds in a small scope: they are
 * let go of at every step, as they may be at any instant, so that histories meet again.
 */
function branchVolatile(volatile: Volatile): Volatile {
  return {
    ...volatile,
    known: volatile.known.copy(),
    seen: new Map(),
    waiting: new Map(volatile.waiting),
    sent: new Map(volatile.sent),
    given: new Map(volatile.given),
    lanes: new Map(),
    aggregates: new Map(),
    countersigned: new Map(volatile.countersigned),
    pendingAcceptances: new Map(volatile.pendingAcceptances),
    pendingSettlements: new Map(volatile.pendingSettlements),
    pendingOffers: new Map(volatile.pendingOffers),
    refusedOffers: new Map(volatile.refusedOffers),
    unstoredRenewals: new Map(volatile.unstoredRenewals),
    otherBootRenewals: new Map(volatile.otherBootRenewals),
    unstoredTerminations: new Map(volatile.unstoredTerminations),
    leaving: new Map(volatile.leaving),
    wished: new Set(volatile.wished),
    offered: new Map(volatile.offered),
    counters: new Map(),
    timeLevels: new Map(volatile.timeLevels),
    placeLevels: new Map(volatile.placeLevels),
    wantsWindowStartUs: 0,
    wants: 0,
    quarantine: branchQuarantine(volatile.quarantine),
  };
}

function branchQuarantine(quarantine: Quarantine | null): Quarantine | null {
  if (quarantine === null || quarantine.beyond === null) return quarantine;
  const { beyond } = quarantine;
  return { ...quarantine, beyond: { ...beyond, records: new Map(beyond.records) } };
}
