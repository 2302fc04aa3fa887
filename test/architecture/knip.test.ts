/** The search for unused code is green over a tree that uses all it has, and names what it does not use. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const CONFIG = "test/architecture/knip.json";

type Tree = Readonly<Record<string, string>>;

const sound: Tree = {
  [CONFIG]: readFileSync(join(ROOT, CONFIG), "utf8"),
  "tsconfig.json": readFileSync(join(ROOT, "tsconfig.json"), "utf8"),
  "package.json": JSON.stringify({ name: "sample", type: "module", dependencies: { yaml: "2.9.0" } }),
  "src/main.ts": `const { run } = await import("./cli/run.ts");\nrun();\n`,
  "src/cli/run.ts": `import { parse } from "yaml";\nexport const run = (): unknown => parse("a: 1");\n`,
  "hardware/radio/guard/main.ts": `import { wait } from "../wait.ts";\nwait();\n`,
  "hardware/radio/wait.ts": `export type Span = number;\nexport const wait = (span: Span = 1): Span => span;\n`,
  "test/cli/run.test.ts": `import { run } from "../../src/cli/run.ts";\nrun();\n`,
};

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

/** Runs knip as `npm run check` does, in a tree of its own. */
function judge(tree: Tree): { readonly code: number | null; readonly text: string } {
  const root = mkdtempSync(join(tmpdir(), "knip-"));
  trees.push(root);
  for (const [path, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  const knip = join(ROOT, "node_modules/knip/bin/knip.js");
  const args = [knip, "--config", CONFIG, "--no-config-hints"];
  const run = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  return { code: run.status, text: run.stdout + run.stderr };
}

test("a tree that uses all it has is green, with lazy imports and programs of their own", () => {
  const verdict = judge(sound);
  expect(verdict.text).toBe("");
  expect(verdict.code).toBe(0);
});

test.each([
  ["unused file", { "src/cli/stray.ts": "export {};\n" }, /Unused files[\s\S]*src\/cli\/stray[.]ts/],
  [
    "unused export",
    { "hardware/radio/wait.ts": "export const wait = (): number => 1;\nexport const rest = 2;\n" },
    /Unused exports[\s\S]*rest/,
  ],
  [
    "unused dependency",
    { "package.json": `{"name":"sample","type":"module","dependencies":{"yaml":"2.9.0","zod":"4.6.7"}}` },
    /Unused dependencies[\s\S]*zod/,
  ],
  [
    "undeclared dependency",
    { "src/cli/run.ts": `import { z } from "zod";\nimport "yaml";\nexport const run = (): unknown => z;\n` },
    /Unlisted dependencies[\s\S]*zod/,
  ],
])("it names what it finds: %s", (_what, change, expected) => {
  const verdict = judge({ ...sound, ...change });
  expect(verdict.text).toMatch(expected);
  expect(verdict.code).not.toBe(0);
});
