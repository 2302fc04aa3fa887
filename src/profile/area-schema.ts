/** An area in a file: the corners of a polygon, or a circle that becomes one (PROTOCOL §3 Scope). */
import { checkPolygon } from "../core/geometry/polygon.ts";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { CIRCLE_RADIUS_MM, circumscribedPolygon, inscribedPolygon } from "./circle.ts";
import { type Complaining, complain, list, map, type Piece } from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { place, quantity } from "./quantity.ts";
import { LENGTH } from "./units.ts";

/** A circle that grants becomes a polygon inside it, one that protects a polygon around it. */
export type AreaPurpose = "grants" | "protects";

/** The corners of a simple polygon, 3..120. */
export function area(description: string): Piece<readonly Vertex[]> {
  return map(areaKeys("grants"), description).transform((written, context): readonly Vertex[] => {
    const form = complaint("fields-conflict", "either `polygon` or `circle`");
    if (written.circle !== undefined && written.polygon !== undefined) complain(context, ["circle"], form);
    const vertices = written.circle ?? written.polygon;
    if (vertices === undefined) {
      complain(context, [], form);
      return [];
    }
    return simple(vertices, written.circle === undefined ? ["polygon"] : ["circle"], context);
  });
}

type Corners = readonly Vertex[];

export function areaKeys(purpose: AreaPurpose): {
  readonly polygon: Piece<Corners | undefined>;
  readonly circle: Piece<Corners | undefined>;
} {
  const granted = purpose === "grants";
  const told = granted ? "what is granted is the polygon of 24 corners inside it" : "all of it is protected";
  const circle = map(
    {
      centre: place("middle of the circle"),
      radius: quantity(LENGTH, "along the ellipsoid", CIRCLE_RADIUS_MM),
    },
    `a circle; ${told}`,
  ).transform(({ centre, radius }) =>
    granted ? inscribedPolygon(centre, radius) : circumscribedPolygon(centre, radius),
  );
  const corners = list(
    place("a corner"),
    3,
    limits.AREA_VERTICES_MAX,
    "corners in order, the first not repeated",
  );
  return { polygon: corners.optional(), circle: circle.optional() };
}

/** The same corners; where they make no simple polygon, the value at `path` is complained of. */
export function simple(vertices: Corners, path: readonly (string | number)[], context: Complaining): Corners {
  const checked = checkPolygon(vertices, "");
  for (const { code } of checked.ok ? [] : checked.rejections.slice(0, 1)) {
    complain(context, path, complaint("polygon", "a simple polygon away from poles and antimeridian", code));
  }
  return vertices;
}
