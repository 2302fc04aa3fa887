/** Where each value of a composed file stands, as it is written. */
import { complaint, formatPath, type Path } from "./profile-error.ts";
import type { Sourced } from "./sourced.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** The place of a key, line and column from 1. */
export type Place = { readonly file: string; readonly line: number; readonly column: number };

export type Origin = Place & {
  /** As in `mesh.url`; lists come whole, from one file. */
  readonly path: string;
};

/** Of every value that is no map, in the order of the composed file. */
export function originsOf(tree: Sourced, path: Path = []): readonly Origin[] {
  if (tree.kind === "map" && tree.entries.size > 0)
    return [...tree.entries].flatMap(([key, each]) => originsOf(each, [...path, key]));
  return [{ path: formatPath(path), ...placeOf(tree.from, path) }];
}

/** Of the key at `path`, or, where there is none, of what should hold it. */
export function placeOf(document: YamlDocument, path: Path): Place {
  const { file, line, column } = document.atKey(path, complaint("field-absent", ""));
  return { file, line, column };
}
