/** A clock whose time passes only when a test says so. */
import type { Clock } from "../../../src/ports/clock.ts";

export type VirtualClock = Clock & {
  /** Lets `us` pass; each wake runs at its own instant, and promises settle in between. */
  pass(us: number): Promise<void>;
};

export function virtualClock(startBootUs = 1_000_000): VirtualClock {
  const wakes = new Set<{ readonly bootUs: number; readonly wake: () => void }>();
  let bootUs = startBootUs;
  return {
    bootId: new Uint8Array(16),
    read: () => ({ wallUs: bootUs, bootUs }),
    at(wakeBootUs, wake) {
      const one = { bootUs: wakeBootUs, wake };
      wakes.add(one);
      return () => wakes.delete(one);
    },
    async pass(us) {
      const endUs = bootUs + us;
      for (;;) {
        await settled();
        const next = [...wakes].sort((a, b) => a.bootUs - b.bootUs)[0];
        if (next === undefined || next.bootUs > endUs) break;
        wakes.delete(next);
        bootUs = Math.max(bootUs, next.bootUs);
        next.wake();
      }
      bootUs = endUs;
    },
  };
}

/** Every promise that can settle without time has settled. */
export function settled(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
