/** Disks that fail, fill up, take their time, rot, and are put back from a backup or carried to another host. */
import type { SimDiskImage } from "../drivers.ts";
import type { Host } from "../host.ts";
import type { Fault, FaultParts } from "./fault.ts";

/** Operations of the disk within which a planned fault strikes. */
const SOON = 12;
/** Of the operations of a failing disk, at most: one in ten. */
const FAILING_PERMILLE_MAX = 100;
/** Hosts of the beginning of the list whose disks keep what they acknowledged: somebody has to be left to trade. */
const SPARED = 3;
/** Older ones are thrown away. */
const BACKUPS_A_HOST = 2;

export function diskFaults(parts: FaultParts): readonly Fault[] {
  return [...operationFaults(parts), ...lossFaults(parts)];
}

function operationFaults({ chance, counts }: FaultParts): readonly Fault[] {
  const operations = chance.fork("operations of failing disks");
  const planned = (fault: "flush-error" | "write-error" | "power-loss", weight: number): Fault => ({
    name: fault === "power-loss" ? "power-loss-in-disk-operation" : fault,
    weight,
    strike({ machine: { disk } }) {
      disk.failAt(disk.operations() + chance.below(SOON), fault);
      return null;
    },
  });
  return [
    planned("flush-error", 10),
    planned("write-error", 10),
    planned("power-loss", 10),
    {
      name: "failing-disk",
      weight: 15,
      strike({ machine: { disk } }) {
        const permille = 1 + chance.below(FAILING_PERMILLE_MAX);
        disk.setFailing(() => {
          if (!operations.hits(permille)) return null;
          counts.count("disk-operation-failed");
          return operations.hits(500) ? "write-error" : "flush-error";
        });
        return () => disk.setFailing(() => null);
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

/** Faults that take what was acknowledged. */
function lossFaults({ hosts, chance, harm }: FaultParts): readonly Fault[] {
  const spared = new Set(hosts.slice(0, SPARED));
  const backups = new Map<Host, SimDiskImage[]>();
  /** Hosts that have another one's disk just now. */
  const borrowing = new Set<Host>();

  const rot = (where: "tail" | "old", weight: number): Fault => ({
    name: `rot-${where}`,
    weight,
    strike(host) {
      if (spared.has(host) || borrowing.has(host)) return "in-vain";
      harm.forgetful(host);
      return host.machine.disk.rot(where, chance.below) ? null : "in-vain";
    },
  });
  return [
    rot("tail", 2),
    rot("old", 5),
    {
      name: "backup-taken",
      weight: 6,
      strike(host) {
        if (borrowing.has(host)) return "in-vain";
        const taken = backups.get(host) ?? [];
        backups.set(host, [...taken, host.machine.disk.image()].slice(-BACKUPS_A_HOST));
        return null;
      },
    },
    {
      name: "backup-put-back",
      weight: 3,
      strike(host) {
        const taken = backups.get(host) ?? [];
        const image = taken[chance.below(Math.max(1, taken.length))];
        if (image === undefined || spared.has(host) || borrowing.has(host)) return "in-vain";
        host.powerCut();
        harm.forgetful(host);
        host.machine.disk.putBack(image);
        return () => host.start();
      },
    },
    {
      name: "disk-cloned",
      weight: 5,
      strike(host) {
        const other = hosts[chance.below(hosts.length)];
        if (other === undefined || other === host || borrowing.has(host) || borrowing.has(other))
          return "in-vain";
        host.powerCut();
        const own = host.machine.disk.image();
        borrowing.add(host);
        host.weather.isDiskBorrowed = true;
        host.machine.disk.putBack(other.machine.disk.image());
        host.start();
        return () => {
          host.powerCut();
          host.machine.disk.putBack(own);
          borrowing.delete(host);
          host.weather.isDiskBorrowed = false;
          host.start();
        };
      },
    },
  ];
}
