/** One simulated disk with the production store on it, its oracle, and counts of what befell them. */

import type { Disk } from "../../src/adapters/store/disk.ts";
import { openSegmentStore } from "../../src/adapters/store/segment-store.ts";
import { type DiskFault, SimulatedDisk } from "../../src/adapters/store/simulated-disk.ts";
import type { Store } from "../../src/ports/store.ts";
import { type Chance, newChance } from "../../src/sim/chance.ts";
import { type Lens, onFiles } from "./lens.ts";
import { type Model, newModel } from "./model.ts";
import type { Layout } from "./plan.ts";

export type Tally = {
  plans: number;
  /** Losses of power, those in the midst of a recovery and those at rest included. */
  cuts: number;
  cutsInRecovery: number;
  cutsAtRest: number;
  openings: number;
  appends: number;
  flushErrors: number;
  writeErrors: number;
  fullDisks: number;
  tornTails: number;
};

export function newTally(): Tally {
  return {
    plans: 0,
    cuts: 0,
    cutsInRecovery: 0,
    cutsAtRest: 0,
    openings: 0,
    appends: 0,
    flushErrors: 0,
    writeErrors: 0,
    fullDisks: 0,
    tornTails: 0,
  };
}

export type World = {
  readonly disk: SimulatedDisk;
  readonly model: Model;
  readonly tally: Tally;
  isPowered: boolean;
  /** Its last append said that a flush failed: it refuses until it is opened or reopened. */
  isFailed: boolean;
  /** A closing batch may be half written, or a torn tail was seen and not cut yet. */
  mayTear: boolean;
  open(): Promise<Store>;
  /** Lets the operation with this number fail, unless something else is to befall it. */
  plant(at: number, fault: DiskFault): void;
  /** Planted failures that did not strike yet. */
  faultsAhead(): number;
  /** Power goes and comes back. */
  crash(): void;
};

export type WorldParts = {
  readonly seed: number;
  /** Another name, other torn sectors and salts. */
  readonly name: string;
  readonly layout: Layout;
  readonly tally: Tally;
  readonly lens: Lens;
};

export function newWorld({ seed, name, layout, tally, lens }: WorldParts): World {
  const entropy = newChance(seed, name);
  const disk = new SimulatedDisk(entropy, () => {
    world.isPowered = false;
  });
  const planted = new Set<number>();
  const world: World = {
    disk,
    model: newModel(),
    tally,
    isPowered: true,
    isFailed: false,
    mayTear: false,
    open: () => openSegmentStore({ disk: lens(restless(disk, entropy)), entropy, ...layout }),
    plant(at, fault) {
      if (planted.has(at)) return;
      planted.add(at);
      disk.failAt(at, fault);
      if (fault === "flush-error") tally.flushErrors += 1;
      if (fault === "write-error") tally.writeErrors += 1;
    },
    faultsAhead: () => [...planted].filter((at) => at >= disk.operations).length,
    crash() {
      disk.crash();
      planted.clear();
      // Who opens a store on a full disk is told so, and makes room: plans fill it for single appends only.
      disk.setCapacity(Number.POSITIVE_INFINITY);
      world.isPowered = true;
      tally.cuts += 1;
    },
  };
  return world;
}

/** Now and then some of what was written before reaches the device by itself. */
function restless(disk: SimulatedDisk, chance: Chance): Disk {
  const perhaps = (): void => {
    if (chance.hits(200)) disk.writeBack();
  };
  return onFiles(disk, (file) => ({
    writeAt(offset, bytes) {
      perhaps();
      return file.writeAt(offset, bytes);
    },
    writeFlushed(offset, bytes) {
      perhaps();
      return file.writeFlushed(offset, bytes);
    },
    truncate(length) {
      perhaps();
      return file.truncate(length);
    },
  }));
}
