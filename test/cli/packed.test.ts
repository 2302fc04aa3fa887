/** The tarball that npm packs, installed into an empty folder without development dependencies, runs. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const SHIPPED = [
  "package.json",
  "tsconfig.json",
  "src",
  "hardware",
  "profiles",
  "systemd",
  "LICENSE",
  "README.md",
];
const INSTALL_MS_MAX = 300_000;
const RUN_MS_MAX = 60_000;

type Manifest = {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
type DemoDocument = {
  readonly schema: string;
  readonly settlements: readonly unknown[];
  readonly refusals: readonly unknown[];
  readonly bundle: string;
  readonly trust: string;
  readonly verified: boolean;
};

const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as Manifest;
const commands = existsSync(join(ROOT, "src/cli"))
  ? readdirSync(join(ROOT, "src/cli"), { recursive: true }).map((path) => String(path))
  : [];
const hasGuard = existsSync(join(ROOT, "hardware/radio/guard/main.ts"));
const hasCli = commands.length > 0;
const hasDemo = commands.some((path) => /(^|\/)demo[.]ts$/.test(path));

/** npm as a person in an empty folder calls it: without the variables of the npm that started these tests. */
function npm(cwd: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(package|lifecycle|config_local)|NODE_ENV)/.test(name),
  );
  return spawnSync("npm", args, { cwd, env: Object.fromEntries(inherited), encoding: "utf8" });
}

const registry = npm(ROOT, "ping", "--fetch-retries=0").status === 0;
const required = process.env["SPECTRUM_REQUIRE_REAL"] === "1";
const without = registry ? "" : " (skipped: no npm registry can be reached)";

describe.skipIf(!registry && !required)(`the packed package${without}`, () => {
  const work = mkdtempSync(join(tmpdir(), "packed-"));
  const source = join(work, "source");
  const home = join(work, "home");
  let listing: readonly string[] = [];

  beforeAll(() => {
    packSource(source, work);
    listing = install(work, home);
  }, INSTALL_MS_MAX);
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  function agent(...args: readonly string[]): SpawnSyncReturns<string> {
    const bin = join(home, "node_modules/.bin/spectrum-agent");
    return spawnSync(bin, args, { cwd: home, encoding: "utf8", timeout: RUN_MS_MAX });
  }

  test("holds the program, the data and the units, and neither sources nor tests", () => {
    const roots = new Set(listing.map((path) => path.split("/")[1]));
    expect([...roots].sort()).toEqual(
      ["LICENSE", "README.md", "dist", "package.json", "profiles", "systemd"].filter((name) =>
        existsSync(join(source, name)),
      ),
    );
    expect(listing).toContain("package/dist/src/main.js");
    expect(
      listing.filter((path) => /(^|\/)test\//.test(path) || (/[.]ts$/.test(path) && !path.endsWith(".d.ts"))),
    ).toEqual([]);
  });

  test("brings its dependencies and none for development", () => {
    const installed = (name: string): boolean => existsSync(join(home, "node_modules", name, "package.json"));
    expect(Object.keys(manifest.dependencies).filter((name) => !installed(name))).toEqual([]);
    // mqtt itself brings @types/node.
    const tools = Object.keys(manifest.devDependencies).filter((name) => !name.startsWith("@types/"));
    expect(tools.filter(installed)).toEqual([]);
  });

  test.skipIf(!hasGuard)(
    `starts the guard by the line of its unit${hasGuard ? "" : " (pending: no guard yet)"}`,
    () => {
      const unit = readFileSync(join(ROOT, "systemd/spectrum-guard.service"), "utf8");
      const [, program = "", ...words] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
      const args = words
        .filter((word) => word !== "$GUARD_OPTIONS")
        .map((word) =>
          word.replace(/^\$\{GUARD_DEVICE\}$/, "no-such-radio").replace("/run/spectrum-agent", work),
        );
      const installed = program.replace("/usr/lib/node_modules", join(home, "node_modules"));
      const run = spawnSync(process.execPath, [installed, ...args], {
        encoding: "utf8",
        timeout: RUN_MS_MAX,
      });
      // It understood every flag, and got as far as looking for the radio.
      expect(run.stderr).toContain("no device no-such-radio");
      expect(run.status).toBe(78);
    },
  );

  test.skipIf(!hasCli)(`prints its version${hasCli ? "" : " (pending: src/cli has not landed)"}`, () => {
    const run = agent("--version");
    expect(run.stderr).toBe("");
    expect(run.stdout.trim()).toBe(manifest.version);
    expect(run.status).toBe(0);
  });

  test.skipIf(!hasDemo)(
    `runs the demo to a verified bundle${hasDemo ? "" : " (pending: the demo command has not landed)"}`,
    () => {
      const out = join(work, "out");
      const run = agent("demo", "--exit", "--json", "--out", out);
      expect(run.status, run.stderr).toBe(0);
      const document = JSON.parse(run.stdout) as DemoDocument;
      expect(document).toMatchObject({ schema: "spectrum-agent.demo/1", verified: true });
      expect(document.settlements.length).toBeGreaterThan(0);
      expect(document.refusals.length).toBeGreaterThan(0);
      for (const path of [document.bundle, document.trust])
        expect(existsSync(resolve(out, path)), path).toBe(true);
      const verdict = agent("verify", resolve(out, document.bundle), "--trust", resolve(out, document.trust));
      expect(verdict.status, verdict.stdout + verdict.stderr).toBe(0);
    },
    RUN_MS_MAX,
  );
});

/** Packs a copy of the present sources, so that neither a stale nor a missing dist/ is tested; `prepare` builds it. */
function packSource(source: string, destination: string): void {
  mkdirSync(source);
  for (const name of SHIPPED.filter((each) => existsSync(join(ROOT, each)))) {
    cpSync(join(ROOT, name), join(source, name), { recursive: true });
  }
  symlinkSync(join(ROOT, "node_modules"), join(source, "node_modules"));
  const packed = npm(source, "pack", "--pack-destination", destination);
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stdout}\n${packed.stderr}`);
}

/** Installs the one tarball of `work` into the empty folder `home`; returns the tarball's paths. */
function install(work: string, home: string): readonly string[] {
  const name = readdirSync(work).find((path) => path.endsWith(".tgz")) ?? "no tarball";
  const tarball = join(work, name);
  mkdirSync(home);
  writeFileSync(
    join(home, "package.json"),
    JSON.stringify({ name: "home", version: "1.0.0", private: true }),
  );
  const flags = ["--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"];
  const installed = npm(home, "install", ...flags, tarball);
  if (installed.status !== 0)
    throw new Error(`npm install failed:\n${installed.stdout}\n${installed.stderr}`);
  const list = spawnSync("tar", ["-tzf", tarball], { encoding: "utf8" });
  return list.stdout.trimEnd().split("\n");
}
