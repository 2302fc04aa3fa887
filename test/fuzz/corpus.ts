/** The kept inputs: one small file each, named by its hash, below `test/fuzz/corpus/<target>/`. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The longest file that is kept, and what all files of one target may take together. */
const FILE_BYTES_MAX = 8_192;
export const CORPUS_BYTES_MAX = 49_152;

/** In the order of their names: the same on every machine. */
export function readCorpus(folder: string, target: string): readonly Uint8Array[] {
  const path = join(folder, target);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .sort()
    .map((name) => new Uint8Array(readFileSync(join(path, name))));
}

/** In place of what stood there, but for findings; short inputs first, within the bounds. */
export function replaceCorpus(folder: string, target: string, inputs: readonly Uint8Array[]): number {
  const path = join(folder, target);
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (!name.startsWith(FINDING)) rmSync(join(path, name));
  let bytes = 0;
  let files = 0;
  for (const input of [...inputs].sort((a, b) => a.length - b.length)) {
    if (input.length > FILE_BYTES_MAX || bytes + input.length > CORPUS_BYTES_MAX) continue;
    bytes += input.length;
    files += 1;
    writeFileSync(join(path, nameOf(input)), input);
  }
  return files;
}

const FINDING = "finding-";

/** A finding stays, whatever it reaches: each run of the tests tries it again. */
export function writeFinding(folder: string, target: string, input: Uint8Array): string {
  const path = join(folder, target);
  mkdirSync(path, { recursive: true });
  const name = `${FINDING}${nameOf(input)}`;
  writeFileSync(join(path, name), input);
  return join(path, name);
}

function nameOf(input: Uint8Array): string {
  return createHash("sha256").update(input).digest("hex").slice(0, 16);
}
