/** In what two files of a kind differ, by key path, as they are written once all bases are laid under them. */
import { PROFILE_SCHEMA } from "./agent-schema.ts";
import { composeFile } from "./compose-file.ts";
import { absolutePaths } from "./composed-paths.ts";
import type { Drivers } from "./driver-registry.ts";
import { type FileKind, kindOf } from "./file-kinds.ts";
import type { Loaded } from "./load.ts";
import { type Place, placeOf } from "./origins.ts";
import { complaint, formatPath, type Path } from "./profile-error.ts";
import { resolvedProfileSchema } from "./profile-json-schema.ts";
import { readFileBytes } from "./read-text.ts";
import { isMap } from "./sourced.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** A value and where it stands. */
export type Side = Place & { readonly value: unknown };

export type Difference =
  | { readonly path: string; readonly change: "added"; readonly after: Side }
  | { readonly path: string; readonly change: "removed"; readonly before: Side }
  | { readonly path: string; readonly change: "changed"; readonly before: Side; readonly after: Side };

/** Both have to be sound, and of one kind. Paths are compared as absolute ones. */
export function compareFiles(
  before: string,
  after: string,
  drivers: Drivers,
): Loaded<"differences", readonly Difference[]> {
  const [one, other] = [readSound(before, drivers), readSound(after, drivers)];
  if (!one.ok || !other.ok)
    return { ok: false, errors: [one, other].flatMap((each) => (each.ok ? [] : each.errors)) };
  const { kind, document } = one.sound;
  if (other.sound.kind.name !== kind.name) {
    const told = complaint("field-choice", String(kind.schema), "only files of one kind are compared");
    return { ok: false, errors: [other.sound.document.at(["schema"], told)] };
  }
  return { ok: true, differences: differences(document, other.sound.document) };
}

type Sound = { readonly kind: FileKind; readonly document: YamlDocument };

function readSound(file: string, drivers: Drivers): Loaded<"sound", Sound> {
  const composed = composeFile(file, readFileBytes);
  if (!composed.ok) return composed;
  const found = kindOf(composed.composition.document, drivers);
  if (!found.ok) return { ok: false, errors: [found.error] };
  const errors = found.kind.findings(file);
  if (errors.length > 0) return { ok: false, errors };
  const isProfile = found.kind.schema === PROFILE_SCHEMA;
  const { document } = isProfile
    ? absolutePaths(composed.composition, resolvedProfileSchema(drivers))
    : composed.composition;
  return { ok: true, sound: { kind: found.kind, document } };
}

/** Maps and lists are gone through; what only one file has is told as one. In the order of `before`. */
function differences(before: YamlDocument, after: YamlDocument): readonly Difference[] {
  return compared(before, after, { path: [], left: before.value, right: after.value });
}

type Entries = Readonly<Record<string, unknown>>;
type Pair = { readonly path: Path; readonly left: unknown; readonly right: unknown };

function compared(before: YamlDocument, after: YamlDocument, pair: Pair): readonly Difference[] {
  const { left, right } = pair;
  const isSameForm = (isMap(left) && isMap(right)) || (Array.isArray(left) && Array.isArray(right));
  if (isSameForm) return parts(pair).flatMap((each) => compared(before, after, each));
  if (left === right) return [];
  const path = formatPath(pair.path);
  const was = (): Side => ({ value: left, ...placeOf(before, pair.path) });
  const is = (): Side => ({ value: right, ...placeOf(after, pair.path) });
  if (left === undefined) return [{ path, change: "added", after: is() }];
  if (right === undefined) return [{ path, change: "removed", before: was() }];
  return [{ path, change: "changed", before: was(), after: is() }];
}

function parts({ path, left, right }: Pair): readonly Pair[] {
  // A list is a map by index here.
  const [one, other] = [left as Entries, right as Entries];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].map((key) => ({
    path: [...path, Array.isArray(left) ? Number(key) : key],
    left: Object.hasOwn(one, key) ? one[key] : undefined,
    right: Object.hasOwn(other, key) ? other[key] : undefined,
  }));
}
