/** Liveness: in calm everybody gets a turn, and whoever is honest and entitled has to come to a settlement of its own. */
import { equalBytes } from "../core/base/bytes.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Lease } from "../core/settlement/lease.ts";
import type { Host } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { InvariantBroken } from "./invariants/invariant.ts";
import type { Timeline } from "./timeline.ts";

export type Turns = {
  /** Calm begins. */
  begin(): void;
  /** An offer became durable at a site: in calm, whoever waited longest there tries it. */
  offered(offer: RecordOf<"offer">, site: number): void;
  /** Throws InvariantBroken. At the end of the calm. */
  check(): void;
};

export type TurnsParts = {
  readonly hosts: readonly Host[];
  readonly timeline: Timeline;
  /** Nobody can hold this host to anything: it was deceived, or its disk lost what it had acknowledged. */
  readonly isExcused: (host: Host) => boolean;
  /** Its credential neither was revoked nor ran out. */
  readonly isEntitled: (host: Host) => boolean;
};

/** For quarantines and the bounds of leases to run out; who is fit then has the rest of the calm for its turn. */
const FIT_AFTER_US = 50_000_000;
/** An offer has to come round first. */
const HEARD_AFTER_US = 400_000;
/** Two at most so far apart trade, whatever their receivers err: the world's window is 50 m. */
const NEAR_MM = 43_000;

export function newTurns({ hosts, timeline, isExcused, isEntitled }: TurnsParts): Turns {
  let beganUs: number | null = null;
  /** Who waits for a turn, the longest first. */
  let waiting: Host[] = [];
  const fit = new Set<Host>();

  function isFit(host: Host): boolean {
    const agent = host.agent();
    return agent !== null && agent.volatile.quarantine === null && !isExcused(host) && isEntitled(host);
  }

  function hasSettled(host: Host): boolean {
    const sinceUs = WORLD_BEGAN_US + (beganUs ?? 0);
    const leases = [...(host.agent()?.durable.leases.values() ?? [])];
    return leases.some((lease) => (settledUs(lease) ?? 0) >= sinceUs);
  }

  function isTraded(host: Host): boolean {
    return [...fit].some((other) => other.spec.role !== host.spec.role && isNear(host, other));
  }

  return {
    begin() {
      beganUs = timeline.nowUs();
      waiting = hosts.filter(({ spec }) => spec.role === "consumer");
      timeline.at(beganUs + FIT_AFTER_US, () => {
        for (const host of hosts) if (isFit(host)) fit.add(host);
      });
    },
    offered({ id: offer, header }, site) {
      if (beganUs === null || !hosts.some((host) => equalBytes(host.lineage(), header.lineage))) return;
      const next = waiting.find((host) => host.spec.site === site && !hasSettled(host));
      if (next === undefined) return;
      waiting = [...waiting.filter((each) => each !== next), next];
      timeline.at(timeline.nowUs() + HEARD_AFTER_US, () => {
        void next.running()?.command({ verb: "accept", accept: { offer, block: null, insist: false } });
      });
    },
    check() {
      const idle = hosts.filter(
        (host) => fit.has(host) && isFit(host) && isTraded(host) && !hasSettled(host),
      );
      if (idle.length === 0) return;
      const names = idle.map(({ spec }) => spec.name).join(", ");
      throw new InvariantBroken(
        "honest-pairs-settle",
        `fit, near, and without a settlement in calm: ${names}`,
      );
    },
  };
}

function settledUs({ role, consumerSettlement, holderSettlement }: Lease): number | null {
  const own = role === "holder" ? holderSettlement : consumerSettlement;
  return own?.header.time?.latestUs ?? null;
}

function isNear({ spec: one }: Host, { spec: other }: Host): boolean {
  return (
    one.site === other.site && Math.hypot(one.northMm - other.northMm, one.eastMm - other.eastMm) < NEAR_MM
  );
}
