/**
 * Boot time from two clocks of Linux: CLOCK_MONOTONIC, fine but stopped in suspend, and /proc/uptime, which goes on
 * in suspend but counts in steps of 10 ms (FACTS "Packages", suspend).
 */

/** Below this, a difference is the coarseness of /proc/uptime and the time between the two readings. */
const SUSPEND_MIN_US = 50_000;
/** In a container /proc/uptime may count from the container's start; nothing else puts it this far behind. */
const CONTAINER_MIN_US = 1_000_000;

export type SuspendOffset = {
  /**
   * Both µs; `uptimeUs` read first, so that a delay between the two readings cannot pass for a suspend. The result
   * never goes back while `monotonicUs` does not.
   */
  bootUs(monotonicUs: number, uptimeUs: number): number;
};

export function suspendOffset(): SuspendOffset {
  let offsetUs = 0;
  let baseUs: number | null = null;
  return {
    bootUs(monotonicUs, uptimeUs) {
      const aheadUs = uptimeUs - monotonicUs;
      baseUs ??= aheadUs < -CONTAINER_MIN_US ? aheadUs : 0;
      if (aheadUs - baseUs - offsetUs >= SUSPEND_MIN_US) offsetUs = aheadUs - baseUs;
      return monotonicUs + offsetUs;
    },
  };
}
