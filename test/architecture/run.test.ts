/**
 * What `test/run` does around the tests: what it says and asks of apt, what it requires, how it ends. Every
 * program that it calls is a script that writes down its arguments, so nothing is installed and nothing else runs.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PACKAGES = "mosquitto gpsd gpsd-clients swtpm swtpm-tools tpm2-tools socat systemd openssl";
const REAL_PROGRAMS = ["bash", "cat", "dirname", "grep", "mktemp", "rm", "sed", "tail"];
const PASSING = {
  testResults: [
    { name: "a.test.ts", status: "passed", assertionResults: [{ fullName: "a", status: "passed" }] },
  ],
};

type Host = {
  readonly installed: boolean;
  readonly sudo: boolean;
  /** `npm run` script that fails. */
  readonly failing?: string;
  readonly report?: object;
};
type Ending = {
  readonly code: number | null;
  readonly text: string;
  readonly last: string;
  readonly calls: string;
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs test/run by a user who is not root, on a host where only these programs exist. */
function run(host: Host, ...args: readonly string[]): Ending {
  const folder = mkdtempSync(join(tmpdir(), "test-run-"));
  folders.push(folder);
  const bin = join(folder, "bin");
  const calls = join(folder, "calls");
  mkdirSync(bin);
  for (const name of REAL_PROGRAMS) symlinkSync(which(name), join(bin, name));
  symlinkSync(process.execPath, join(bin, "node"));
  writeFileSync(join(folder, "report"), JSON.stringify(host.report ?? PASSING));
  const scripts = {
    id: "echo 1000",
    "apt-get": "exit 9",
    "dpkg-query": host.installed ? "echo install ok installed" : "exit 1",
    npm: `[ "$*" = "run ${host.failing}" ] && echo because && exit 1; exit 0`,
    npx: `for each in "$@"; do case $each in --outputFile.json=*) cat "${folder}/report" >"\${each#*=}" ;; esac; done`,
    ...(host.sudo ? { sudo: "cat >/dev/null; exit 0" } : {}),
  };
  for (const [name, body] of Object.entries(scripts)) {
    const note = `echo "${name} $* REQUIRE=$SPECTRUM_REQUIRE_REAL" >>"${calls}"`;
    writeFileSync(join(bin, name), `#!${which("bash")}\n${note}\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const ended = spawnSync(join(ROOT, "test/run"), args, {
    env: { PATH: bin, TMPDIR: folder },
    encoding: "utf8",
  });
  const text = ended.stdout + ended.stderr;
  return {
    code: ended.status,
    text,
    last: ended.stdout.trimEnd().split("\n").at(-1) ?? "",
    calls: existsSync(calls) ? readFileSync(calls, "utf8") : "",
  };
}

function which(name: string): string {
  return spawnSync("bash", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();
}

test("installs what is missing and says so, lets no service start, and requires the real components", () => {
  const ending = run({ installed: false, sudo: true });
  expect(ending.text).toContain(`installs by apt, without starting services: ${PACKAGES}`);
  expect(ending.calls).toMatch(new RegExp(`sudo env .*RUNLEVEL=1 apt-get install --yes .*${PACKAGES}`));
  const policy = "/usr/sbin/policy-rc.d";
  if (!existsSync(policy)) {
    expect(ending.calls.indexOf(`sudo tee ${policy}`)).toBeLessThan(ending.calls.indexOf("apt-get install"));
    expect(ending.calls.trimEnd().split("\n").at(-1)).toContain(`sudo rm -f ${policy}`);
  }
  expect(ending.calls).toMatch(/npx vitest run .*REQUIRE=1/);
  expect(ending.last).toBe("tests: 1 passed, 0 failed, 0 skipped");
  expect(ending.code).toBe(0);
});

test("installs nothing where all is there", () => {
  const ending = run({ installed: true, sudo: true });
  expect(ending.calls).not.toContain("sudo");
  expect(ending.calls).toMatch(/npx vitest run .*REQUIRE=1/);
  expect(ending.code).toBe(0);
});

test("without root and sudo it says what to install, runs nothing and fails", () => {
  const ending = run({ installed: false, sudo: false });
  expect(ending.text).toContain(`as root: apt-get install ${PACKAGES}`);
  expect(ending.calls).not.toContain("npm");
  expect(ending.last).toBe("tests: 0 passed, 0 failed, 0 skipped");
  expect(ending.code).toBe(1);
});

test("--no-install installs nothing, names what is missing, and requires no real component", () => {
  const ending = run({ installed: false, sudo: true }, "--no-install");
  expect(ending.calls).not.toContain("sudo");
  expect(ending.text).toContain(PACKAGES);
  expect(ending.calls).toMatch(/npx vitest run .*REQUIRE=\n/);
  expect(ending.last).toBe("tests: 1 passed, 0 failed, 0 skipped");
});

test("builds, checks and tests in this order, and a failed check fails the run though every test passed", () => {
  const ending = run({ installed: true, sudo: false, failing: "check" });
  const order = ["npm ci", "npm run build", "npm run check", "npx vitest run"].map((each) =>
    ending.calls.indexOf(each),
  );
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(order.every((place) => place >= 0)).toBe(true);
  expect(ending.text).toContain("npm run check FAILED");
  expect(ending.text).toContain("    because");
  expect(ending.last).toBe("tests: 1 passed, 0 failed, 0 skipped");
  expect(ending.code).toBe(1);
});

test("fails when no test ran", () => {
  const ending = run({ installed: true, sudo: false, report: { testResults: [] } });
  expect(ending.text).toContain("no test ran");
  expect(ending.code).toBe(1);
});

test("refuses an argument that it does not know", () => {
  const ending = run({ installed: true, sudo: false }, "--fast");
  expect(ending.text).toContain("unknown argument --fast");
  expect(ending.calls).toBe("");
  expect(ending.code).toBe(2);
});
