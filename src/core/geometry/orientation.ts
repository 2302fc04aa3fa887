/** On which side of a directed line a point lies, exact for every pair of places on earth (PROTOCOL §3 Scope). */
import type { Vertex } from "../record/spectrum-fields.ts";

/** 1 left of the line, -1 right of it, 0 on it. */
export type Side = -1 | 0 | 1;

/**
 * The side of the line from `a` to `b` on which `c` lies. Coordinates are integers within ±90° and ±180°. Exact: they
 * differ by less than 2^32, so the determinant has up to 64 bits, which doubles carry in two parts.
 */
export function orientation(a: Vertex, b: Vertex, c: Vertex): Side {
  const eastB = b.lonE7 - a.lonE7;
  const northB = b.latE7 - a.latE7;
  const eastC = c.lonE7 - a.lonE7;
  const northC = c.latE7 - a.latE7;
  const left = eastB * northC;
  const right = northB * eastC;
  // Rounding keeps order: products that differ once rounded differ the same way before.
  if (left !== right) return left > right ? 1 : -1;
  return sideInParts(eastB, northB, eastC, northC);
}

export function sameVertex(a: Vertex, b: Vertex): boolean {
  return a.latE7 === b.latE7 && a.lonE7 === b.lonE7;
}

/** Whether `point`, known to lie on the line through `a` and `b`, lies between them, ends included. */
export function between(a: Vertex, b: Vertex, point: Vertex): boolean {
  return (
    point.lonE7 >= Math.min(a.lonE7, b.lonE7) &&
    point.lonE7 <= Math.max(a.lonE7, b.lonE7) &&
    point.latE7 >= Math.min(a.latE7, b.latE7) &&
    point.latE7 <= Math.max(a.latE7, b.latE7)
  );
}

const PART = 65_536;

/** Sign of eastB·northC − northB·eastC, second factors cut at 16 bits: every product stays below 2^48. */
function sideInParts(eastB: number, northB: number, eastC: number, northC: number): Side {
  const northHigh = Math.floor(northC / PART);
  const eastHigh = Math.floor(eastC / PART);
  const low = eastB * (northC - northHigh * PART) - northB * (eastC - eastHigh * PART);
  const carry = Math.floor(low / PART);
  const high = eastB * northHigh - northB * eastHigh + carry;
  const sign = high === 0 ? low - carry * PART : high;
  return sign > 0 ? 1 : sign < 0 ? -1 : 0;
}
