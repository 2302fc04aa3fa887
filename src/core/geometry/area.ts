/** The polygon of a record's area, checked once for each decoded list of vertices (PROTOCOL §3 "cached by link"). */
import { accept, type Result } from "../base/rejection.ts";
import type { Vertex } from "../record/spectrum-fields.ts";
import { checkPolygon, type Polygon } from "./polygon.ts";

/**
 * As `checkPolygon`. A memo, not a state: it is keyed by the list itself, which nobody changes once it is decoded, so
 * the answer depends on the argument alone; and it is bounded by the records that are held.
 */
export function areaOf(vertices: readonly Vertex[], field: string): Result<Polygon> {
  const known = CHECKED.get(vertices);
  if (known !== undefined) return accept(known);
  const result = checkPolygon(vertices, field);
  if (result.ok) CHECKED.set(vertices, result.value);
  return result;
}

const CHECKED: WeakMap<readonly Vertex[], Polygon> = new WeakMap();
