/** A circle as a polygon: wholly inside it when it grants, wholly around it when it protects (PROTOCOL §3 Scope). */
import { cosineE7, sineE7 } from "../core/base/trig.ts";
import type { Vertex } from "../core/record/spectrum-fields.ts";

export const CIRCLE_VERTICES = 24;
export const CIRCLE_RADIUS_MM = { min: 1_000, max: 100_000_000 } as const;

/** WGS 84. */
const SEMI_MAJOR_MM = 6_378_137_000;
const ECCENTRICITY_SQUARED = 0.00669437999014;
/** Radius of curvature of the meridian at the equator, the smallest there is. */
const MERIDIAN_MIN_MM = SEMI_MAJOR_MM * (1 - ECCENTRICITY_SQUARED);
const E7_PER_RADIAN = 1_800_000_000 / Math.PI;
const QUARTER_E7 = 900_000_000;
const STEP_E7 = 3_600_000_000 / CIRCLE_VERTICES;
/** Far above what the doubles below lose, far below a unit of the vertices. */
const ROUNDING = 1 - 1e-12;

/**
 * `CIRCLE_VERTICES` corners, clockwise from north. Every point of the polygon is at most `radiusMm` from the centre on
 * the ellipsoid: the radii of curvature are taken where they are largest within the circle, the parallel where it is
 * longest, so that each path straight in (lat, lon) is counted too long, and each offset is rounded towards the
 * centre. Near a pole or the antimeridian the corners may leave their ranges: `checkPolygon` refuses those.
 */
export function inscribedPolygon(centre: Vertex, radiusMm: number): readonly Vertex[] {
  const reachE7 = Math.ceil((radiusMm / MERIDIAN_MIN_MM) * E7_PER_RADIAN);
  const latitudeE7 = Math.abs(centre.latE7);
  const sine = sineE7(Math.min(QUARTER_E7, latitudeE7 + reachE7));
  const flattening = Math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine);
  const meridianMm = MERIDIAN_MIN_MM / (flattening * flattening * flattening);
  const parallelMm = (SEMI_MAJOR_MM / flattening) * cosineE7(Math.max(0, latitudeE7 - reachE7));
  const northE7 = (radiusMm / meridianMm) * E7_PER_RADIAN * ROUNDING;
  const eastE7 = (radiusMm / parallelMm) * E7_PER_RADIAN * ROUNDING;
  return Array.from({ length: CIRCLE_VERTICES }, (_, i) => ({
    latE7: centre.latE7 + Math.trunc(northE7 * cosineE7(i * STEP_E7)),
    lonE7: centre.lonE7 + Math.trunc(eastE7 * sineE7(i * STEP_E7)),
  }));
}

/**
 * `CIRCLE_VERTICES` corners, clockwise from north. Every place that a path of `radiusMm` along the ellipsoid reaches is in
 * the polygon: the radii are taken where they are smallest within the circle, so that each path is counted too short, and
 * each offset is rounded away from the centre. Near a pole or the antimeridian as `inscribedPolygon`.
 */
export function circumscribedPolygon(centre: Vertex, radiusMm: number): readonly Vertex[] {
  const reachE7 = Math.ceil((radiusMm / MERIDIAN_MIN_MM) * E7_PER_RADIAN);
  const latitudeE7 = Math.abs(centre.latE7);
  const sine = sineE7(Math.max(0, latitudeE7 - reachE7));
  const flattening = Math.sqrt(1 - ECCENTRICITY_SQUARED * sine * sine);
  const meridianMm = MERIDIAN_MIN_MM / (flattening * flattening * flattening);
  const parallelMm = (SEMI_MAJOR_MM / flattening) * cosineE7(Math.min(QUARTER_E7, latitudeE7 + reachE7));
  const beyond = E7_PER_RADIAN / ROUNDING / cosineE7(STEP_E7 / 2);
  const northE7 = (radiusMm / meridianMm) * beyond;
  const eastE7 = (radiusMm / parallelMm) * beyond;
  // The corners on the axes stay there, so each edge lies in one quadrant, where both its ends only move outwards.
  return Array.from({ length: CIRCLE_VERTICES }, (_, i) => ({
    latE7: centre.latE7 + away(northE7 * cosineE7(i * STEP_E7)),
    lonE7: centre.lonE7 + away(eastE7 * sineE7(i * STEP_E7)),
  }));
}

function away(offset: number): number {
  return offset < 0 ? Math.floor(offset) : Math.ceil(offset);
}
