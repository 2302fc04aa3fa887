/** Loads grants, licences and requests; a GeoJSON file that one names is read beside it, its faults in its own lines. */
import { dirname, resolve } from "node:path";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { geojsonDocument } from "./geojson.ts";
import type { Grant, GrantedBox, Licence } from "./grant.ts";
import { type GrantGiven, grantDocument, type WrittenGrant } from "./grant-schema.ts";
import { licenceDocument } from "./licence-schema.ts";
import { type Loaded, loadPiece } from "./load.ts";
import type { ProfileError } from "./profile-error.ts";
import { type ReadBytes, readFileBytes } from "./read-text.ts";
import { type Request, requestDocument } from "./request-schema.ts";
import type { WrittenArea } from "./written-area.ts";

export function loadRequest(file: string, readBytes: ReadBytes = readFileBytes): Loaded<"request", Request> {
  const loaded = loadPiece(file, requestDocument(), readBytes);
  return loaded.ok ? { ok: true, request: loaded.value } : loaded;
}

/** `given`: flags that go before the file's own words. */
export function loadGrant(
  file: string,
  given: GrantGiven = {},
  readBytes: ReadBytes = readFileBytes,
): Loaded<"grant", Grant> {
  const loaded = loadPiece(file, grantDocument(given), readBytes);
  if (!loaded.ok) return loaded;
  const areas = areasOf(file, loaded.value, readBytes);
  if (!areas.ok) return areas;
  return { ok: true, grant: { ...loaded.value, ...areas.areas } };
}

export function loadLicence(file: string, readBytes: ReadBytes = readFileBytes): Loaded<"licence", Licence> {
  const loaded = loadPiece(file, licenceDocument(), readBytes);
  if (!loaded.ok) return loaded;
  const areas = areasOf(file, loaded.value, readBytes);
  return areas.ok ? { ok: true, licence: { ...loaded.value, ...areas.areas } } : areas;
}

type Areas = { readonly scope: readonly GrantedBox[]; readonly keepOut: Grant["keepOut"] };

function areasOf(
  file: string,
  { scope, keepOut }: Pick<WrittenGrant, "scope" | "keepOut">,
  readBytes: ReadBytes,
): Loaded<"areas", Areas> {
  const errors: ProfileError[] = [];
  const vertices = (area: WrittenArea): readonly Vertex[] => {
    if (area.kind === "corners") return area.vertices;
    const loaded = loadPiece(resolve(dirname(file), area.path), geojsonDocument(), readBytes);
    if (loaded.ok) return loaded.value;
    errors.push(...loaded.errors);
    return [];
  };
  const boxes = scope.map((box): GrantedBox => ({ ...box, area: vertices(box.area) }));
  const kept = keepOut.map(vertices);
  if (errors.length > 0) return { ok: false, errors };
  return { ok: true, areas: { scope: boxes, keepOut: kept } };
}
