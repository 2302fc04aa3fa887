/** What a fleet needs in order to work on a receiver's log: where it was recorded, and windows wider than its loop. */
import type { OfferChoice } from "./fleet-profiles.ts";

/** A NEO-M8N on a desk in 2017: 4.2 s of fixes with their own error estimates, height included. */
export const ADELAIDE = {
  log: "ublox-neo-m8n",
  latitude: "-34.9062266deg",
  longitude: "138.6081199deg",
} as const;

/** The log is of another year than the host's clock. */
export const REPLAY_TIME = "{check-system-clock: false}";

export function replayedGnss(port: number): string {
  return `{driver: gpsd, port: ${port}, source: replay}`;
}

/**
 * Each agent takes the time of its first fix and goes on from there by its own clock: two agents that meet the log at
 * different places stay so far apart as it is long, and as their starts were.
 */
export const REPLAY_POLICY: readonly (readonly [key: string, value: string])[] = [
  ["start", "2014-01-01T00:00:00Z"],
  ["temporal-window", "1min"],
  ["context-skew-max", "1min"],
];

export const REPLAY_OFFER: Partial<OfferChoice> = {
  latitude: ADELAIDE.latitude,
  longitude: ADELAIDE.longitude,
  // Its reach of 30 s leaves room for two clocks that differ by seconds.
  leaseClass: "bench",
  endAfter: "1min",
};
