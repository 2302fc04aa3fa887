/** Child programs of the tests run from `dist`: makes sure that it is no older than the sources. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's own folder. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url));

/** Its time is the start of the last build: sources that changed while that ran are newer. */
const STAMP = join(repository, "dist", ".built");
/** Test files run in several processes: one builds, the others wait. */
const LOCK = join(repository, "dist", ".building");
const LOCK_MS_MAX = 120_000;
const ensured = new Set<string>();

/**
 * Builds once when any source is newer than the last build. Half-done files elsewhere may make tsc complain
 * while it still emits: only a missing `needed` file is an error.
 */
export function ensureBuilt(needed: string = "dist/hardware/radio/guard/main.js"): void {
  // Once a process: sources may change under a long run, its programs do not.
  if (ensured.has(needed)) return;
  ensured.add(needed);
  if (fresh(needed)) return;
  mkdirSync(join(repository, "dist"), { recursive: true });
  takeLock();
  try {
    if (fresh(needed)) return;
    const started = new Date();
    const tsc = join(repository, "node_modules", ".bin", "tsc");
    const { stdout } = spawnSync(tsc, ["-p", "tsconfig.json"], { cwd: repository, encoding: "utf8" });
    if (!existsSync(join(repository, needed))) throw new Error(`tsc did not emit ${needed}:\n${stdout}`);
    writeFileSync(STAMP, "");
    utimesSync(STAMP, started, started);
  } finally {
    rmdirSync(LOCK);
  }
}

function fresh(needed: string): boolean {
  if (!existsSync(join(repository, needed)) || !existsSync(STAMP)) return false;
  return newestMs(["src", "hardware"]) <= statSync(STAMP).mtimeMs;
}

function newestMs(folders: readonly string[]): number {
  let newest = 0;
  for (const folder of folders) {
    for (const entry of readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })) {
      const file = statSync(join(repository, folder, entry), { throwIfNoEntry: false });
      if (entry.endsWith(".ts") && file !== undefined) newest = Math.max(newest, file.mtimeMs);
    }
  }
  return newest;
}

function takeLock(): void {
  for (let waitedMs = 0; ; waitedMs += 100) {
    try {
      mkdirSync(LOCK);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      // A builder that was killed leaves its lock behind.
      if (waitedMs >= LOCK_MS_MAX) rmdirSync(LOCK);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}
