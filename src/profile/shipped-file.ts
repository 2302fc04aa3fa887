/** Finds the files that ship with the package, from sources and from `dist` alike (DESIGN §6). */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../core/base/assert.ts";

/** Path of `name`, relative to the folder that holds this package's package.json. */
export function shippedFile(name: string): string {
  return join(packageFolder(), name);
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
