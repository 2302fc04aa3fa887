/** Processes that die, hosts that lose power, and processes that are stopped. */
import type { Fault, FaultParts } from "./fault.ts";

/** Operations of a disk within which the power goes: in work, and while a log is opened. */
const IN_WORK = 4;
const IN_OPENING = 8;
const OPENINGS = 3;
const OFF_US_MIN = 300_000;
const OFF_US_MAX = 3_000_000;

export function powerFaults({ hosts, timeline, chance }: FaultParts): readonly Fault[] {
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
    // Within a disk's operation, and up to twice more while the log is being opened again.
    {
      name: "power-loss-in-opening",
      weight: 40,
      strike(host) {
        const { disk } = host.machine;
        const later = (act: () => void): void =>
          void timeline.at(timeline.nowUs() + chance.between(OFF_US_MIN, OFF_US_MAX), act);
        const restart = (again: number): void => {
          host.powerCut();
          if (again > 0) {
            disk.failAt(disk.operations() + chance.below(IN_OPENING), "power-loss");
            later(() => restart(again - 1));
          }
          host.start();
        };
        disk.failAt(disk.operations() + chance.below(IN_WORK), "power-loss");
        later(() => restart(chance.below(OPENINGS)));
        return null;
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
