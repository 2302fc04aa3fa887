/** What an agent holds, against the bound of each of its queues, maps and sets (src/sim/invariants/bound-invariants.ts). */
import { expect, test } from "vitest";
import { bounds } from "../../src/core/agent/bounds.ts";
import type { Agent } from "../../src/core/agent/turn.ts";
import { boundInvariants } from "../../src/sim/invariants/bound-invariants.ts";
import type { Watched } from "../../src/sim/invariants/invariant.ts";
import { twoAgents } from "../support/two-agents.ts";

/** A sweep over these agents alone. */
function sweepOver(agents: ReadonlyMap<string, Agent>): () => void {
  const [bounded] = boundInvariants({ running: () => agents } as unknown as Watched);
  return () => bounded?.sweep?.();
}

function settled(): Agent {
  const scene = twoAgents();
  scene.settle();
  return scene.consumer.agent();
}

test("an agent with a lease holds what it may", () => {
  expect(sweepOver(new Map([["consumer", settled()]]))).not.toThrow();
});

test("a cache that holds its bound is in order, and one more is a breach by its name", () => {
  const agent = settled();
  const sweep = sweepOver(new Map([["consumer", agent]]));
  agent.volatile.refusedOffers.clear();
  for (let i = 0; i < bounds.REFUSED_OFFERS_MAX; i++) agent.volatile.refusedOffers.set(`${i}`, true);
  expect(sweep).not.toThrow();
  agent.volatile.refusedOffers.set("more", true);
  expect(sweep).toThrow(`consumer: refusedOffers holds ${bounds.REFUSED_OFFERS_MAX + 1}`);
});

test("what has no bound of its own grows no faster than the log", () => {
  const agent = settled();
  const sweep = sweepOver(new Map([["consumer", agent]]));
  for (let i = 0; i < 7; i++) agent.provisional.leaseOfRecord.set(`replaced ${i}`, "lease");
  expect(sweep).toThrow("consumer: leaseOfRecord holds");
});

test("of many agents each is looked at in its turn", () => {
  const agent = settled();
  const many = new Map<string, ReturnType<typeof settled>>(
    Array.from({ length: 65 }, (_, i) => [`host-${i}`, settled()] as const),
  );
  many.set("host-last", agent);
  const sweep = sweepOver(many);
  for (let i = 0; i <= bounds.QUEUE_MAX + bounds.QUEUE_RESERVE; i++)
    agent.queue.push({} as Agent["queue"][number]);
  expect(sweep).not.toThrow();
  expect(sweep).toThrow("host-last: queue holds");
});
