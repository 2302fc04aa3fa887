/** A folder with whatever is missing above it. Rejects with the system's own error, which names the path. */
import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/** Only its owner may enter: what the state folder of an agent asks for. */
export const PRIVATE_MODE = 0o700;

/**
 * One level at a time: `mkdir` with `recursive` does not come back from a path below `/proc` (Node 20), where what
 * is above exists and nothing can be made. As many steps as the path has parts.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const missing: string[] = [];
  let at = resolve(path);
  for (let found = await kindOf(at); found !== "folder"; found = await kindOf(at)) {
    missing.unshift(at);
    // What stands there is no folder: the system says so when it is asked to make one.
    if (found === "other" || dirname(at) === at) break;
    at = dirname(at);
  }
  for (const each of missing) await made(each, mode);
}

/** Another process, or another agent of a bench, may have been first. */
async function made(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if ((await kindOf(path)) !== "folder") throw error;
  }
}

async function kindOf(path: string): Promise<"folder" | "other" | "nothing"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "other";
  } catch {
    return "nothing";
  }
}
