/** What drivers are opened with under test: a running clock, one that stands until it is moved, a silent log. */
import type { Clock } from "../../../src/ports/clock.ts";
import type { DriverContext } from "../../../src/ports/driver.ts";
import type { GnssEvent, GnssFix } from "../../../src/ports/gnss.ts";
import type { Log } from "../../../src/ports/log.ts";

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Real time: drivers with sockets and ports need it. */
export function runningContext(): DriverContext {
  return contextOn({
    bootId: new Uint8Array(16),
    read: () => ({ wallUs: Date.now() * 1000, bootUs: Math.floor(performance.now() * 1000) }),
    at(bootUs, wake) {
      const timer = setTimeout(wake, Math.max(0, Math.ceil(bootUs / 1000 - performance.now()) + 1));
      return () => clearTimeout(timer);
    },
  });
}

export type StandingClock = Clock & {
  /** Moves on to `bootUs`, waking whoever waits on the way, in order, each exactly at its instant. */
  moveTo(bootUs: number): void;
  /** Wakes whoever waits only now, all late: the host slept. */
  sleepTo(bootUs: number): void;
  stepWall(byUs: number): void;
  waiting(): number;
};

export function standingClock(bootUs: number, wallLeadUs: number): StandingClock {
  let now = bootUs;
  let lead = wallLeadUs;
  const waiting = new Set<{ at: number; wake: () => void }>();
  const nextUntil = (end: number): { at: number; wake: () => void } | undefined =>
    [...waiting].filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
  const move = (end: number, late: boolean): void => {
    if (late) now = end;
    for (let one = nextUntil(end); one !== undefined; one = nextUntil(end)) {
      waiting.delete(one);
      now = Math.max(now, one.at);
      one.wake();
    }
    now = end;
  };
  return {
    bootId: new Uint8Array(16),
    read: () => ({ wallUs: now + lead, bootUs: now }),
    at(instant, wake) {
      const one = { at: instant, wake };
      waiting.add(one);
      return () => {
        waiting.delete(one);
      };
    },
    moveTo: (end) => move(end, false),
    sleepTo: (end) => move(end, true),
    stepWall(byUs) {
      lead += byUs;
    },
    waiting: () => waiting.size,
  };
}

export function contextOn(clock: Clock): DriverContext {
  return { clock, entropy: { bytes: (length) => new Uint8Array(length).fill(7) }, log: silentLog };
}

export function fixesOf(events: readonly GnssEvent[]): readonly GnssFix[] {
  return events.flatMap((event) => (event.kind === "fix" ? [event.fix] : []));
}
