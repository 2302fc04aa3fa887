/** A plain box that tests change in one place at a time. */
import type { Box, PowerLimit, Vertex } from "../../../src/core/record/spectrum-fields.ts";

/** The square of `half` units around a place in Munich. */
export function square(half: number): readonly Vertex[] {
  const [latE7, lonE7] = [481_371_540, 115_761_240];
  return [
    { latE7: latE7 - half, lonE7: lonE7 - half },
    { latE7: latE7 - half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 - half },
  ];
}

export const eirp: PowerLimit = { centiDbm: 4700, referenceHz: 10_000_000, measure: "eirp", detector: "rms" };

export const campus: Box = {
  lowerHz: 3_700_000_000,
  upperHz: 3_800_000_000,
  area: square(1_000_000),
  fromUs: 1_700_000_000_000_000,
  untilUs: 1_800_000_000_000_000,
  limits: [eirp],
  commodityClass: "campus-3700",
};
