/** Times of a pair against the policy's temporal window: intervals, judged by their worst case (PROTOCOL §5). */
import { type Check, check } from "../base/check.ts";
import type { Interval } from "../record/shared-fields.ts";

/** The most by which an instant of one interval can differ from one of the other, µs. */
export function worstSkewUs(a: Interval, b: Interval): number {
  return Math.max(a.latestUs - b.earliestUs, b.latestUs - a.earliestUs);
}

/**
 * `outside-temporal-window` does not pass where the worst skew is above `windowUs`, nor where an interval ends before
 * it begins.
 */
export function temporalWindow(a: Interval, b: Interval, windowUs: number): Check {
  const skewUs = worstSkewUs(a, b);
  const leastWidthUs = Math.min(a.latestUs - a.earliestUs, b.latestUs - b.earliestUs);
  return check(
    "outside-temporal-window",
    "time",
    leastWidthUs >= 0 && skewUs <= windowUs,
    { skewUs, leastWidthUs },
    { skewUsMax: windowUs, leastWidthUsMin: 0 },
  );
}

/** Whether the interval lies wholly within [fromUs, untilUs): its latest edge before the end. */
export function insideHalfOpen({ earliestUs, latestUs }: Interval, fromUs: number, untilUs: number): boolean {
  return earliestUs <= latestUs && earliestUs >= fromUs && latestUs < untilUs;
}
