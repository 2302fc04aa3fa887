/** Values of several files laid over one another: each key keeps the file that says it. */
import type { Path } from "./profile-error.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** A map, key by key; or anything else, lists included, which is taken whole from one file. */
export type Sourced =
  | {
      readonly kind: "map";
      /** The uppermost file that has this map. */
      readonly from: YamlDocument;
      readonly entries: ReadonlyMap<string, Sourced>;
    }
  | { readonly kind: "whole"; readonly from: YamlDocument; readonly value: unknown };

export function sourced(from: YamlDocument, value: unknown = from.value): Sourced {
  if (!isMap(value)) return { kind: "whole", from, value };
  const entries = Object.entries(value).map(([key, each]) => [key, sourced(from, each)] as const);
  return { kind: "map", from, entries: new Map(entries) };
}

/**
 * What `above` says goes before what `below` says: maps key by key, all else whole. `null` takes away what is below it;
 * where nothing is below, it stays for the schema to refuse.
 */
export function overlaid(below: Sourced, above: Sourced): Sourced {
  if (below.kind !== "map" || above.kind !== "map") return above;
  const entries = new Map(below.entries);
  for (const [key, each] of above.entries) {
    const under = entries.get(key);
    if (under !== undefined && isNull(each)) entries.delete(key);
    else entries.set(key, under === undefined ? each : overlaid(under, each));
  }
  return { kind: "map", from: above.from, entries };
}

/** The tree without one key of its uppermost map. */
export function without(tree: Sourced, key: string): Sourced {
  if (tree.kind !== "map") return tree;
  return { ...tree, entries: new Map([...tree.entries].filter(([each]) => each !== key)) };
}

/** The tree with another value at `path`, which exists; its file stays the same. */
export function replacedAt(tree: Sourced, path: Path, value: unknown): Sourced {
  const [key, ...rest] = path;
  if (key === undefined) return sourced(tree.from, value);
  if (tree.kind === "whole") return { ...tree, value: replacedIn(tree.value, path, value) };
  const child = tree.entries.get(String(key));
  if (child === undefined) return tree;
  return { ...tree, entries: new Map(tree.entries).set(String(key), replacedAt(child, rest, value)) };
}

/** Plain maps, lists and scalars again. */
export function plain(tree: Sourced): unknown {
  if (tree.kind === "whole") return tree.value;
  return Object.fromEntries([...tree.entries].map(([key, each]) => [key, plain(each)]));
}

/** The file that says the value at `path`; where there is none, the one that says what should hold it. */
export function sourceAt(tree: Sourced, path: Path): YamlDocument {
  const [key, ...rest] = path;
  if (key === undefined || tree.kind === "whole") return tree.from;
  const child = tree.entries.get(String(key));
  return child === undefined ? tree.from : sourceAt(child, rest);
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNull(tree: Sourced): boolean {
  return tree.kind === "whole" && tree.value === null;
}

function replacedIn(root: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(root)) return root.map((each, i) => (i === key ? replacedIn(each, rest, value) : each));
  return isMap(root) ? { ...root, [key]: replacedIn(root[key], rest, value) } : root;
}
