/** What the owners of simulated hosts ask of their agents: accept offers, give leases up, end them, take offers back. */
import type { Command } from "../core/agent/input.ts";
import { leaseById } from "../core/agent/state.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Chance } from "./chance.ts";
import type { Host } from "./host.ts";

export type Workload = {
  /** An offer became durable at a site. */
  offered(offer: RecordOf<"offer">, site: number): void;
  /** One decision of one owner. */
  act(): void;
};

const OFFERS_KEPT = 32;

export type WorkloadParts = {
  readonly hosts: readonly Host[];
  readonly chance: Chance;
};

export function newWorkload({ hosts, chance }: WorkloadParts): Workload {
  /** By site: nobody hears of another one's. */
  const offered = new Map<number, RecordOf<"offer">[]>();

  function accept(host: Host): Command | null {
    const offers = offered.get(host.spec.site) ?? [];
    const offer = offers[chance.below(Math.max(1, offers.length))];
    if (offer === undefined || host.spec.role !== "consumer") return null;
    return { verb: "accept", accept: { offer: offer.id, block: null, insist: false } };
  }

  function end(host: Host): Command | null {
    const leases = [...(host.agent()?.durable.leases.values() ?? [])].slice(-4);
    const lease = leases[chance.below(Math.max(1, leases.length))];
    if (lease === undefined) return null;
    const artifact = lease.derived.id;
    return { verb: lease.role === "holder" ? "terminate" : "relinquish", artifact };
  }

  function withdraw(host: Host): Command | null {
    const own = [...(host.agent()?.durable.offers.values() ?? [])]
      .filter(({ withdrawn }) => !withdrawn)
      .at(-1);
    return own === undefined ? null : { verb: "withdraw", offer: own.record.id, reason: "owner's choice" };
  }

  return {
    offered(offer, site) {
      const offers = offered.get(site) ?? [];
      offered.set(site, offers);
      offers.push(offer);
      if (offers.length > OFFERS_KEPT) offers.shift();
    },
    act() {
      const host = hosts[chance.below(hosts.length)];
      const running = host?.running();
      if (host === undefined || running === null || running === undefined) return;
      const dice = chance.below(100);
      const command = dice < 92 ? accept(host) : dice < 97 ? end(host) : withdraw(host);
      if (command === null) return;
      if (
        command.verb === "terminate" &&
        leaseById(running.agent.provisional, command.artifact) === undefined
      )
        return;
      // The answer is in the lineage, or in a note; owners here do not read it.
      void running.command(command);
    },
  };
}
