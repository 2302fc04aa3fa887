/** An area in a grant: corners, a circle, GeoJSON where it stands, or a GeoJSON file beside (PROTOCOL §3 Scope). */
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { type AreaPurpose, areaKeys, simple } from "./area-schema.ts";
import { geometryKeys } from "./geojson.ts";
import { complain, freeText, map, type Piece } from "./leaf.ts";
import { complaint } from "./profile-error.ts";

/** `file`: whoever loads the grant reads it, and finds its faults in that file's own lines. */
export type WrittenArea =
  | { readonly kind: "corners"; readonly vertices: readonly Vertex[] }
  | { readonly kind: "file"; readonly path: string };

const PATH_MAX = 1_000;
const FORMS = "one of `polygon`, `circle`, `geojson: FILE`, or `type: Polygon` with its `coordinates`";

export function writtenArea(description: string, purpose: AreaPurpose): Piece<WrittenArea> {
  const { type, coordinates } = geometryKeys();
  return map(
    {
      ...areaKeys(purpose),
      geojson: freeText(PATH_MAX, "a GeoJSON file; taken from the folder of this one").optional(),
      type: type.optional(),
      coordinates: coordinates.optional(),
    },
    description,
  ).transform((written, context): WrittenArea => {
    const keys = (["polygon", "circle", "geojson", "coordinates"] as const).filter(
      (key) => written[key] !== undefined,
    );
    const [key, second] = keys;
    if (key === undefined || second !== undefined) {
      complain(context, second === undefined ? [] : [second], complaint("fields-conflict", FORMS));
    }
    if ((written.type === undefined) !== (written.coordinates === undefined)) {
      const path = written.type === undefined ? "coordinates" : "type";
      complain(context, [path], complaint("fields-conflict", FORMS));
    }
    if (written.geojson !== undefined) return { kind: "file", path: written.geojson };
    const vertices = written.polygon ?? written.circle ?? written.coordinates ?? [];
    // GeoJSON's own reader has looked at what stands here already.
    if (key === "polygon" || key === "circle") simple(vertices, [key], context);
    return { kind: "corners", vertices };
  });
}
