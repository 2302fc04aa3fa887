/** What a person sees whose command cannot be done: an id, a reason, an exit code, at once. */
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../support/built.ts";

const MAIN = new URL("../../dist/src/main.js", import.meta.url).pathname;
const PROFILE = new URL("../../profiles/devices/bench-radio.yaml", import.meta.url).pathname;
/** A command that hangs is ended by then, and has no exit code. */
const END_MS = 20_000;

type Said = { readonly exit: unknown; readonly stdout: string; readonly stderr: string };

function command(...argv: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...argv], { timeout: END_MS }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

let base = "";
beforeAll(async () => {
  await ensureBuilt();
  base = mkdtempSync(join(tmpdir(), "cli-trouble-test-"));
  writeFileSync(join(base, "file"), "");
  copyFileSync(PROFILE, join(base, "profile.yaml"));
}, 120_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("demo --out", () => {
  test.each([
    ["below /proc", () => "/proc/x", "/proc/x: mkdir: no such file or folder (ENOENT)"],
    ["a file", () => join(base, "file"), "file: mkdir: something else stands there (EEXIST)"],
    ["below a file", () => join(base, "file", "a"), "file: mkdir: something else stands there (EEXIST)"],
  ])("that is %s ends with 78 and says why", async (_where, out, reason) => {
    const { exit, stdout, stderr } = await command("demo", "--exit", "--out", out());
    expect([exit, stdout]).toEqual([78, ""]);
    expect(stderr).toContain("file-unusable: ");
    expect(stderr).toContain(reason);
    expect(stderr).toContain("more: spectrum-agent explain file-unusable");
  });

  test("with a file where an agent's state would be ends with 78, and does not wait for anything", async () => {
    const out = mkdtempSync(join(base, "demo-"));
    writeFileSync(join(out, "alpha"), "");
    const { exit, stderr } = await command("demo", "--exit", "--out", out);
    expect(exit).toBe(78);
    expect(stderr).toContain("alpha: mkdir: something else stands there (EEXIST)");
  });
});

describe("a profile that cannot run", () => {
  test("whose trust file is missing is refused alike by run and status, before any key is made", async () => {
    for (const name of ["run", "status"]) {
      const { exit, stderr } = await command(name, "--profile", join(base, "profile.yaml"));
      expect(exit).toBe(78);
      expect(stderr).toContain("trust/root.record: stat: no such file or folder (ENOENT)");
    }
    expect(existsSync(join(base, "state"))).toBe(false);
  });

  test("with a fault in its text is refused alike, by line, and points to the explanation", async () => {
    const faulty = join(base, "faulty.yaml");
    const text = readFileSync(PROFILE, "utf8");
    writeFileSync(faulty, text.replace("production: false", "production: true"));
    for (const name of ["run", "status"]) {
      const { exit, stderr } = await command(name, "--profile", faulty);
      expect(exit).toBe(78);
      expect(stderr).toMatch(/faulty\.yaml:\d+:\d+: tpm\.driver: simulated-in-production: /);
      expect(stderr).toContain("more: spectrum-agent explain simulated-in-production\n");
    }
  });

  test("that is sound but not running is not reachable, and the hint says how to start it", async () => {
    const { exit, stdout } = await command("bench-enrol", "--help");
    expect(exit).toBe(0);
    expect(stdout).toContain("(default: the shipped");
    const profile = join(base, "sound.yaml");
    const holder = new URL("../../profiles/devices/bench-holder.yaml", import.meta.url).pathname;
    copyFileSync(holder, profile);
    expect((await command("bench-enrol", profile, "--out", base)).exit).toBe(0);
    const asked = await command("status", "--profile", profile);
    expect(asked.exit).toBe(3);
    expect(asked.stderr).toContain("agent-not-reachable: ");
    expect(asked.stderr).toContain(`start it: spectrum-agent run --profile ${profile}\n`);
    const other = join(base, "other.yaml");
    writeFileSync(other, readFileSync(profile, "utf8").replace(/^policy: .*$/m, "policy: bench-nowhere"));
    const refused = await command("status", "--profile", other);
    expect(refused.exit).toBe(78);
    expect(refused.stderr).toContain("profile-documents: policy: policy-unknown: bench-nowhere");
  });
});

test("--help lists the exit codes that scripts may rely on", async () => {
  const { stdout } = await command("--help");
  expect(stdout).toContain("  3   agent not reachable\n");
  expect(stdout).toContain("  78  bad configuration\n");
});
