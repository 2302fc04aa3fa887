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
  /** From `trueUs` on the oscillator runs at another speed. */
  setDrift(trueUs: number, driftPpm: number): void;
};

/** `driftPpm` > 0: the oscillator runs fast. Integers only, so that every engine counts alike. */
export function bootClock(bootId: Uint8Array, bootedUs: number, driftPpm: number): BootClock {
  const from = { trueUs: bootedUs, bootUs: 0, driftPpm };
  const bootUsAt = (trueUs: number): number => {
    const ranUs = trueUs - from.trueUs;
    return from.bootUs + ranUs + Math.floor((ranUs * from.driftPpm) / 1_000_000);
  };
  return {
    bootId,
    bootUsAt,
    trueUsAt(bootUs) {
      const leftUs = bootUs - from.bootUs;
      let trueUs = from.trueUs + Math.floor((leftUs * 1_000_000) / (1_000_000 + from.driftPpm)) - 2;
      while (bootUsAt(trueUs) < bootUs) trueUs += 1;
      return trueUs;
    },
    setDrift(trueUs, ppm) {
      const bootUs = bootUsAt(trueUs);
      Object.assign(from, { trueUs, bootUs, driftPpm: ppm });
    },
  };
}

export type HostClockParts = {
  readonly timeline: Timeline;
  readonly boot: BootClock;
  readonly life: Life;
  /** How far the wall clock is from the truth just now, µs. */
  wallErrorUs(): number;
  /** How much later than asked for the next wake comes, µs: others have the processor. */
  lateUs(): number;
};

/** The clock port of one process: its timers die with it. */
export function hostClock({ timeline, boot, life, wallErrorUs, lateUs }: HostClockParts): Clock {
  return {
    bootId: boot.bootId,
    read() {
      const trueUs = timeline.nowUs();
      return { wallUs: WORLD_BEGAN_US + trueUs + wallErrorUs(), bootUs: boot.bootUsAt(trueUs) };
    },
    at(bootUs, wake) {
      // An oscillator that slowed down meanwhile has not come so far: a clock never wakes anybody early.
      const arrive = (): void => {
        if (boot.bootUsAt(timeline.nowUs()) < bootUs) cancel = sleep();
        else life.wake(wake);
      };
      const sleep = (): (() => void) => timeline.at(boot.trueUsAt(bootUs) + lateUs(), arrive);
      let cancel = sleep();
      return () => cancel();
    },
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
