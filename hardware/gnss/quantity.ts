/** Decimal numbers of receivers as the port's integers. Whatever is out of range is null: unknown, never a guess. */
import type { GnssFix } from "../../src/ports/gnss.ts";

/** Beyond these a report is broken, not a place near the Earth. */
const HEIGHT_MAX_MM = 100_000_000;
/** A larger error estimate is kept as this one: it is still an estimate, and says that the fix is worthless. */
const ERROR_MAX_MM = 100_000_000;
const TIME_ERROR_MAX_US = 86_400_000_000;

export type Position = Pick<GnssFix, "latE7" | "lonE7">;

const NOWHERE: Position = { latE7: null, lonE7: null };

/** Both or neither: half a position is none. Degrees, north and east positive. */
export function positionOf(latitude: number | null, longitude: number | null): Position {
  if (latitude === null || longitude === null) return NOWHERE;
  // `!(…)` so that NaN is refused too.
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) return NOWHERE;
  return { latE7: nearest(latitude * 1e7), lonE7: nearest(longitude * 1e7) };
}

/** Metres above the ellipsoid → mm. */
export function heightOf(metres: number | null): number | null {
  if (metres === null || !(Math.abs(metres) * 1000 <= HEIGHT_MAX_MM)) return null;
  return nearest(metres * 1000);
}

/** A non-negative estimate in metres → mm, rounded up. */
export function errorOf(metres: number | null): number | null {
  if (metres === null || !(metres >= 0)) return null;
  return Math.ceil(Math.min(metres * 1000, ERROR_MAX_MM)) + 0;
}

/** A non-negative estimate in seconds → µs, rounded up. */
export function timeErrorOf(seconds: number | null): number | null {
  if (seconds === null || !(seconds >= 0)) return null;
  return Math.ceil(Math.min(seconds * 1_000_000, TIME_ERROR_MAX_US)) + 0;
}

/** `+ 0` turns -0, which JSON and strict equality tell apart, into 0. */
function nearest(value: number): number {
  return Math.round(value) + 0;
}
