/**
 * Runs test files under one mutant after another, as its parent asks (`trial.ts`). Vitest's own collector and runner, in
 * one process that lives on: a worker a file and mutant would cost more than the tests.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { type File, startTests, type Task, type Test, type VitestRunner } from "@vitest/runner";
import fastCheck from "fast-check";
import * as vitest from "vitest";
import type { Passed, Trial, TrialAnswer, TrialFile } from "./trial.ts";

/** What the instrumenter's switches read and count in. */
type Switches = {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
  hitCount: number | undefined;
  hitLimit: number | undefined;
};

const SEED = 20_261_122;
/** Property tests with more runs stop here: what a thousand inputs do not show is called survived. */
const RUNS_MAX = 1_000;
const TEST_MS_MAX = 120_000;
const ENDLESS = "Hit count limit reached";
const root = process.cwd();

type Loaded = (require: (name: string) => unknown, module: object, exports: object) => void;
const scripts = new Map<string, Loaded>();
const requireFromRoot = createRequire(join(root, "package.json"));
const switches: Switches = {
  activeMutant: undefined,
  currentTestId: undefined,
  mutantCoverage: { static: {}, perTest: {} },
  hitCount: undefined,
  hitLimit: undefined,
};
Object.assign(globalThis, { __stryker__: switches });

function load({ bundle }: TrialFile): void {
  const script = scripts.get(bundle) ?? compiled(bundle);
  scripts.set(bundle, script);
  const provided: Record<string, unknown> = { vitest, "fast-check": cappedFastCheck() };
  const exports = {};
  script((name) => provided[name] ?? requireFromRoot(name), { exports }, exports);
}

function compiled(bundle: string): Loaded {
  const text = `(function (require, module, exports) {${readFileSync(bundle, "utf8")}\n})`;
  return runInThisContext(text, { filename: bundle }) as Loaded;
}

/** The same inputs in every trial, and no more of them than asked. */
function cappedFastCheck(): object {
  type Parameters = { numRuns?: number; seed?: number };
  const assert = (property: unknown, parameters: Parameters = {}): unknown =>
    fastCheck.assert(property as never, {
      seed: SEED,
      ...parameters,
      numRuns: Math.min(parameters.numRuns ?? 100, RUNS_MAX),
    });
  // A script's default import of a package is all of it.
  return { ...fastCheck, assert };
}

/** Runs what is asked for of one file; skips the rest once a test failed. */
function runnerOf(file: TrialFile, isStopping: boolean): VitestRunner {
  let failed = false;
  return {
    config: {
      root,
      setupFiles: [],
      name: undefined,
      passWithNoTests: true,
      testNamePattern: undefined,
      allowOnly: false,
      sequence: { seed: SEED, hooks: "stack", setupFiles: "list" },
      chaiConfig: undefined,
      maxConcurrency: 1,
      testTimeout: TEST_MS_MAX,
      hookTimeout: TEST_MS_MAX,
      retry: 0,
      includeTaskLocation: false,
      tags: [],
      tagsFilter: undefined,
      strictTags: false,
    },
    importFile: () => load(file),
    onBeforeRunTask(test) {
      const isWanted = file.tests === null || file.tests.includes(test.id);
      if (!isWanted || (isStopping && failed)) test.mode = "skip";
      switches.currentTestId = test.id;
    },
    onAfterRunTask(test) {
      failed = failed || test.result?.state === "fail";
      switches.currentTestId = undefined;
    },
  };
}

function testsOf(task: Task): readonly Test[] {
  return task.type === "test" ? [task] : task.tasks.flatMap(testsOf);
}

type Failure = { test: string; why: string };

function failureOf(file: File): Failure | null {
  const why = file.result?.errors?.[0]?.message;
  if (why !== undefined) return { test: "(loading the file)", why };
  const test = testsOf(file).find(({ result }) => result?.state === "fail");
  if (test === undefined) return null;
  return { test: test.fullTestName ?? test.name, why: test.result?.errors?.[0]?.message ?? "" };
}

async function tryOut(trial: Trial): Promise<TrialAnswer> {
  let tests = 0;
  let passed: Passed = { static: {}, perTest: {} };
  let testMs: Record<string, number> = {};
  let ms = 0;
  for (const each of trial.files) {
    answer({ kind: "begun", testFile: each.testFile });
    switches.activeMutant = trial.mutant ?? undefined;
    switches.hitCount = trial.mutant === null ? undefined : 0;
    switches.hitLimit = each.hitLimit;
    // In place: the switches of a loaded file keep the object that they met first.
    switches.mutantCoverage.static = {};
    switches.mutantCoverage.perTest = {};
    const begunMs = performance.now();
    const [file] = await startTests([join(root, each.testFile)], runnerOf(each, trial.mutant !== null));
    if (file === undefined) throw new Error(`${each.testFile} gave no result`);
    ms = performance.now() - begunMs;
    const isEndless = (switches.hitCount ?? 0) > each.hitLimit;
    switches.activeMutant = undefined;
    const run = testsOf(file).filter(({ result }) => result !== undefined && result.state !== "skip");
    tests += run.length;
    passed = { ...switches.mutantCoverage };
    testMs = Object.fromEntries(run.map(({ id, result }) => [id, result?.duration ?? 0]));
    const failure = failureOf(file);
    if (failure !== null || isEndless) {
      const { test, why } = failure ?? { test: "(any)", why: ENDLESS };
      return {
        kind: "done",
        failed: { testFile: each.testFile, test, why, isEndless },
        passed,
        tests,
        ms,
        testMs,
      };
    }
  }
  return { kind: "done", failed: null, passed, tests, ms, testMs };
}

function answer(what: TrialAnswer): void {
  process.send?.(what);
}

process.on("message", (trial: Trial) => {
  void tryOut(trial).then(answer);
});
