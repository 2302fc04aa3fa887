/** Names of H3 cells around a place: the first level of topics, so that brokers route by neighbourhood (DESIGN §5). */
import { gridDisk, latLngToCell } from "h3-js";

/** Edge about 1.4 km: a few cells hold the largest spatial window of the shipped policies. */
const RESOLUTION = 7;
const E7 = 10_000_000;

/** The cell of the place first, then `rings` rings around it. */
export function cellsAround(latE7: number, lonE7: number, rings: number): readonly string[] {
  const own = latLngToCell(latE7 / E7, lonE7 / E7, RESOLUTION);
  return [
    own,
    ...gridDisk(own, rings)
      .filter((cell) => cell !== own)
      .sort(),
  ];
}
