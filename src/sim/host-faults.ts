/** What happens to hosts and to the broker: each fault strikes, lasts, and is mended by somebody in the end. */
import { credentialFaults } from "./faults/credential-faults.ts";
import { deviceFaults } from "./faults/device-faults.ts";
import { diskFaults } from "./faults/disk-faults.ts";
import { type Fault, type FaultParts, LASTS_US_MAX } from "./faults/fault.ts";
import type { FaultName } from "./faults/fault-names.ts";
import { keyFaults } from "./faults/key-faults.ts";
import { meshFaults } from "./faults/mesh-faults.ts";
import { powerFaults } from "./faults/power-faults.ts";
import { recognitionFaults } from "./faults/recognition-faults.ts";
import { FLUSH_HALF_US } from "./host.ts";

export type HostFaults = {
  /** One fault, drawn, on one host, drawn. */
  strike(): void;
  /** Ends every fault that still lasts, and starts what does not run. */
  calm(): void;
};

export type HostFaultParts = FaultParts & {
  /** Drawn like all others, and then nothing happens. */
  readonly without: ReadonlySet<FaultName>;
};

export function newHostFaults(parts: HostFaultParts): HostFaults {
  const { hosts, timeline, chance, counts, without } = parts;
  const faults = [
    ...powerFaults(parts),
    ...diskFaults(parts),
    ...deviceFaults(parts),
    ...meshFaults(parts),
    ...credentialFaults(parts),
    ...keyFaults(parts),
    ...recognitionFaults(parts),
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
      if (host === undefined || without.has(fault.name)) return;
      const mend = fault.strike(host);
      if (mend === "in-vain") return;
      counts.count(fault.name);
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
        host.weather.storeBeforeUs = FLUSH_HALF_US;
        host.weather.storeAfterUs = FLUSH_HALF_US;
        host.start();
      }
    },
  };
}
