/** The units, users, folders and device rules of systemd/, judged by systemd's own tools without a running systemd. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "systemd");
const UNITS = ["spectrum-agent.service", "spectrum-guard.service", "spectrum-sleep.service"] as const;
/** Tenths of systemd's exposure level; both units measure 17, a bare unit 96. */
const EXPOSURE_MAX = 20;
const BARE_UNIT = "[Service]\nExecStart=/bin/true\n";

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function tool(name: string, ...args: readonly string[]): Run {
  const run = spawnSync(name, args, {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C", SYSTEMD_COLORS: "0" },
  });
  return { code: run.status, stdout: run.stdout ?? "", stderr: run.stderr ?? String(run.error) };
}

const present =
  tool("systemd-analyze", "--version").code === 0 && tool("systemd-sysusers", "--version").code === 0;
const required = process.env["SPECTRUM_REQUIRE_REAL"] === "1";
const without = present ? "" : " (skipped: systemd-analyze or systemd-sysusers is not installed)";

const staged: string[] = [];
afterEach(() => {
  for (const folder of staged.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Copies text files into a folder of their own. */
function stage(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "systemd-"));
  staged.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), "utf8");
}

/** systemd-analyze verify over both units; their programs are replaced by one that exists on every host. */
function verify(change: (unit: string) => string): Run {
  const runnable = (text: string): string => text.replace(/^ExecStart=\S+/gm, "ExecStart=/bin/true");
  const folder = stage(Object.fromEntries(UNITS.map((name) => [name, change(runnable(read(name)))])));
  return tool("systemd-analyze", "verify", "--man=no", ...UNITS.map((name) => join(folder, name)));
}

/** Values of one key of a unit, in order, split at spaces. */
function values(unit: string, key: string): readonly string[] {
  return read(unit)
    .split("\n")
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(/\s+/));
}

describe.skipIf(!present && !required)(`systemd's tools${without}`, () => {
  test("verify says nothing at all about the units", () => {
    // The exit code alone is no verdict: it is 0 for an unknown key.
    expect(verify((unit) => unit)).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("verify would have found an unknown key, a bad value and a missing unit file", () => {
    expect(verify((unit) => `${unit}Frobnicate=yes\n`).stderr).toContain("Unknown key");
    expect(verify((unit) => unit.replace("RestartSec=", "RestartSec=soon ")).stderr).toContain(
      "Failed to parse",
    );
    expect(verify((unit) => unit.replaceAll("spectrum-guard.service", "no-such.service")).stderr).toContain(
      "no-such",
    );
  });

  test.each(UNITS)("%s is exposed no more than the bound", (name) => {
    const run = tool(
      "systemd-analyze",
      "security",
      "--offline=true",
      `--threshold=${EXPOSURE_MAX}`,
      join(FOLDER, name),
    );
    expect(run.stdout).toContain("Overall exposure level");
    expect(run.code, run.stdout).toBe(0);
  });

  test("a bare unit is over that bound", () => {
    const path = join(stage({ "bare.service": BARE_UNIT }), "bare.service");
    const run = tool("systemd-analyze", "security", "--offline=true", `--threshold=${EXPOSURE_MAX}`, path);
    expect(run.stdout).toContain("Overall exposure level");
    expect(run.code).not.toBe(0);
  });

  test("the users are made, the guard's apart from the agent's and in its group", () => {
    const run = tool(
      "systemd-sysusers",
      "--dry-run",
      `--root=${stage({})}`,
      join(FOLDER, "spectrum-agent.sysusers.conf"),
    );
    expect(run.code, run.stderr).toBe(0);
    for (const user of ["spectrum-agent", "spectrum-guard"])
      expect(run.stderr).toContain(`Creating user '${user}'`);
    for (const unit of UNITS) expect(run.stderr).toContain(`Creating user '${values(unit, "User")[0]}'`);
  });

  test("a line of users that systemd does not understand is found", () => {
    const folder = stage({ "bad.conf": "u spectrum/agent -\n" });
    expect(tool("systemd-sysusers", "--dry-run", `--root=${folder}`, join(folder, "bad.conf")).code).not.toBe(
      0,
    );
  });
});

describe("the units", () => {
  test("the agent needs the guard and starts after it; the guard does not know the agent", () => {
    expect(values("spectrum-agent.service", "Requires")).toContain("spectrum-guard.service");
    expect(values("spectrum-agent.service", "After")).toContain("spectrum-guard.service");
    const ties =
      "Requires BindsTo PartOf Wants Requisite Before After Upholds JoinsNamespaceOf StopPropagatedFrom".split(
        " ",
      );
    for (const tie of ties) expect(values("spectrum-guard.service", tie).join()).not.toContain("agent");
    expect(values("spectrum-guard.service", "User")).not.toEqual(values("spectrum-agent.service", "User"));
  });

  test("start programs that the package ships, by the paths that npm installs", () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      bin: Record<string, string>;
    };
    expect(Object.keys(manifest.bin)).toContain("spectrum-agent");
    expect(values("spectrum-agent.service", "ExecStart").slice(0, 2)).toEqual([
      "/usr/bin/spectrum-agent",
      "run",
    ]);
    const program = values("spectrum-guard.service", "ExecStart")[1];
    expect(program).toBe("/usr/lib/node_modules/spectrum-agent/dist/hardware/radio/guard/main.js");
  });

  test("leave V8 its compiler and the boot clock its file", () => {
    for (const unit of UNITS) {
      expect(values(unit, "MemoryDenyWriteExecute")).toEqual([]);
      expect(values(unit, "ProcSubset")).toEqual([]);
      expect(values(unit, "ReadWritePaths")).toContain("/run/spectrum-agent");
    }
  });

  test("the folder of the sockets is made before they start, sticky, for their common group", () => {
    const line = read("spectrum-agent.tmpfiles.conf")
      .split("\n")
      .find((each) => each.includes("/run/spectrum-agent"));
    expect(line?.split(/\s+/)).toEqual(["d", "/run/spectrum-agent", "3770", "root", "spectrum-agent", "-"]);
    for (const unit of UNITS) expect(values(unit, "Group")).toEqual(["spectrum-agent"]);
  });
});

describe("the device rules", () => {
  const lines = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".rules"))
    .flatMap((name) => read(name).split("\n"))
    .filter((line) => line !== "" && !line.startsWith("#"));

  test("are matches and assignments, and open no device to everybody", () => {
    expect(lines.length).toBeGreaterThan(3);
    const part = /^(SUBSYSTEM|KERNEL|ATTRS?\{\w+\}|ENV\{\w+\}|GROUP|MODE)(==|=)"[^"]*"$/;
    for (const line of lines) {
      for (const each of line.split(/,\s+/)) expect(each).toMatch(part);
      expect(line).not.toMatch(/MODE="\d*[1-7]"/);
    }
  });

  test("name only groups that a user of the units is in", () => {
    const members = read("spectrum-agent.sysusers.conf")
      .split("\n")
      .flatMap((line) => /^m \S+ (\S+)/.exec(line)?.[1] ?? []);
    const groups = lines.flatMap((line) => /GROUP="([^"]+)"/.exec(line)?.[1] ?? []);
    expect(new Set(groups)).toEqual(new Set(["tss", "dialout", "plugdev"]));
    for (const group of groups) expect(members).toContain(group);
  });
});
