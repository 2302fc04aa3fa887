/** Which tests reach which mutant: each test file is run once without a mutant, and its switches counted. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Desk } from "./desk.ts";
import type { Passed, TrialFile } from "./trial.ts";

export type Reach = {
  readonly testFile: string;
  readonly bundle: string;
  readonly passed: Passed;
  /** Milliseconds that the whole file takes without a mutant, and each of its tests. */
  readonly ms: number;
  readonly testMs: Readonly<Record<string, number>>;
};

const HITS_FACTOR = 100;
const HITS_MIN = 1_000;
const UNMUTATED_MS_MAX = 300_000;

/**
 * Kept by the bundle's hash, so that only test files that changed are run again. A sentence where a test fails on
 * unchanged sources: its verdicts would mean nothing.
 */
export async function reachOf(
  desk: Desk,
  cache: string,
  testFile: string,
  bundlePath: string,
): Promise<Reach | string> {
  mkdirSync(cache, { recursive: true });
  const hash = createHash("sha256").update(readFileSync(bundlePath)).digest("hex").slice(0, 32);
  const kept = join(cache, `${hash}.json`);
  if (existsSync(kept))
    return { testFile, bundle: bundlePath, ...JSON.parse(readFileSync(kept, "utf8")) } as Reach;
  const file = {
    testFile,
    bundle: bundlePath,
    tests: null,
    hitLimit: Number.MAX_SAFE_INTEGER,
  };
  const outcome = await desk.run({ mutant: null, files: [file] }, () => UNMUTATED_MS_MAX);
  if (outcome.kind === "silent") return `${testFile} did not end`;
  const { failed, passed, ms, testMs } = outcome;
  if (failed !== null) return `${testFile}: ${failed.test}: ${failed.why}`;
  writeFileSync(kept, JSON.stringify({ passed, ms, testMs }));
  return { testFile, bundle: bundlePath, passed, ms, testMs };
}

/** The files that reach `id`, those of `source` first, then the quickest; each with the tests that pass the switch. */
export function plan(reaches: readonly Reach[], id: string, source: string): readonly TrialFile[] {
  return reaches
    .flatMap((reach) => {
      const tests = testsReaching(reach, id);
      if (tests.length === 0) return [];
      const far = distance(source, reach.testFile);
      const left = Object.keys(reach.testMs).filter((test) => !tests.includes(test));
      const ms = left.reduce((rest, test) => rest - (reach.testMs[test] ?? 0), reach.ms);
      return [{ reach, tests, far, ms }];
    })
    .sort((a, b) => Math.min(a.far, 2) - Math.min(b.far, 2) || a.ms - b.ms)
    .map(({ reach, tests }) => ({
      testFile: reach.testFile,
      bundle: reach.bundle,
      tests,
      hitLimit: Math.max(HITS_MIN, hits(reach.passed, id) * HITS_FACTOR),
    }));
}

/** What is evaluated while a file is loaded may show in each of its tests. */
function testsReaching({ passed, testMs }: Reach, id: string): readonly string[] {
  if (Object.hasOwn(passed.static, id)) return Object.keys(testMs);
  return Object.keys(passed.perTest).filter((test) => Object.hasOwn(passed.perTest[test] ?? {}, id));
}

function hits(passed: Passed, id: string): number {
  const each = [passed.static, ...Object.values(passed.perTest)];
  return each.reduce((sum, counts) => sum + (counts[id] ?? 0), 0);
}

/** 0 for the test file beside the source, 1 for the folder's, and so on. */
function distance(source: string, testFile: string): number {
  const from = source
    .replace(/^src\//, "")
    .replace(/[.]ts$/, "")
    .split("/");
  const to = testFile
    .replace(/^test\//, "")
    .replace(/[.]test[.]ts$/, "")
    .split("/");
  const common = from.findIndex((part, index) => part !== to[index]);
  return common === -1 ? 0 : from.length - common;
}
