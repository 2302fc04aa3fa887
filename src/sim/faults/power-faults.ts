/** Processes that die, hosts that lose power, and processes that are stopped. */
import type { Fault, FaultParts } from "./fault.ts";

export function powerFaults({ hosts }: FaultParts): readonly Fault[] {
  return [
    {
      name: "kill",
      weight: 20,
      strike(host) {
        host.kill();
        return () => host.start();
      },
    },
    // What is volatile goes, and nothing else: whatever safety stands on has to come back from the log.
    {
      name: "kill-and-start",
      weight: 40,
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
      strike({ spec: { site } }) {
        const there = hosts.filter(({ spec }) => spec.site === site);
        for (const host of there) host.powerCut();
        return () => {
          for (const host of there) host.start();
        };
      },
    },
  ];
}
