/** A copy of an agent that goes its own way: containers anew, the values inside them shared, since nobody changes those. */
import type { Input } from "../../core/agent/input.ts";
import { cloneState } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import type { Quarantine, Volatile } from "../../core/agent/volatile.ts";

/** Whole: for any input. */
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
 * For one input, sharing what it does not change: only what is appended changes the durable state, and only messages
 * fill the caches of others' records and keys.
 */
export function branchFor({ kind }: Input, agent: Agent): Agent {
  const { volatile } = agent;
  return {
    ...agent,
    durable: kind === "appended" ? cloneState(agent.durable) : agent.durable,
    provisional: cloneState(agent.provisional),
    queue: [...agent.queue],
    documents: new Map(agent.documents),
    volatile: { ...branchVolatile(volatile), ...(kind === "message" ? {} : { known: volatile.known }) },
  };
}

/** Lets go of the copies that came out like what they were made of: thousands of agents are kept. */
export function shareUnchanged(before: Agent, after: Agent): Agent {
  const isSame = before.provisional.head === after.provisional.head;
  return {
    ...after,
    provisional: isSame ? before.provisional : after.provisional,
    documents: before.documents.size === after.documents.size ? before.documents : after.documents,
    volatile: shareMaps(before.volatile, after.volatile),
  };
}

function shareMaps(before: Volatile, after: Volatile): Volatile {
  // Forgotten at the next step in any case.
  const { seen, lanes, aggregates, counters } = before;
  const shared: Record<string, unknown> = { ...after, seen, lanes, aggregates, counters };
  for (const [name, one] of Object.entries(before)) {
    const other = shared[name];
    if (one instanceof Map && other instanceof Map && isAlike(one, other)) shared[name] = one;
  }
  return shared as Volatile;
}

function isAlike(one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): boolean {
  if (one.size !== other.size) return false;
  const [keys, values] = [one.keys(), one.values()];
  for (const [key, value] of other) {
    if (keys.next().value !== key || values.next().value !== value) return false;
  }
  return true;
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
    successors: new Map(volatile.successors),
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
