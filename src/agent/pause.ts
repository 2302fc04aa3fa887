/** Waits on the clock port, so that simulated time can do it too. */
import type { Clock } from "../ports/clock.ts";

export function pause(clock: Clock, us: number): Promise<void> {
  return new Promise((resolve) => clock.at(clock.read().bootUs + us, resolve));
}
