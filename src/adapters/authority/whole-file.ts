/** A file that is there whole or not at all: written beside its place, flushed, put there, and the folder flushed. */
import { link, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** In the place of what stands there. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = await flushedBeside(path, bytes);
  await rename(beside, path);
  await flushFolder(dirname(path));
}

/** False, and nothing is changed, where something stands there. */
export async function createWhole(path: string, bytes: Uint8Array): Promise<boolean> {
  const beside = await flushedBeside(path, bytes);
  try {
    // Unlike rename, link never replaces: of two writers one is told.
    await link(beside, path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  await flushFolder(dirname(path));
  return true;
}

/** What a crash may leave of a file that was being written. */
export function isUnfinished(name: string): boolean {
  return name.startsWith(".") && name.endsWith(UNFINISHED);
}

const UNFINISHED = ".unfinished";

async function flushedBeside(path: string, bytes: Uint8Array): Promise<string> {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}${UNFINISHED}`);
  const file = await open(beside, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return beside;
}

async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
