/** An area in a file: the corners of a polygon, or a circle that becomes an inscribed one (PROTOCOL §3 Scope). */
import { checkPolygon } from "../core/geometry/polygon.ts";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { CIRCLE_RADIUS_MM, inscribedPolygon } from "./circle.ts";
import { complain, list, map, type Piece } from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { place, quantity } from "./quantity.ts";
import { LENGTH } from "./units.ts";

/** The corners of a simple polygon, 3..120. */
export function area(description: string): Piece<readonly Vertex[]> {
  const circle = map(
    {
      centre: place("middle of the circle"),
      radius: quantity(LENGTH, "along the ellipsoid", CIRCLE_RADIUS_MM),
    },
    "a circle; what is granted is the polygon of 24 corners inside it",
  );
  const corners = list(
    place("a corner"),
    3,
    limits.AREA_VERTICES_MAX,
    "corners in order, the first not repeated",
  );
  return map({ polygon: corners.optional(), circle: circle.optional() }, description).transform(
    (written, context): readonly Vertex[] => {
      const form = complaint("fields-conflict", "either `polygon` or `circle`");
      if (written.circle !== undefined && written.polygon !== undefined) complain(context, ["circle"], form);
      const vertices =
        written.circle === undefined
          ? written.polygon
          : inscribedPolygon(written.circle.centre, written.circle.radius);
      if (vertices === undefined) {
        complain(context, [], form);
        return [];
      }
      const checked = checkPolygon(vertices, "");
      if (checked.ok) return vertices;
      const key = written.circle === undefined ? "polygon" : "circle";
      for (const { code } of checked.rejections.slice(0, 1)) {
        complain(
          context,
          [key],
          complaint("polygon", "a simple polygon away from poles and antimeridian", code),
        );
      }
      return vertices;
    },
  );
}
