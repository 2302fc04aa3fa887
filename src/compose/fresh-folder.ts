/** A folder that nobody has used: what a run keeps never lies among the files of an earlier one. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "./make-folder.ts";

/** Whoever keeps more runs of one name than that in one folder is told so. */
const ALIKE_MAX = 10_000;

/** `base/name`, or `base/name-2` and so on where that is taken. Rejects with the system's own error, which names the path. */
export async function freshFolder(base: string, name: string): Promise<string> {
  await makeFolder(base);
  for (let count = 1; ; count++) {
    const path = join(base, count === 1 ? name : `${name}-${count}`);
    try {
      // Without `recursive`, so that of two runs at the same time only one gets it.
      await mkdir(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || count >= ALIKE_MAX) throw error;
    }
  }
}
