/** `spectrum-agent profile`: lint, resolve, diff and schema, over files on the disk. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { profile } from "../../src/cli/profile.ts";
import { shippedFile } from "../../src/profile/shipped-file.ts";

const base = mkdtempSync(join(tmpdir(), "cli-profile-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

function run(...argv: readonly string[]) {
  const said = { stdout: "", stderr: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said.stderr += String(text);
    return true;
  });
  process.exitCode = undefined;
  const program = new Command("spectrum-agent").exitOverride();
  profile.register(program);
  program.parse(["profile", ...argv], { from: "user" });
  return { ...said, exit: process.exitCode ?? 0 };
}

function file(name: string, text: string): string {
  const path = join(base, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const HEAD = "schema: spectrum-agent.profile/1\n";
const device = (name: string): string => shippedFile(`profiles/devices/${name}.yaml`);
const SITE = readFileSync(device("bench-holder"), "utf8");
/** The line in which `words` first stand. */
const lineOf = (text: string, words: string): number => text.slice(0, text.indexOf(words)).split("\n").length;
const inSite = (words: string): number => lineOf(SITE, words);
const REAL = readFileSync(device("real-holder"), "utf8");
const site = file("site/base.yaml", SITE);
const host = file(
  "hosts/host.yaml",
  `${HEAD}extends: ../site/base.yaml\nname: host-1\ntpm: {state: ./tpm}\n`,
);

describe("lint", () => {
  test("says of each sound file what it is, and ends with 0", () => {
    const policy = shippedFile("profiles/policies/bench-cabled.yaml");
    const scenario = shippedFile("profiles/scenarios/spoofed-van.yaml");
    const { stdout, stderr, exit } = run("lint", host, policy, scenario);
    expect(stdout).toBe(
      `${host}: agent: sound\n${policy}: policy: sound, 1 warning\n${scenario}: scenario: sound\n`,
    );
    expect(stderr).toMatch(
      /^warning: .*bench-cabled[.]yaml:\d+:\d+: verify-before-use: verify-before-use: found `true`/,
    );
    expect(exit).toBe(0);
  });

  test("says all that is wrong with all files, each with file, line and column, and ends with 78", () => {
    const broken = file("site/broken.yaml", SITE.replace("height: 35m", "height: 35"));
    const child = file("hosts/child.yaml", `${HEAD}extends: ../site/broken.yaml\nlog: wran\n`);
    const other = file("other.yaml", "schema: spectrum-agent.polcy/1\n");
    const { stdout, stderr, exit } = run("lint", child, other, host);
    expect(stderr).toContain(`${child}:3:6: log: field-choice: found \`wran\``);
    expect(stderr).toContain(`${broken}:${inSite("height:")}:11: gnss.height: unit-missing: found \`35\``);
    expect(stderr).toContain(`${other}:1:9: schema: field-choice: found \`spectrum-agent.polcy/1\``);
    expect(stderr).toContain("did you mean `spectrum-agent.policy/1`?");
    expect(stdout).toBe(`${host}: agent: sound\n`);
    expect(exit).toBe(78);
  });

  test("as JSON, each finding has its place, what was found and what is allowed", () => {
    const cycle = file("cycle.yaml", `${HEAD}extends: cycle.yaml\n`);
    const { stdout, exit } = run("lint", "--json", cycle);
    expect(JSON.parse(stdout)).toEqual({
      schema: "spectrum-agent.profile-lint/1",
      files: [
        {
          file: cycle,
          kind: null,
          ok: false,
          errors: [
            {
              file: cycle,
              line: 2,
              column: 10,
              path: "extends",
              code: "extends-cycle",
              found: "`cycle.yaml`",
              allowed: "a file that does not extend this one",
              hint: `by way of ${cycle} -> ${cycle}`,
            },
          ],
          warnings: [],
        },
      ],
    });
    expect(exit).toBe(78);
  });

  const warned = (path: string): readonly string[] =>
    JSON.parse(run("lint", "--json", path).stdout).files[0].warnings.map(
      (each: { line: number; column: number; path: string; code: string }) =>
        `${each.line}:${each.column} ${each.path} ${each.code}`,
    );

  test("warns of marks that are left, in values and comments, and of a policy nobody has verified", () => {
    expect(warned(device("real-holder"))).toEqual([
      "4:8 owner change-left",
      "12:3 mesh.url change-left",
      `${lineOf(REAL, "# CHANGE to the place")}:7 offers[0].area.circle change-left`,
      `${lineOf(REAL, "policy:")}:9 policy verify-before-use`,
    ]);
    expect(warned(device("bench-holder"))).toEqual([]);
  });

  test("warns of no mark whose value another file replaces, and of no policy on a bench", () => {
    const own = "owner: Me\nmesh: {url: mqtt://broker}\noffers: []\n";
    const child = file("child.yaml", `${HEAD}extends: real-holder\nname: child\n${own}`);
    expect(warned(child)).toEqual([`${lineOf(REAL, "policy:")}:9 policy verify-before-use`]);
    const bench = file("bench.yaml", `${HEAD}extends: child.yaml\nproduction: false\n`);
    expect(warned(bench)).toEqual([]);
  });
});

describe("resolve", () => {
  test("gives one file that lint takes, without extends, its paths absolute", () => {
    const out = join(base, "out.yaml");
    const { stdout, exit } = run("resolve", host, "--out", out);
    expect(stdout).toMatch(new RegExp(`^${out}: 2 files, hash [0-9a-f]{64}\n$`));
    expect(exit).toBe(0);
    const text = readFileSync(out, "utf8");
    expect(text).not.toContain("extends");
    expect(text).toContain(`state: ${join(base, "site/state/bench-holder")}\n`);
    expect(text).toContain(`  state: ${join(base, "hosts/tpm")}\n`);
    expect(run("lint", out)).toMatchObject({ exit: 0, stdout: `${out}: agent: sound\n` });
    expect(run("resolve", out).stdout).toBe(text);
    expect(run("diff", host, out)).toMatchObject({ exit: 0, stdout: "" });
  });

  test("writes over nothing", () => {
    const taken = file("taken.yaml", "mine");
    expect(() => run("resolve", host, "--out", taken)).toThrow(/EEXIST/);
    expect(readFileSync(taken, "utf8")).toBe("mine");
  });

  test("tells with --origins which line of which file each value comes from", () => {
    const lines = run("resolve", "--origins", host).stdout.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        `name: host-1 # ${host}:3`,
        `  driver: mqtt # ${site}:${inSite("driver: mqtt")}`,
        `  state: ${join(base, "hosts/tpm")} # ${host}:4`,
        "trust:",
        `  # ${site}:${inSite("trust:")}`,
      ]),
    );
  });

  test("as JSON gives the profile, its hash, its files and the origin of each value", () => {
    const { hash, files, profile: whole, origins } = JSON.parse(run("resolve", "--json", host).stdout);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(files).toEqual([host, site]);
    expect(whole).toMatchObject({ name: "host-1", tpm: { driver: "simulated" } });
    expect(origins).toContainEqual({
      path: "tpm.driver",
      file: site,
      line: inSite("driver: simulated"),
      column: 3,
    });
  });

  test("refuses what cannot be loaded with 78, and writes nothing", () => {
    const out = join(base, "never.yaml");
    const bad = file("bad.yaml", `${HEAD}extends: none.yaml\n`);
    expect(run("resolve", bad, "--out", out)).toMatchObject({ exit: 78, stdout: "" });
    expect(() => readFileSync(out)).toThrow(/ENOENT/);
  });
});

describe("diff", () => {
  test("says by key path what was added, removed and changed, with both values and their files", () => {
    const child = file(
      "hosts/other.yaml",
      `${HEAD}extends: host.yaml\nlog: warn\ngnss: {seed: null, height: 36m}\noffers: []\n`,
    );
    const { stdout, exit } = run("diff", host, child);
    expect(exit).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(0, 2)).toEqual([
      `changed gnss.height: "35m" (${site}:${inSite("height:")}) -> "36m" (${child}:4)`,
      `removed gnss.seed: 1 (${site}:${inSite("seed:")})`,
    ]);
    expect(lines[2]).toMatch(/^removed offers\[0\]: \{"resource":"bench-433",.*\(.*base[.]yaml:\d+\)$/);
    expect(lines[3]).toBe(`added log: "warn" (${child}:3)`);
    const { differences } = JSON.parse(run("diff", "--json", host, child).stdout);
    expect(differences[0]).toEqual({
      path: "gnss.height",
      change: "changed",
      before: { value: "35m", file: site, line: inSite("height:"), column: 3 },
      after: { value: "36m", file: child, line: 4, column: 20 },
    });
  });

  test("compares policies too, and refuses files of two kinds and broken ones with 78", () => {
    const policy = (name: string): string => shippedFile(`profiles/policies/${name}.yaml`);
    expect(run("diff", policy("bench-cabled"), policy("bench-cabled"))).toMatchObject({
      exit: 0,
      stdout: "",
    });
    expect(run("diff", policy("bench-cabled"), policy("bench-ism")).exit).toBe(1);
    const mixed = run("diff", host, policy("bench-ism"));
    expect(mixed).toMatchObject({ exit: 78, stdout: "" });
    expect(mixed.stderr).toContain("schema: field-choice: found `spectrum-agent.policy/1`");
    expect(run("diff", host, join(base, "none.yaml")).exit).toBe(78);
  });
});

describe("schema", () => {
  const kinds = [
    "agent",
    "agent-base",
    "policy",
    "policy-profile",
    "commodity",
    "grant",
    "licence",
    "request",
    "scenario",
  ];

  test("lists the kinds of files", () => {
    expect(run("schema").stdout.match(/^[a-z-]+/gm)).toEqual(kinds);
  });

  test.each(kinds)("prints that of %s: draft-07, with the file's own schema word in it", (kind) => {
    const printed = JSON.parse(run("schema", kind).stdout);
    expect(printed.$schema).toBe("http://json-schema.org/draft-07/schema#");
    const properties = (printed.else ?? printed).properties;
    const word = kind === "agent" || kind === "agent-base" ? "profile" : kind;
    expect(properties.schema.const).toBe(`spectrum-agent.${word}/1`);
  });

  test("refuses a kind that there is not, and suggests one", () => {
    const { stderr, exit } = run("schema", "polcy");
    expect(stderr).toContain("did you mean `policy`?");
    expect(exit).toBe(2);
  });
});
