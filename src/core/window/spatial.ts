/** Places of a pair against the policy's spatial window, and a place against an area (PROTOCOL §5, §3 Scope). */
import { assert } from "../base/assert.ts";
import { type Check, check } from "../base/check.ts";
import type { Measure } from "../base/rejection.ts";
import { cosineE7 } from "../base/trig.ts";
import { areaOf } from "../geometry/area.ts";
import { rectangleInside } from "../geometry/containment.ts";
import { LAT_E7_MAX, LON_E7_MAX, type Rectangle } from "../geometry/polygon.ts";
import type { PlaceEvidence } from "../record/shared-fields.ts";
import type { Vertex } from "../record/spectrum-fields.ts";
import { CHORD_ERROR_MM, chordMm, ECCENTRICITY_SQUARED, SEMI_MAJOR_MM } from "./ecef.ts";

/** A place with its errors, as evidence states it, within the ranges of its field table. */
export type Place = Pick<
  PlaceEvidence,
  "latE7" | "lonE7" | "heightMm" | "horizontalErrorMm" | "verticalErrorMm"
>;

export type Places = { readonly a: Place; readonly b: Place };

/** Nearer to a pole than 0.1° an error in metres has no useful bound in degrees of longitude: refused by name. */
const POLE_LAT_E7 = 899_000_000;

/**
 * `outside-spatial-window` does not pass where the antennas may be farther apart than `windowMm`: 3-D chord plus both
 * 3-D errors, each rounded up to a millimetre.
 */
export function spatialWindow({ a, b, windowMm }: Places & { readonly windowMm: number }): Check {
  const distanceMm = distanceUpMm(a, b);
  const errorMm = errorUpMm(a) + errorUpMm(b);
  const worstMm = distanceMm + errorMm;
  const measured = { distanceMm, errorMm, worstMm };
  return check("outside-spatial-window", "place", worstMm <= windowMm, measured, { worstMmMax: windowMm });
}

/**
 * Passes where every place within the evidence's horizontal error lies inside the closed area. Else `place-outside-area`,
 * `place-near-pole`, `place-across-antimeridian`, or why the area is no simple polygon.
 */
export function placeInsideArea(place: Place, area: readonly Vertex[]): Check {
  const polygon = areaOf(area, "area");
  if (!polygon.ok) {
    const why = polygon.rejections[0];
    assert(why !== undefined, "a refused area says why");
    return check(why.code, why.field, false, why.measured, why.required);
  }
  const around = placeBounds(place);
  const latE7 = Math.max(Math.abs(around.southE7), Math.abs(around.northE7));
  if (latE7 > POLE_LAT_E7) {
    return check("place-near-pole", "place", false, { latE7 }, { latE7Max: POLE_LAT_E7 });
  }
  const lonE7 = Math.max(Math.abs(around.westE7), Math.abs(around.eastE7));
  if (lonE7 > LON_E7_MAX) {
    return check("place-across-antimeridian", "place", false, { lonE7 }, { lonE7Max: LON_E7_MAX });
  }
  const required: Measure = { ...polygon.value.bounds, vertices: area.length };
  return check(
    "place-outside-area",
    "place",
    rectangleInside(around, polygon.value),
    { ...around },
    required,
  );
}

/**
 * The rectangle of 1e-7 degrees around every place within the horizontal error, rounded outwards. It holds the circle
 * where it stays within POLE_LAT_E7; beyond, it only says how far the circle reaches north and south.
 */
export function placeBounds({
  latE7,
  lonE7,
  heightMm,
  horizontalErrorMm,
  verticalErrorMm,
}: Place): Rectangle {
  // The lower the place, the more degrees a metre makes; above the ellipsoid its surface is the worst.
  const depthMm = Math.max(0, verticalErrorMm - heightMm);
  const northE7 = outwardE7(horizontalErrorMm, MERIDIAN_LEAST_MM - depthMm);
  // The way to any point of the circle goes no farther from the equator than this, so degrees are nowhere shorter.
  const farthestE7 = Math.min(Math.abs(latE7) + northE7, LAT_E7_MAX);
  const eastE7 = outwardE7(horizontalErrorMm, (SEMI_MAJOR_MM - depthMm) * cosineE7(farthestE7));
  return {
    southE7: latE7 - northE7,
    northE7: latE7 + northE7,
    westE7: lonE7 - eastE7,
    eastE7: lonE7 + eastE7,
  };
}

/** Least radius of curvature of a meridian, at the equator: a(1 − e²), rounded down. */
const MERIDIAN_LEAST_MM: number = Math.floor(SEMI_MAJOR_MM * (1 - ECCENTRICITY_SQUARED));
/** 1e-7 degrees a radian, rounded up by more than the doubles' own error. */
const E7_PER_RADIAN = 572_957_796;
/** No error reaches farther than half around the earth. */
const REACH_E7_MAX: number = LON_E7_MAX;

function outwardE7(lengthMm: number, radiusMm: number): number {
  if (lengthMm === 0) return 0;
  // So deep below the ellipsoid, or so uncertain, that it may be anywhere.
  if (radiusMm <= 0) return REACH_E7_MAX;
  return Math.min(Math.ceil((lengthMm / radiusMm) * E7_PER_RADIAN), REACH_E7_MAX);
}

function distanceUpMm(a: Place, b: Place): number {
  const chord = chordMm(a, b);
  return chord === 0 ? 0 : Math.ceil(chord + CHORD_ERROR_MM);
}

/** Farthest point of the upright cylinder that the two errors span, rounded up. */
function errorUpMm({ horizontalErrorMm, verticalErrorMm }: Place): number {
  if (Math.max(horizontalErrorMm, verticalErrorMm) < EXACT_ERROR_MM) {
    const squared = horizontalErrorMm ** 2 + verticalErrorMm ** 2;
    const root = Math.floor(Math.sqrt(squared));
    return root ** 2 >= squared ? root : root + 1;
  }
  const squared = BigInt(horizontalErrorMm) ** 2n + BigInt(verticalErrorMm) ** 2n;
  const root = Math.floor(Math.sqrt(Number(squared)));
  // The double may be off by its rounding: the first of these whose square is large enough is the root, rounded up.
  const found = [root - 1, root, root + 1].find(
    (candidate) => candidate >= 0 && BigInt(candidate) ** 2n >= squared,
  );
  return found ?? root + 2;
}

/** 2^26: below it the sum of two squares is exact in a double, and so is the square it is held against. */
const EXACT_ERROR_MM = 67_108_864;
