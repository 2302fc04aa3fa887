/**
 * When may the holder let a block again? For every renewal signed, delivered or not, both the boot-clock bound and the
 * expiry bound must have passed; each has to hold alone (PROTOCOL §6).
 */
import { equalBytes } from "../base/bytes.ts";
import type { Renewal } from "../record/kinds/renewal.ts";

export type RenewalBounds = {
  /** The boot of the latest renewal. */
  readonly bootId: Uint8Array;
  /** In that boot's clock: signing + duration × (1 + drift) + mute latency, the greatest of that boot. */
  readonly untilBootUs: number;
  /** Greatest duration × (1 + drift) + mute latency of the latest boot's renewals, and of all earlier boots'. */
  readonly reachUs: number;
  readonly earlierReachUs: number;
  readonly expiryUs: number;
};

/** Rounded up: the consumer's clock may run slow against ours. */
export function stretchedUs(us: number, driftPpm: number): number {
  return us + driftUs(us, driftPpm);
}

/** Rounded down: our clock may run slow against the holder's. */
export function shrunkUs(us: number, driftPpm: number): number {
  return us - driftUs(us, driftPpm);
}

const MILLION = 1_000_000;

/** us × ppm ÷ 10^6, rounded up, in parts that each stay exact: µs have up to 50 bits, ppm up to 14. */
function driftUs(us: number, driftPpm: number): number {
  const wholeSeconds = Math.floor(us / MILLION);
  return wholeSeconds * driftPpm + Math.ceil(((us - wholeSeconds * MILLION) * driftPpm) / MILLION);
}

export function withRenewal(
  bounds: RenewalBounds | null,
  renewal: Renewal,
  driftPpm: number,
  muteLatencyUs: number,
): RenewalBounds {
  const reachUs = stretchedUs(renewal.durationUs, driftPpm) + muteLatencyUs;
  const untilBootUs = renewal.holderBootUs + reachUs;
  const expiryUs = renewal.transmitExpiryUs + muteLatencyUs;
  const { holderBootId: bootId } = renewal;
  if (bounds === null) return { bootId, untilBootUs, reachUs, earlierReachUs: 0, expiryUs };
  const sameBoot = equalBytes(bounds.bootId, bootId);
  return {
    bootId,
    untilBootUs: sameBoot ? Math.max(bounds.untilBootUs, untilBootUs) : untilBootUs,
    reachUs: sameBoot ? Math.max(bounds.reachUs, reachUs) : reachUs,
    earlierReachUs: sameBoot ? bounds.earlierReachUs : Math.max(bounds.earlierReachUs, bounds.reachUs),
    expiryUs: Math.max(bounds.expiryUs, expiryUs),
  };
}

/** The boot-clock bound; after a reboot counted in full from the new boot's start. */
export function bootBoundPassed(
  bounds: RenewalBounds | null,
  bootId: Uint8Array,
  nowBootUs: number,
): boolean {
  if (bounds === null) return true;
  const sameBoot = equalBytes(bounds.bootId, bootId);
  const untilUs = sameBoot
    ? Math.max(bounds.untilBootUs, bounds.earlierReachUs)
    : Math.max(bounds.reachUs, bounds.earlierReachUs);
  return nowBootUs >= untilUs;
}

/** The expiry bound, judged by the earliest edge of the holder's own time. */
export function expiryBoundPassed(bounds: RenewalBounds | null, earliestUs: number | null): boolean {
  return bounds === null || (earliestUs !== null && earliestUs >= bounds.expiryUs);
}

export type ArmingTimes = {
  /** Boot clock of the request that the renewal answers. */
  readonly anchorBootUs: number;
  readonly nowBootUs: number;
  /** Latest edge of the consumer's own time now. */
  readonly latestUs: number;
  readonly driftPpm: number;
  readonly muteLatencyUs: number;
};

/** Boot clock at which the consumer's radio has to be told to mute: the earlier of both bounds, minus its mute latency. */
export function muteDeadlineBootUs(
  renewal: Pick<Renewal, "durationUs" | "transmitExpiryUs">,
  times: ArmingTimes,
): number {
  const { anchorBootUs, nowBootUs, latestUs, driftPpm, muteLatencyUs } = times;
  const byAnchorUs = anchorBootUs + shrunkUs(renewal.durationUs, driftPpm);
  const leftUs = Math.max(0, renewal.transmitExpiryUs - latestUs);
  const byExpiryUs = nowBootUs + shrunkUs(leftUs, driftPpm);
  return Math.min(byAnchorUs, byExpiryUs) - muteLatencyUs;
}
