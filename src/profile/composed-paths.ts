/** Relative paths of a composed profile as absolute ones: each is taken from the folder of the file that writes it. */
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type Composition, composition } from "./composition.ts";
import type { JsonSchema } from "./draft7.ts";
import { isPathText, PATH_COMMENT } from "./path-leaf.ts";
import type { Path } from "./profile-error.ts";
import { isMap, replacedAt, sourceAt } from "./sourced.ts";

/** `schema` says which values are paths. What is no path at all stays as it is written, for the schema to refuse. */
export function absolutePaths(composed: Composition, schema: JsonSchema): Composition {
  const tree = pathsIn(schema, composed.document.value).reduce((changed, { path, text }) => {
    const folder = dirname(resolve(sourceAt(changed, path).file));
    return replacedAt(changed, path, resolve(folder, text));
  }, composed.tree);
  return composition(tree, composed.files);
}

/**
 * Relative paths as they are from a folder one below that of the file, wherever that may come to stand; absolute ones stay.
 */
export function pathsFromBelow(composed: Composition, schema: JsonSchema): Composition {
  const top = dirname(resolve(composed.document.file));
  const tree = pathsIn(schema, composed.document.value)
    .filter(({ text }) => !isAbsolute(text))
    .reduce((changed, { path, text }) => {
      const folder = dirname(resolve(sourceAt(changed, path).file));
      return replacedAt(changed, path, join("..", relative(top, resolve(folder, text))));
    }, composed.tree);
  return composition(tree, composed.files);
}

type WrittenPath = { readonly path: Path; readonly text: string };

function pathsIn(schema: JsonSchema, value: unknown, path: Path = []): readonly WrittenPath[] {
  if (schema["$comment"] === PATH_COMMENT) return isPathText(value) ? [{ path, text: value }] : [];
  if (Array.isArray(value)) {
    const items = schema["items"];
    return isMap(items) ? value.flatMap((each, i) => pathsIn(items, each, [...path, i])) : [];
  }
  const properties = propertiesFor(schema, value);
  if (!isMap(value) || !isMap(properties)) return [];
  return Object.entries(value).flatMap(([key, each]) => {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
    return isMap(property) ? pathsIn(property, each, [...path, key]) : [];
  });
}

/** Of a section that has a form for each driver, those of the driver that is named. */
function propertiesFor(schema: JsonSchema, value: unknown): unknown {
  const forms = Array.isArray(schema["oneOf"]) ? schema["oneOf"] : [schema];
  if (forms.length === 1 || !isMap(value)) return forms[0]?.properties;
  return forms.find(({ properties }) => properties?.driver?.const === value["driver"])?.properties;
}
