/** The import rule is a check only if it turns red: one planted violation for each rule, in a tree of its own. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

type Finding = { readonly rule: string; readonly from: string; readonly to: string; readonly advice: string };
type Verdict = {
  readonly code: number | null;
  readonly modules: number;
  readonly rooms: Readonly<Record<string, number>>;
  /** Names of all rules that dependency-cruiser was given. */
  readonly rules: readonly string[];
  readonly findings: readonly Finding[];
};
type Tree = Readonly<Record<string, string>>;

const SCRIPT = join(import.meta.dirname, "import-rule.mjs");
const PACKAGES = ["zod", "yaml", "commander", "mqtt", "@noble/hashes", "preact", "uplot"];
const DEV_PACKAGE = "vitest";

const leaf = "export const leaf = 1;\n";
const importing = (...specifiers: readonly string[]): string =>
  specifiers.map((specifier) => `import "${specifier}";\n`).join("") + leaf;

/** A small house that keeps every rule. */
const sound: Tree = {
  "src/core/base/bytes.ts": leaf,
  "src/core/base/hash.ts": importing("@noble/hashes"),
  "src/ports/radio.ts": importing("../core/base/bytes.ts"),
  "src/agent/loop.ts": importing("../ports/radio.ts", "../core/base/bytes.ts"),
  "src/authority/book.ts": importing("../ports/radio.ts", "../core/base/bytes.ts"),
  "src/adapters/mqtt/broker.ts": importing("mqtt", "node:net", "../../ports/radio.ts"),
  "src/adapters/signatures/noble.ts": importing("@noble/hashes"),
  "src/adapters/system/clock.ts": leaf,
  "src/profile/schema.ts": importing("zod", "yaml", "node:fs"),
  "src/profile/units.ts": importing("zod", "../core/base/bytes.ts"),
  "src/sim/world-time.ts": importing("../agent/loop.ts", "../profile/units.ts"),
  "src/compose/compose.ts": importing(
    "../agent/loop.ts",
    "../authority/book.ts",
    "../adapters/mqtt/broker.ts",
    "../../hardware/radio/registry.ts",
  ),
  "src/cli/demo.ts": importing("commander", "../compose/compose.ts", "../sim/world-time.ts"),
  "src/web/page.ts": importing("preact", "uplot", "../core/base/bytes.ts"),
  "src/main.ts": importing("./cli/demo.ts"),
  "hardware/world/space.ts": leaf,
  "hardware/world/main.ts": importing("./space.ts", "../../src/adapters/system/clock.ts"),
  "hardware/radio/registry.ts": `export const load = () => import("./simulated-radio.ts");\n`,
  "hardware/radio/simulated-radio.ts": importing("../world/space.ts", "../../src/ports/radio.ts"),
  "hardware/radio/guard/main.ts": importing("../registry.ts", "../../../src/adapters/system/clock.ts"),
};

/** One wrong line each: where it is planted, its text, and the finding that must name it. */
const planted: readonly (readonly [path: string, text: string, rule: string])[] = [
  [
    "src/core/base/type.ts",
    `import type { leaf } from "../../ports/radio.ts";\nexport type T = typeof leaf;\n`,
    "core: rooms",
  ],
  ["src/core/base/hex.ts", importing("node:buffer"), "core: node modules"],
  ["src/core/base/parse.ts", importing("zod"), "core: packages"],
  ["src/ports/mesh.ts", importing("../adapters/system/clock.ts"), "ports: rooms"],
  ["src/ports/store.ts", importing("node:fs"), "ports: node modules"],
  ["src/ports/log.ts", importing("mqtt"), "ports: packages"],
  ["src/agent/wire.ts", importing("../adapters/system/clock.ts"), "agent: rooms"],
  ["src/agent/timer.ts", importing("node:timers"), "agent: node modules"],
  ["src/agent/publish.ts", importing("mqtt"), "agent: packages"],
  ["src/authority/enrol.ts", importing("../agent/loop.ts"), "authority: rooms"],
  ["src/authority/folder.ts", importing("node:fs"), "authority: node modules"],
  ["src/authority/key.ts", importing("yaml"), "authority: packages"],
  ["src/adapters/store/segment.ts", importing("../system/clock.ts"), "adapters: rooms"],
  ["src/adapters/store/radio.ts", importing("../../../hardware/radio/registry.ts"), "adapters: rooms"],
  ["src/profile/resolve.ts", importing("../../hardware/radio/registry.ts"), "profile: rooms"],
  ["src/profile/fetch.ts", importing("mqtt"), "profile: packages"],
  ["src/sim/runner.ts", importing("../../hardware/world/space.ts"), "sim: rooms"],
  ["src/sim/seed.ts", importing("node:crypto"), "sim: node modules"],
  ["src/sim/report.ts", importing("yaml"), "sim: packages"],
  ["src/cli/status.ts", importing("../adapters/system/clock.ts"), "cli: rooms"],
  ["src/cli/table.ts", importing("yaml"), "cli: packages"],
  ["src/web/chart.ts", importing("../ports/radio.ts"), "web: rooms"],
  ["src/web/style.ts", importing("mqtt"), "web: packages"],
  ["src/web/file.ts", importing("node:fs"), "web: node modules"],
  ["hardware/gnss/gpsd.ts", importing("../world/space.ts"), "hardware: rooms"],
  ["hardware/tpm/simulator.ts", importing("../radio/registry.ts"), "simulated driver: rooms"],
  ["hardware/world/second-main.ts", importing("../../src/adapters/mqtt/broker.ts"), "program: rooms"],
  ["hardware/world/third-main.ts", importing("mqtt"), "program: packages"],
  ["hardware/tpm/probe.ts", importing("commander"), "packages at home"],
  ["src/adapters/mqtt/second.ts", importing("mqtt"), "one file a package"],
  ["src/core/base/digest.ts", importing("@noble/hashes"), "one file a package"],
  ["src/adapters/store/test-kit.ts", importing(DEV_PACKAGE), "declared packages"],
  ["src/adapters/store/absent.ts", importing("./not-there.ts"), "resolvable"],
  ["hardware/radio/shell.ts", importing("./guard/main.ts"), "a program is nobody's import"],
  ["src/core/wire/index.ts", leaf, "no barrels"],
  ["src/stray/file.ts", leaf, "every file has a room"],
];

const trees: string[] = [];
afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree, { recursive: true, force: true });
});

/** Writes the tree with empty packages to import, and runs the check there as `npm run check` does. */
function judge(tree: Tree): Verdict {
  const root = mkdtempSync(join(tmpdir(), "import-rule-"));
  trees.push(root);
  const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, "1.0.0"]));
  const manifest = { type: "module", dependencies, devDependencies: { [DEV_PACKAGE]: "1.0.0" } };
  const exports = { ".": { types: "./main.d.ts", default: "./main.js" } };
  const packages = [...PACKAGES, DEV_PACKAGE].flatMap((name) => [
    [
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", type: "module", exports }),
    ],
    [`node_modules/${name}/main.js`, leaf],
    [`node_modules/${name}/main.d.ts`, leaf],
  ]);
  const files = { "package.json": JSON.stringify(manifest), ...Object.fromEntries(packages), ...tree };
  for (const [path, text] of Object.entries<string>(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const run = spawnSync(process.execPath, [SCRIPT, root, "--json"], { cwd: root, encoding: "utf8" });
  expect(run.stdout, run.stderr).toMatch(/^\{/);
  return { ...(JSON.parse(run.stdout) as Omit<Verdict, "code">), code: run.status };
}

describe("the import rule", () => {
  test("is green over a house that keeps it, and has seen every room", () => {
    const verdict = judge(sound);
    expect(verdict.findings).toEqual([]);
    expect(verdict.code).toBe(0);
    expect(verdict.modules).toBe(Object.keys(sound).length);
    const { hardware, ...rest } = verdict.rooms;
    expect(Object.values(rest).every((count) => count > 0)).toBe(true);
    expect(hardware).toBe(2);
  });

  test("finds one planted violation of each rule, by its file and with advice", () => {
    const verdict = judge({ ...sound, ...Object.fromEntries(planted) });
    expect(verdict.code).toBe(1);
    for (const [from, , rule] of planted) {
      expect(verdict.findings).toContainEqual(
        expect.objectContaining({ rule, from: rule === "one file a package" ? expect.any(String) : from }),
      );
    }
    expect(verdict.findings.every(({ advice }) => advice.length > 20)).toBe(true);
    const elsewhere = ["no cycles", "main: rooms", "main: packages", "main: node modules"];
    const told = new Set([
      ...elsewhere,
      "compose: rooms",
      "compose: packages",
      ...planted.map(([, , rule]) => rule),
    ]);
    expect(verdict.rules.filter((rule) => !told.has(rule))).toEqual([]);
  });

  test("finds a cycle once, type-only imports included", () => {
    const verdict = judge({
      ...sound,
      "src/core/base/a.ts": `import type { B } from "./b.ts";\nexport type A = B;\n`,
      "src/core/base/b.ts": `import type { A } from "./a.ts";\nexport type B = A | 1;\n`,
    });
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(["no cycles"]);
  });

  test("finds a command that main does not reach through cli, and compose that knows a command", () => {
    const verdict = judge({
      ...sound,
      "src/main.ts": importing("./compose/compose.ts", "mqtt", "node:fs"),
      "src/compose/compose.ts": importing("../cli/demo.ts", "mqtt"),
      "src/cli/demo.ts": importing("commander"),
    });
    expect(verdict.findings.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining([
        ...["main: rooms", "main: packages", "main: node modules"],
        ...["compose: rooms", "compose: packages", "one file a package"],
      ]),
    );
  });

  test("is red over an empty folder: a check that looked at nothing has no verdict", () => {
    const verdict = judge({});
    expect(verdict.code).toBe(1);
    expect(verdict.findings.map(({ rule }) => rule)).toContain("looked at enough");
  });
});
