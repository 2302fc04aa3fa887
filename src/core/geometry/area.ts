/** The polygon of a record's area, checked once for each decoded list of vertices (PROTOCOL §3 "cached by link"). */
import { accept, type Result } from "../base/rejection.ts";
import type { Vertex } from "../record/spectrum-fields.ts";
import { checkPolygon, type Polygon } from "./polygon.ts";

/**
 * As `checkPolygon`. Two memos, not a state: the lists are not changed once they are decoded, so the answer depends on
 * the argument alone. The one by list is bounded by the records that are held; the one by content by AREAS_KEPT_MAX:
 * offers and acceptances repeat the areas of their scopes, and then share their polygon.
 */
export function areaOf(vertices: readonly Vertex[], field: string): Result<Polygon> {
  const known = CHECKED.get(vertices);
  if (known !== undefined) return accept(known);
  const content = contentOf(vertices);
  const alike = ALIKE.get(content);
  const result = alike === undefined ? checkPolygon(vertices, field) : accept(alike);
  if (!result.ok) return result;
  CHECKED.set(vertices, result.value);
  ALIKE.delete(content);
  ALIKE.set(content, result.value);
  if (ALIKE.size > AREAS_KEPT_MAX) ALIKE.delete(ALIKE.keys().next().value as string);
  return result;
}

const AREAS_KEPT_MAX = 256;
const CHECKED: WeakMap<readonly Vertex[], Polygon> = new WeakMap();
/** The area asked for longest ago leaves first. */
const ALIKE: Map<string, Polygon> = new Map();

function contentOf(vertices: readonly Vertex[]): string {
  let content = "";
  for (const { latE7, lonE7 } of vertices) content += `${latE7} ${lonE7} `;
  return content;
}
