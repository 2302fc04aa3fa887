/** Places on WGS 84 as earth-centred, earth-fixed coordinates, and the straight distance between them (PROTOCOL §5). */
import { cosineE7, sineE7 } from "../base/trig.ts";

/** A place over the WGS 84 ellipsoid. */
export type Position = { readonly latE7: number; readonly lonE7: number; readonly heightMm: number };

/** x through (0°, 0°), z through the north pole. */
export type Ecef = { readonly xMm: number; readonly yMm: number; readonly zMm: number };

/** Bound on the error of each coordinate, for heights within ±1000 km: some ten roundings of 7.4e9 mm. */
export const ECEF_ERROR_MM = 0.0001;
/** Bound on the error of `chordMm`: both ends, three coordinates each, and its own roundings. */
export const CHORD_ERROR_MM = 0.001;

export const SEMI_MAJOR_MM = 6_378_137_000;
const INVERSE_FLATTENING = 298.257223563;
const FLATTENING = 1 / INVERSE_FLATTENING;
/** First eccentricity squared. */
export const ECCENTRICITY_SQUARED: number = FLATTENING * (2 - FLATTENING);

export function toEcef({ latE7, lonE7, heightMm }: Position): Ecef {
  const sinLat = sineE7(latE7);
  const cosLat = cosineE7(latE7);
  // Radius of curvature in the prime vertical.
  const normalMm = SEMI_MAJOR_MM / Math.sqrt(1 - ECCENTRICITY_SQUARED * sinLat * sinLat);
  const acrossMm = (normalMm + heightMm) * cosLat;
  return {
    xMm: acrossMm * cosineE7(lonE7),
    yMm: acrossMm * sineE7(lonE7),
    zMm: (normalMm * (1 - ECCENTRICITY_SQUARED) + heightMm) * sinLat,
  };
}

/** The straight distance through the earth, mm, within CHORD_ERROR_MM; exactly 0 for equal positions. */
export function chordMm(a: Position, b: Position): number {
  const from = toEcef(a);
  const to = toEcef(b);
  const x = to.xMm - from.xMm;
  const y = to.yMm - from.yMm;
  const z = to.zMm - from.zMm;
  return Math.sqrt(x * x + y * y + z * z);
}
