/** How far a bound grows while nothing renews it: `perSecond` for each second elapsed, rounded up. */
import { assert } from "../base/assert.ts";

const SECOND_US = 1_000_000;

/** Both are non-negative safe integers. ppm of drift are µs a second; a speed is mm a second. */
export function growth(elapsedUs: number, perSecond: number): number {
  assert(
    Number.isSafeInteger(elapsedUs) && elapsedUs >= 0,
    "boot time goes forward, so what elapsed is not negative",
  );
  assert(Number.isSafeInteger(perSecond) && perSecond >= 0, "a policy's rate is not negative");
  // Whole seconds and the rest apart, because elapsed × rate alone goes beyond 2^53 within months.
  const rest = elapsedUs % SECOND_US;
  const grown = ((elapsedUs - rest) / SECOND_US) * perSecond + ceilDivide(rest * perSecond, SECOND_US);
  assert(
    Number.isSafeInteger(grown),
    "a bound stays below 2^53 for any uptime and rate that a policy admits",
  );
  return grown;
}

/** Exact: the quotient of two safe integers as a float may round onto the integer below. */
export function ceilDivide(dividend: number, divisor: number): number {
  const rest = dividend % divisor;
  return (dividend - rest) / divisor + (rest > 0 ? 1 : 0);
}
