/** Areas as GeoJSON (RFC 7946): one polygon without holes, alone or as the only feature of its file. */
import * as z from "zod";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { simple } from "./area-schema.ts";
import { choice, complain, leaf, list, map, type Piece, read, refuse } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

const E7_PER_DEGREE = 10_000_000;

/** A whole file: a Polygon, a Feature with one, or a FeatureCollection of one such Feature. */
export function geojsonDocument(): Piece<readonly Vertex[]> {
  const feature = map({
    type: choice(["Feature"], "a feature"),
    geometry: map({ ...geometryKeys() }).transform(({ coordinates }) => coordinates),
    ...aside(),
  }).transform(({ geometry }) => geometry);
  return map({
    type: choice(["Polygon", "Feature", "FeatureCollection"], "what the file is"),
    coordinates: rings().optional(),
    geometry: map({ ...geometryKeys() })
      .transform(({ coordinates }) => coordinates)
      .optional(),
    features: list(feature, 1, 1).optional(),
    ...aside(),
  }).transform((written, context): readonly Vertex[] => {
    const parts = {
      Polygon: ["coordinates", written.coordinates],
      Feature: ["geometry", written.geometry],
      FeatureCollection: ["features", written.features?.[0]],
    } as const;
    const [key, vertices] = parts[written.type];
    if (vertices !== undefined) return vertices;
    complain(context, [key], complaint("field-absent", `what a ${written.type} consists of`));
    return [];
  });
}

/** `type: Polygon` and its `coordinates`. */
export function geometryKeys(): {
  readonly type: Piece<"Polygon">;
  readonly coordinates: Piece<readonly Vertex[]>;
} {
  return {
    type: choice(["Polygon"], "the only kind of geometry that is an area here"),
    coordinates: rings(),
  };
}

/** What the standard lets stand beside, and what changes nothing here. */
function aside(): Readonly<Record<"properties" | "id" | "bbox" | "name", Piece<unknown>>> {
  const ignored = z.unknown().optional();
  return { properties: ignored, id: ignored, bbox: ignored, name: ignored };
}

function rings(): Piece<readonly Vertex[]> {
  const ring = list(position(), 4, limits.AREA_VERTICES_MAX + 1, "corners; the last is the first again");
  return list(ring, 1, 1, "the outer ring alone: no holes").transform(
    (written, context): readonly Vertex[] => {
      const corners = written[0] ?? [];
      const [first, last] = [corners[0], corners.at(-1)];
      if (first === undefined || last === undefined) return [];
      if (first.latE7 !== last.latE7 || first.lonE7 !== last.lonE7) {
        const told = complaint("polygon", "the first position once more (RFC 7946 §3.1.6)");
        complain(context, [0, corners.length - 1], told);
        return [];
      }
      return simple(corners.slice(0, -1), [0], context);
    },
  );
}

/** [longitude, latitude], in this order. */
function position(): Piece<Vertex> {
  return list(degreesNumber(), 2, 2, "longitude, then latitude").transform((written, context): Vertex => {
    const [lonE7 = 0, latE7 = 0] = written;
    if (Math.abs(latE7) > 90 * E7_PER_DEGREE) {
      complain(
        context,
        [1],
        complaint("field-range", "a latitude from -90 to 90", "the longitude stands first"),
      );
    }
    return { latE7, lonE7 };
  });
}

/** The standard gives these numbers no unit: they are degrees. */
function degreesNumber(): Piece<number> {
  const allowed = "a number of degrees with at most 7 places, -180 to 180";
  return leaf<number>({ type: "string", description: "degrees" }, allowed, (value) => {
    if (typeof value !== "number" || !Number.isFinite(value)) return refuse(complaint("field-type", allowed));
    if (Math.abs(value) > 180) return refuse(complaint("field-range", allowed));
    const e7 = Math.round(value * E7_PER_DEGREE);
    if (e7 / E7_PER_DEGREE === value) return read(e7 === 0 ? 0 : e7);
    return refuse(
      complaint("number-not-exact", allowed, "round it: the seventh place is about a centimetre"),
    );
  });
}
