/** A clock that stands still until it is moved: a bench measures work, not waiting. Its alarms never ring. */
import type { Clock } from "../../src/ports/clock.ts";

export type VirtualClock = Clock & { advance(us: number): void };

/** In January 2027, a quarter of an hour after boot. */
export const START_WALL_US = 1_800_000_000_000_000;
const START_BOOT_US = 900_000_000;

export function virtualClock(passedUs = 0): VirtualClock {
  let us = passedUs;
  return {
    bootId: new Uint8Array(16).fill(7),
    read: () => ({ wallUs: START_WALL_US + us, bootUs: START_BOOT_US + us }),
    at: () => () => {},
    advance(by) {
      us += by;
    },
  };
}
