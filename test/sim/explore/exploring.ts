/** Explorations in processes of their own, over a copy of the sources in which sentences can be missing. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Scope } from "../../../src/sim/explore/scope.ts";
import { type Change, copyOfExplorer, plant } from "./changed-copy.ts";
import type { Asked, Told } from "./explore-program.ts";

const run = promisify(execFile);
const STATES_MAX = 1_000_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** Hosts in all the states that differ, and what each step of them brought about. */
const HEAP_MB = 8_192;

export type Exploring = {
  /** One result a scope, in their order. */
  explored(scopes: readonly Partial<Scope>[], more?: Partial<Asked>): Promise<readonly Told[]>;
  exploredWith(changes: readonly Change[], scopes: readonly Partial<Scope>[]): Promise<readonly Told[]>;
  close(): void;
};

export function openExploring(): Exploring {
  const folder = mkdtempSync(join(tmpdir(), "explore-"));
  const program = copyOfExplorer(folder);
  const explored: Exploring["explored"] = async (scopes, more = {}) => {
    const asked: Asked = { scopes, statesMax: STATES_MAX, compares: false, ...more };
    const args = [`--max-old-space-size=${HEAP_MB}`, program, JSON.stringify(asked)];
    const running = run(process.execPath, args, { maxBuffer: OUTPUT_BYTES_MAX });
    // Who waits for hours wants to see how far it is.
    if (asked.statesMax > STATES_MAX) running.child.stderr?.pipe(process.stderr);
    const { stdout } = await running;
    return JSON.parse(stdout) as readonly Told[];
  };
  return {
    explored,
    exploredWith: async (changes, scopes) => {
      const restore = plant(folder, changes);
      try {
        return await explored(scopes);
      } finally {
        restore();
      }
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}
