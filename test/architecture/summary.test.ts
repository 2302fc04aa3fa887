/** The last line of `test/run` counts what the runner really reported, and nothing ends green by not running. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const SUMMARY = join(ROOT, "test/support/summary.mjs");
const IMPORTS = `import { expect, test } from "vitest";\n`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Words = { readonly code: number | null; readonly lines: readonly string[] };

function summarise(cwd: string, ...args: readonly string[]): Words {
  const run = spawnSync(process.execPath, [SUMMARY, ...args], { cwd, encoding: "utf8" });
  return { code: run.status, lines: run.stdout.trimEnd().split("\n") };
}

/** Runs the real runner over these files, then the summary over its report. */
function run(files: Readonly<Record<string, string>>, ...problems: readonly string[]): Words {
  const folder = mkdtempSync(join(tmpdir(), "summary-"));
  folders.push(folder);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), IMPORTS + text);
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const args = ["run", "--root", folder, "--reporter=json", "--outputFile.json=report.json"];
  spawnSync(process.execPath, [vitest, ...args], { cwd: folder });
  return summarise(folder, "report.json", ...problems);
}

test("counts passed, failed and skipped tests, names the latter two, and fails", () => {
  const words = run({
    "some.test.ts": `test("holds", () => {});\ntest("breaks", () => expect(1).toBe(2));\ntest.skip("waits (no radio)", () => {});\n`,
    "other.test.ts": `throw new Error("no such thing");\n`,
  });
  expect(words.lines.at(-1)).toBe("tests: 1 passed, 2 failed, 1 skipped");
  expect(words.lines).toContain("  some.test.ts › waits (no radio)");
  expect(words.lines).toContain("  some.test.ts › breaks");
  expect(words.lines.join("\n")).toContain("other.test.ts › did not run");
  expect(words.code).toBe(1);
});

test("is green, and one line, when all tests passed", () => {
  const words = run({ "some.test.ts": `test("holds", () => {});\n` });
  expect(words).toEqual({ code: 0, lines: ["tests: 1 passed, 0 failed, 0 skipped"] });
});

test("names the files that took longest, once any took long", () => {
  const folder = mkdtempSync(join(tmpdir(), "summary-"));
  folders.push(folder);
  const took = (name: string, seconds: number) => ({
    name: join(folder, name),
    status: "passed",
    startTime: 1_000,
    endTime: 1_000 + seconds * 1_000,
    assertionResults: [{ fullName: name, status: "passed" }],
  });
  const told = (...testResults: readonly object[]): readonly string[] => {
    writeFileSync(join(folder, "report.json"), JSON.stringify({ testResults }));
    return summarise(folder, "report.json").lines;
  };
  expect(told(took("some.test.ts", 4))).toEqual(["tests: 1 passed, 0 failed, 0 skipped"]);
  expect(told(took("some.test.ts", 4), took("other.test.ts", 61))).toEqual([
    "test files, longest first (65 s in all, several at a time):",
    "  61 s  other.test.ts",
    "  4 s  some.test.ts",
    "tests: 2 passed, 0 failed, 0 skipped",
  ]);
});

test("fails when an earlier stage had a problem, whatever the tests say", () => {
  const words = run({ "some.test.ts": `test("holds", () => {});\n` }, "npm run check failed");
  expect(words.code).toBe(1);
  expect(words.lines).toContain("  npm run check failed");
});

test("fails when every test was skipped", () => {
  const words = run({ "some.test.ts": `test.skip("waits", () => {});\n` });
  expect(words.lines).toContain("  no test ran");
  expect(words.code).toBe(1);
});

test("fails when there is no report", () => {
  const words = summarise(tmpdir(), join(tmpdir(), "no-such-report.json"));
  expect(words.lines.at(-1)).toBe("tests: 0 passed, 0 failed, 0 skipped");
  expect(words.code).toBe(1);
});
