/** STYLE as a test: each rule over every file of the tree, and each rule over a line that breaks it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { styleRules } from "./style-rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const FILES_MIN = 10;

/** A file that may break one rule, and why. Delete a line as soon as its file keeps the rule. */
const exceptions: readonly { readonly rule: string; readonly path: string; readonly reason: string }[] = [
  {
    rule: "parameters",
    path: "src/ports/port-error.ts",
    reason:
      "the fifth is the optional cause, last as in Error; each of the first four is needed at every throw",
  },
  {
    rule: "parameters",
    path: "src/core/base/check.ts",
    reason: "a check reads as one line of a table: code, field, passed, measured, required",
  },
  {
    rule: "parameters",
    path: "src/core/pairing/evaluate.ts",
    reason: "evaluate(O, A, C, bodies) is the protocol's own signature (§6); the primitives come last",
  },
  {
    rule: "parameters",
    path: "src/core/pairing/rules-versions.ts",
    reason: "the same signature as evaluate, by rules version",
  },
];

/** For each rule, a file that breaks it and a near miss that does not. */
const samples: Readonly<
  Record<string, { readonly path?: string; readonly bad: string; readonly good: string }>
> = {
  "default-export": { bad: "const a = 1;\nexport default a;", good: "export const a = { default: 1 };" },
  barrel: { path: "src/core/index.ts", bad: "export {};", good: "export {};" },
  "enum-namespace": { bad: "enum Kind { A }", good: 'type Kind = "a";' },
  inheritance: { bad: "class A extends B {}", good: "class PortError extends Error {}" },
  "file-length": { bad: "const a = 1;\n".repeat(301), good: "const a = 1;\n".repeat(300) },
  "function-length": {
    bad: `function f() {\n${"f();\n".repeat(69)}}`,
    good: `/**\n * Long comments are welcome.\n */\nfunction f() {\n${"f();\n".repeat(68)}}`,
  },
  parameters: {
    bad: "const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a;",
    good: "const f = (a: 1, b: 1, c: 1, d: 1) => a;",
  },
  "module-let": { bad: "let count = 0;", good: "function f() { let count = 0; return count; }" },
  "math-random": { bad: "const a = Math.random();", good: "const a = entropy.random();" },
  "core-clock": {
    bad: "const a = Date.now();",
    good: "/** A Date is not read here. */\nconst a = ports.Date;",
  },
  "core-math": { bad: "const a = Math.hypot(3, 4);", good: "const a = Math.trunc(Math.sqrt(2));" },
  "core-headline": {
    bad: "// code\nexport const a = 1;",
    good: 'import { b } from "./b.ts";\n\n/** The least thing that says what it is. */\nexport const a = b;',
  },
  "file-name": { path: "src/core/radioHelper.ts", bad: "export {};", good: "export {};" },
  "exported-words": {
    bad: "export function processOffer() {}",
    good: "export type ProcessId = number;\nconst data = 1;",
  },
  "literal-import": { bad: "const a = import(path);", good: 'const a = import("./a.ts");' },
  ignores: {
    bad: "/* v8 ignore next */\nconst a = 1;",
    good: "/* nobody may ignore a Rejection */\nconst a = 1;",
  },
  mock: { path: "test/core/sample.test.ts", bad: 'vi.mock("./a.ts");', good: 'vi.stubEnv("A", "1");' },
  only: {
    path: "test/core/sample.test.ts",
    bad: "test.each([1]).only(name, f);",
    good: "test(name, () => options.only);",
  },
};

const parsed = ["src", "hardware", "test"]
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((path) => `${folder}/${String(path)}`),
  )
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts") && !path.includes("node_modules"))
  .sort()
  .map((path) => parse(path, readFileSync(join(ROOT, path), "utf8")));

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
}

function breaches(id: string, files: readonly ts.SourceFile[]): readonly string[] {
  return styleRules
    .filter((rule) => rule.id === id)
    .flatMap((rule) =>
      files.filter(({ fileName }) => rule.where.test(fileName)).map((file) => ({ rule, file })),
    )
    .flatMap(({ rule, file }) => rule.find(file).map(({ line, what }) => `${file.fileName}:${line} ${what}`));
}

function excepted(id: string, breach: string): boolean {
  return exceptions.some(({ rule, path }) => rule === id && breach.startsWith(`${path}:`));
}

describe("style", () => {
  test("looks at the whole tree", () => {
    const paths = parsed.map(({ fileName }) => fileName);
    expect(paths.filter((path) => path.startsWith("src/core/")).length).toBeGreaterThanOrEqual(FILES_MIN / 2);
    expect(paths.filter((path) => path.startsWith("src/")).length).toBeGreaterThanOrEqual(FILES_MIN);
    expect(paths).toContain("test/architecture/style.test.ts");
  });

  test.each(styleRules.map(({ says, id }) => [says, id] as const))("%s", (_says, id) => {
    expect(breaches(id, parsed).filter((breach) => !excepted(id, breach))).toEqual([]);
  });

  test("every exception has a reason and is still needed", () => {
    for (const { rule, path, reason } of exceptions) {
      expect(reason.length, path).toBeGreaterThan(20);
      expect(
        breaches(rule, parsed).some((breach) => breach.startsWith(`${path}:`)),
        `${rule} ${path}`,
      ).toBe(true);
    }
  });
});

describe("each rule of style finds what breaks it and leaves the near miss alone", () => {
  test.each(styleRules.map(({ id }) => id))("%s", (id) => {
    const sample = samples[id];
    if (sample === undefined) throw new Error(`no sample for ${id}`);
    const path = sample.path ?? "src/core/sample.ts";
    expect(breaches(id, [parse(path, sample.bad)])).not.toEqual([]);
    const goodPath = sample.bad === sample.good ? "src/core/sample.ts" : path;
    expect(breaches(id, [parse(goodPath, sample.good)])).toEqual([]);
  });
});
