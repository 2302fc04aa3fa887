/** Finds the files that ship with the package, from sources and from `dist` alike (DESIGN §6). */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../core/base/assert.ts";

/** Path of `name`, relative to the folder that holds this package's package.json. */
export function shippedFile(name: string): string {
  return join(packageFolder(), name);
}

export const YAML = ".yaml";

type ShippedFolder = "devices" | "policies" | "commodities";

/** What an operator may write instead of a path: the names of the shipped files, without their ending. */
export function shippedNames(folder: ShippedFolder): readonly string[] {
  return readdirSync(shippedFile(`profiles/${folder}`))
    .filter((name) => name.endsWith(YAML))
    .map((name) => basename(name, YAML))
    .sort();
}

export function shippedPath(folder: ShippedFolder, name: string): string {
  return shippedFile(`profiles/${folder}/${name}${YAML}`);
}

function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const above = dirname(folder);
    assert(above !== folder, "the package's own files lie below its package.json");
    folder = above;
  }
  return folder;
}
