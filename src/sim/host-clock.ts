/** A host's clocks over true time: a boot clock with its own start and drift, a wall clock that may step. */
import type { Clock } from "../ports/clock.ts";
import type { Life } from "./life.ts";
import type { Timeline } from "./timeline.ts";

/** True UTC when a world begins, µs since 1970: nothing in a simulation depends on the day on which it runs. */
export const WORLD_BEGAN_US = 1_800_000_000_000_000;

export type BootClock = {
  readonly bootId: Uint8Array;
  /** Integer µs since the boot, by the host's oscillator. */
  bootUsAt(trueUs: number): number;
  /** The earliest true instant at which the boot clock reads at least `bootUs`. */
  trueUsAt(bootUs: number): number;
};

/** `driftPpm` > 0: the oscillator runs fast. Integers only, so that every engine counts alike. */
export function bootClock(bootId: Uint8Array, bootedUs: number, driftPpm: number): BootClock {
  const bootUsAt = (trueUs: number): number => {
    const ranUs = trueUs - bootedUs;
    return ranUs + Math.floor((ranUs * driftPpm) / 1_000_000);
  };
  return {
    bootId,
    bootUsAt,
    trueUsAt(bootUs) {
      let trueUs = bootedUs + bootUs - Math.floor((bootUs * driftPpm) / 1_000_000) - 2;
      while (bootUsAt(trueUs) < bootUs) trueUs += 1;
      return trueUs;
    },
  };
}

export type HostClockParts = {
  readonly timeline: Timeline;
  readonly boot: BootClock;
  readonly life: Life;
  /** How far the wall clock is from the truth just now, µs. */
  wallErrorUs(): number;
};

/** The clock port of one process: its timers die with it. */
export function hostClock({ timeline, boot, life, wallErrorUs }: HostClockParts): Clock {
  return {
    bootId: boot.bootId,
    read() {
      const trueUs = timeline.nowUs();
      return { wallUs: WORLD_BEGAN_US + trueUs + wallErrorUs(), bootUs: boot.bootUsAt(trueUs) };
    },
    at: (bootUs, wake) => timeline.at(boot.trueUsAt(bootUs), () => life.wake(wake)),
  };
}

/** True time as a clock, for what belongs to no host: the broker, the ether, the satellites. */
export function trueClock(timeline: Timeline): Clock {
  return {
    bootId: new Uint8Array(16),
    read: () => ({ wallUs: WORLD_BEGAN_US + timeline.nowUs(), bootUs: timeline.nowUs() }),
    at: (bootUs, wake) => timeline.at(bootUs, wake),
  };
}
