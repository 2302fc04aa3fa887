/** A folder that is there whole or not at all: filled beside its place, flushed, and put there. Nobody else may look in. */
import { mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Result, refuse, rejection } from "../core/base/rejection.ts";
import { makeFolder, PRIVATE_MODE } from "./make-folder.ts";

export type FolderFile = { readonly path: string; readonly bytes: Uint8Array };

const FILE_MODE = 0o600;

/**
 * `fill` gives the files, as paths below the folder; where it refuses or throws, nothing is left. `fleet-folder-stands`
 * where there is something already: asked before `fill`, and once more by the system at the end.
 */
export async function privateFolder<T extends { readonly files: readonly FolderFile[] }>(
  path: string,
  fill: () => Promise<Result<T>>,
): Promise<Result<T>> {
  const folder = resolve(path);
  const standing = (await readdir(folder).catch(() => [])).length;
  if (standing > 0) {
    return refuse(rejection("fleet-folder-stands", folder, { files: standing }, { filesMax: 0 }));
  }
  await makeFolder(dirname(folder));
  const beside = await mkdtemp(`${folder}.`);
  try {
    const filled = await fill();
    if (!filled.ok) return filled;
    for (const { path: name, bytes } of filled.value.files) await writePrivate(join(beside, name), bytes);
    for (const each of [...foldersOf(filled.value.files)]) await flushed(join(beside, each));
    await rename(beside, folder);
    await flushed(dirname(folder));
    return filled;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

function foldersOf(files: readonly FolderFile[]): ReadonlySet<string> {
  return new Set([...files.map(({ path }) => dirname(path)), "."]);
}

async function writePrivate(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path), PRIVATE_MODE);
  const file = await open(path, "wx", FILE_MODE);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushed(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
