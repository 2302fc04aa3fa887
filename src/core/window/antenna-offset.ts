/** From the receiver's antenna to the transmit antenna: place is always the latter's (PROTOCOL §5). */
import { cosineE7 } from "../base/trig.ts";
import type { PlaceEvidence } from "../record/shared-fields.ts";

/** As the operator surveyed it, in the horizontal plane of the place. */
export type AntennaOffset = { readonly northMm: number; readonly eastMm: number; readonly upMm: number };

/** Mean of the ellipsoid's radii of curvature; offsets are short, so the difference is far below `ROUNDING_MM`. */
const RADIUS_MM = 6_371_008_800;
const E7_PER_RADIAN = 572_957_795.13;
/** 1e-7 degree is 11 mm, twice rounded; and 0.6 % of an offset of some metres for the radius. */
const ROUNDING_MM = 25;
const RADIUS_ERROR = 0.006;
/** Nearer to a pole, metres east have no useful measure in degrees. */
const POLE_LAT_E7 = 899_000_000;

/** `place` moved by `offset`, its errors grown by what the move cannot be exact about. */
export function withOffset(place: PlaceEvidence, offset: AntennaOffset): PlaceEvidence {
  const { northMm, eastMm, upMm } = offset;
  if (northMm === 0 && eastMm === 0 && upMm === 0) return place;
  const latE7 = Math.max(-POLE_LAT_E7, Math.min(POLE_LAT_E7, place.latE7));
  const north = Math.round((northMm / RADIUS_MM) * E7_PER_RADIAN);
  const east = Math.round((eastMm / (RADIUS_MM * cosineE7(latE7))) * E7_PER_RADIAN);
  const slackMm = ROUNDING_MM + Math.ceil((Math.abs(northMm) + Math.abs(eastMm)) * RADIUS_ERROR);
  return {
    ...place,
    latE7: Math.max(-900_000_000, Math.min(900_000_000, place.latE7 + north)),
    lonE7: Math.max(-1_800_000_000, Math.min(1_800_000_000, place.lonE7 + east)),
    heightMm: place.heightMm + upMm,
    horizontalErrorMm: place.horizontalErrorMm + slackMm,
  };
}
