/** Steps of a scenario: what its owners tell their agents, looked up in what the agents know at that moment. */
import type { RunningAgent } from "../../agent/agent-loop.ts";
import type { Command } from "../../core/agent/input.ts";
import { blockNow } from "../../core/agent/offering.ts";
import { ownTime } from "../../core/agent/own-evidence.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { assert } from "../../core/base/assert.ts";
import type { Lease } from "../../core/settlement/lease.ts";
import type { ScenarioStep } from "../../profile/scenario.ts";

/** Why it was refused, by the ids that `explain` knows; none where it was done. */
export type Outcome = readonly Cause[];

type Cause = { readonly code: string };

/** Whoever has an agent: a simulated host, or this one. */
export type Party = {
  readonly name: string;
  /** The running agent, or null. */
  running(): RunningAgent | null;
};

/** What a step has the root do. */
export type RootActs = {
  /** Signs a status snapshot that lists the agent's credential, and has it broadcast. */
  revoke(agent: string): Promise<void>;
  /** Signs a directive over what the step's agent offers, and has it broadcast. */
  preempt(step: ScenarioStep): Promise<void>;
  /** Says that it has the lease in hand, and has its consumer hear of it. */
  acknowledge(lease: Lease): Promise<void>;
};

export type OrderParts = { readonly host: Pick<Party, "running">; readonly root: RootActs };

/** Resolves when the agent's record of it is durable, or with why there is none. */
export async function order(step: ScenarioStep, { host, root }: OrderParts): Promise<Outcome> {
  if (step.verb === "revoke" || step.verb === "preempt") {
    await (step.verb === "revoke" ? root.revoke(step.agent) : root.preempt(step));
    return [];
  }
  const running = host.running();
  if (running === null) return [{ code: "step-agent-down" }];
  if (step.verb === "acknowledge") {
    const lease = latestLease(running.agent, step.resource);
    if (lease === null) return [{ code: "lease-unknown" }];
    await root.acknowledge(lease);
    return [];
  }
  const found = commandOf(step, running);
  if ("code" in found) return [found];
  const answer = await running.command(found);
  return answer.ok ? [] : [...new Set(answer.rejections.map(({ code }) => code))].map((code) => ({ code }));
}

/** The command, or why there is none. */
function commandOf({ verb, resource, insist }: ScenarioStep, { agent, now }: RunningAgent): Command | Cause {
  switch (verb) {
    case "offer": {
      const standing = agent.config.standingOffers.find(({ offer }) => offer.resource === resource);
      assert(standing !== undefined, "a step that was read names an offer of the agent's");
      const time = ownTime({ agent, now: now(), effects: [] });
      if (time === null) return { code: "not-assured" };
      return { verb, offer: { ...standing.offer, block: blockNow(standing, time.earliestUs) } };
    }
    case "accept": {
      const heard = [...agent.volatile.known.ofKind("offer")].filter(
        ({ body }) => resource === "" || body.resource === resource,
      );
      const latest = heard.sort((a, b) => a.body.endUs - b.body.endUs).at(-1);
      return latest === undefined
        ? { code: "offer-unknown" }
        : { verb, accept: { offer: latest.id, block: null, insist } };
    }
    case "withdraw": {
      const own = [...agent.durable.offers.values()].filter(
        ({ withdrawn, record }) => !withdrawn && (resource === "" || record.body.resource === resource),
      );
      const latest = own.at(-1);
      if (latest === undefined) return { code: "offer-unknown" };
      return { verb, offer: latest.record.id, reason: "owner's choice" };
    }
    case "relinquish":
    case "terminate": {
      const lease = latestLease(agent, resource);
      return lease === null ? { code: "lease-unknown" } : { verb, artifact: lease.derived.id };
    }
    case "revoke":
    case "preempt":
    case "acknowledge":
      throw new Error(`${verb} is the authority's`);
  }
}

/** The one that was settled last, of a resource or (`""`) of any. */
export function latestLease({ durable }: Agent, resource: string): Lease | null {
  const leases = [...durable.leases.values()].filter(
    ({ offer }) => resource === "" || offer.body.resource === resource,
  );
  return leases.at(-1) ?? null;
}
