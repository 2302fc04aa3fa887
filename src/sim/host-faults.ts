/** What happens to hosts and to the broker: each fault strikes, lasts, and is mended by somebody in the end. */
import { agentTopic } from "../core/wire/topic.ts";
import type { Chance } from "./chance.ts";
import type { SimWorld, SkyFault } from "./drivers.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { Host } from "./host.ts";
import type { Timeline } from "./timeline.ts";

export type HostFaults = {
  /** One fault, drawn, on one host, drawn. */
  strike(): void;
  /** Ends every fault that still lasts, and starts what does not run. */
  calm(): void;
};

export type HostFaultParts = {
  readonly hosts: readonly Host[];
  readonly world: SimWorld;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  /** For `forUs` from now on this host cannot tell time or place from a lie. */
  readonly misled: (host: Host, forUs: number) => void;
};

const CLEAR_SKY: SkyFault = { disconnected: false, outage: false, jammed: false, spoof: null };
const LASTS_US_MAX = 20_000_000;
/** How long a lie may act on after it ended: until its last renewal has run out, and true fixes are believed again. */
const AFTER_SPOOF_US = 60_000_000;
/** Operations of the disk within which a planned fault strikes. */
const SOON = 12;

type Fault = {
  readonly name: string;
  /** Of all weights. */
  readonly weight: number;
  /** Strikes; the result mends it, null where nothing is to be mended. */
  strike(host: Host): (() => void) | null;
};

export function newHostFaults(parts: HostFaultParts): HostFaults {
  const { hosts, timeline, chance, counts } = parts;
  const faults = [
    ...powerFaults(parts),
    ...diskFaults(parts),
    ...deviceFaults(parts),
    ...brokerFaults(parts),
  ];
  const weights = faults.reduce((sum, { weight }) => sum + weight, 0);
  const lasting = new Set<() => void>();

  function draw(): Fault {
    let left = chance.below(weights);
    for (const fault of faults) {
      if (left < fault.weight) return fault;
      left -= fault.weight;
    }
    throw new Error("weights add up to their sum");
  }

  return {
    strike() {
      const fault = draw();
      const host = hosts[chance.below(hosts.length)];
      if (host === undefined) return;
      counts.count(fault.name);
      const mend = fault.strike(host);
      if (mend === null) return;
      const once = (): void => {
        if (lasting.delete(once)) mend();
      };
      lasting.add(once);
      timeline.at(timeline.nowUs() + chance.between(100_000, LASTS_US_MAX), once);
    },
    calm() {
      for (const mend of [...lasting]) mend();
      for (const host of hosts) {
        host.weather.storeBeforeUs = 1_000;
        host.weather.storeAfterUs = 1_000;
        host.start();
      }
    },
  };
}

function powerFaults({ hosts }: HostFaultParts): readonly Fault[] {
  return [
    {
      name: "kill",
      weight: 20,
      strike(host) {
        host.kill();
        return () => host.start();
      },
    },
    {
      name: "kill-and-start",
      weight: 20,
      strike(host) {
        host.kill();
        host.start();
        return null;
      },
    },
    {
      name: "power-cut",
      weight: 15,
      strike(host) {
        host.powerCut();
        return () => host.start();
      },
    },
    {
      name: "freeze",
      weight: 10,
      strike(host) {
        host.freeze();
        return () => host.thaw();
      },
    },
    {
      name: "power-cut-all",
      weight: 1,
      strike() {
        for (const host of hosts) host.powerCut();
        return () => {
          for (const host of hosts) host.start();
        };
      },
    },
  ];
}

function diskFaults({ chance }: HostFaultParts): readonly Fault[] {
  return [
    {
      name: "flush-error",
      weight: 10,
      strike({ machine: { disk } }) {
        disk.failAt(disk.operations() + chance.below(SOON), "flush-error");
        return null;
      },
    },
    {
      name: "write-error",
      weight: 10,
      strike({ machine: { disk } }) {
        disk.failAt(disk.operations() + chance.below(SOON), "write-error");
        return null;
      },
    },
    {
      name: "full-disk",
      weight: 5,
      strike({ machine: { disk } }) {
        disk.leave(chance.below(4_096));
        return () => disk.leave(null);
      },
    },
    {
      name: "slow-disk",
      weight: 10,
      strike({ weather }) {
        weather.storeBeforeUs = chance.below(1_500_000);
        weather.storeAfterUs = chance.below(1_500_000);
        return () => {
          weather.storeBeforeUs = chance.below(20_000);
          weather.storeAfterUs = chance.below(20_000);
        };
      },
    },
  ];
}

function deviceFaults({ chance, misled }: HostFaultParts): readonly Fault[] {
  const sky = (name: string, weight: number, fault: () => Partial<SkyFault>): Fault => ({
    name,
    weight,
    strike({ machine: { receiver } }) {
      receiver.setSky({ ...CLEAR_SKY, ...fault() });
      return () => receiver.setSky(CLEAR_SKY);
    },
  });
  return [
    sky("gnss-outage", 8, () => ({ outage: true })),
    sky("gnss-jammed", 8, () => ({ jammed: true })),
    sky("gnss-unplugged", 5, () => ({ disconnected: true })),
    sky("spoof-noticed", 5, () => ({
      spoof: { northMm: 200_000, eastMm: 0, timeUs: chance.between(-10_000_000, 10_000_000), detected: true },
    })),
    {
      name: "spoof-unnoticed",
      weight: 2,
      strike(host) {
        misled(host, LASTS_US_MAX + AFTER_SPOOF_US);
        const spoof = {
          northMm: chance.between(-300_000, 300_000),
          eastMm: chance.between(-300_000, 300_000),
          timeUs: chance.between(-5_000_000, 5_000_000),
          detected: false,
        };
        host.machine.receiver.setSky({ ...CLEAR_SKY, spoof });
        return () => host.machine.receiver.setSky(CLEAR_SKY);
      },
    },
    {
      name: "wall-step",
      weight: 5,
      strike({ weather }) {
        weather.wallErrorUs = chance.between(-100_000_000, 100_000_000);
        return () => {
          weather.wallErrorUs = 0;
        };
      },
    },
    {
      name: "tpm-lost",
      weight: 6,
      strike({ machine: { tpm } }) {
        tpm.setLost(true);
        return () => tpm.setLost(false);
      },
    },
    {
      name: "tpm-lockout",
      weight: 6,
      strike({ machine: { tpm } }) {
        tpm.setLockedOut(true);
        return () => tpm.setLockedOut(false);
      },
    },
  ];
}

function brokerFaults({ world: { broker }, chance }: HostFaultParts): readonly Fault[] {
  return [
    {
      name: "broker-restart",
      weight: 3,
      strike() {
        broker.stop();
        return () => broker.start();
      },
    },
    {
      name: "cut-off",
      weight: 15,
      strike(host) {
        const id = host.clientId();
        broker.cut(id);
        return () => broker.restore(id);
      },
    },
    {
      name: "garbage",
      weight: 10,
      strike(host) {
        broker.inject(agentTopic(host.lineage(), "inbox"), chance.bytes(chance.below(400)));
        return null;
      },
    },
  ];
}
