/** Hosts on air that are carried out of the area of their blocks, and come back. */
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { Host } from "./host.ts";
import type { Timeline } from "./timeline.ts";

export type Travel = {
  /** Carries one host away, drawn from those on air. */
  go(): void;
  /** Everybody comes home. */
  calm(): void;
};

export type TravelParts = {
  readonly hosts: readonly Host[];
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly moved: (host: Host, isAway: boolean) => void;
};

/** Beyond the edge of every block's square, which reaches half a kilometre from the centre. */
const AWAY_MM = 900_000;
const LASTS_US_MIN = 10_000_000;
const LASTS_US_MAX = 40_000_000;

export function newTravel({ hosts, timeline, chance, counts, moved }: TravelParts): Travel {
  const away = new Set<Host>();

  function comeHome(host: Host): void {
    if (!away.delete(host)) return;
    host.machine.receiver.moveTo(host.spec.northMm, host.spec.eastMm);
    moved(host, false);
  }

  return {
    go() {
      const onAir = hosts.filter((each) => each.agent()?.volatile.armed !== null && each.running() !== null);
      const host = onAir[chance.below(Math.max(1, onAir.length))];
      if (host === undefined || away.has(host)) return;
      counts.count("carried-away");
      away.add(host);
      host.machine.receiver.moveTo(host.spec.northMm + AWAY_MM, host.spec.eastMm);
      moved(host, true);
      const untilUs = timeline.nowUs() + chance.between(LASTS_US_MIN, LASTS_US_MAX);
      timeline.at(untilUs, () => comeHome(host));
    },
    calm() {
      for (const host of [...away]) comeHome(host);
    },
  };
}
