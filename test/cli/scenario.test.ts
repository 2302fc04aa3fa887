/** `spectrum-agent scenario` as a person or a script meets it: verdicts, exit codes, reports, what is kept. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../support/built.ts";

const MAIN = new URL("../../dist/src/main.js", import.meta.url).pathname;
const SHIPPED = new URL("../../profiles/scenarios/", import.meta.url).pathname;
/** A command that hangs is ended by then, and has no exit code. */
const END_MS = 110_000;
const LONG_MS = 120_000;

type Said = { readonly exit: unknown; readonly stdout: string; readonly stderr: string };

function command(...argv: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, "scenario", ...argv], { timeout: END_MS }, (error, stdout, stderr) => {
      resolve({ exit: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

const SHORT = `schema: spectrum-agent.scenario/1
name: short
about: a test
duration: 4s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}}
expectations:
  - {name: "on <the air> & well", expect: {agent: taker, radio: "on"}, at: 3s}
`;

let base = "";
beforeAll(async () => {
  await ensureBuilt("dist/src/cli/scenario.js");
  base = mkdtempSync(join(tmpdir(), "cli-scenario-test-"));
}, LONG_MS);
afterAll(() => rmSync(base, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(base, name);
  writeFileSync(path, text);
  return path;
}

describe("scenario check", () => {
  test("takes every shipped scenario", async () => {
    const files = readdirSync(SHIPPED).map((name) => join(SHIPPED, name));
    const { exit, stdout, stderr } = await command("check", ...files);
    expect([exit, stderr]).toEqual([0, ""]);
    expect(stdout.trimEnd().split("\n")).toHaveLength(files.length);
  });

  test("ends with 78 and says line, column and what is allowed, and --json says the same", async () => {
    const bad = written("bad.yaml", SHORT.replace("duration: 4s", "duration: 4"));
    const told = `${bad}:4:11: duration: unit-missing: found \`4\`, allowed a duration such as 2s`;
    const { exit, stdout, stderr } = await command("check", bad);
    expect([exit, stdout]).toEqual([78, ""]);
    expect(stderr).toContain(told);
    expect(stderr).toContain("more: spectrum-agent explain unit-missing");
    const json = await command("check", bad, "--json");
    expect(json.exit).toBe(78);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: "spectrum-agent.scenario-check/1",
      files: [{ ok: false, errors: [{ line: 4, column: 11, code: "unit-missing" }] }],
    });
  });
});

describe("scenario run", () => {
  test(
    "passes with 0, and keeps a bundle that verify takes, the transmit log and every record",
    async () => {
      const out = join(base, "artifacts");
      const file = written("short.yaml", SHORT);
      const { exit, stdout } = await command("run", file, "--seed", "5", "--artifacts", out);
      expect([exit, stdout]).toEqual([
        0,
        expect.stringMatching(
          /^passed short, seed 5: 1 of 1 expectations held, 4[.]000 s simulated, \d+ events\n {2}kept in .*short-5\n$/,
        ),
      ]);
      const kept = join(out, "short-5");
      expect(readdirSync(kept).sort()).toEqual(["records", "root.record", "run.bundle", "transmit.log"]);
      expect(readdirSync(join(kept, "records")).sort()).toEqual(["lender", "root", "taker"]);
      expect(readdirSync(join(kept, "records", "taker"))[0]).toBe("000-key-event.record");
      expect(readFileSync(join(kept, "transmit.log"), "utf8")).toMatch(
        /^[{]"sequence":0,.*"emitter":"taker"/,
      );
      const verdict = await new Promise<unknown>((resolve) => {
        const argv = [MAIN, "verify", join(kept, "run.bundle"), "--trust", join(kept, "root.record")];
        execFile(process.execPath, argv, (error) => resolve(error === null ? 0 : error.code));
      });
      expect(verdict).toBe(0);
    },
    LONG_MS,
  );

  test(
    "ends with 1 where an expectation fails, with time, measured and required, in text, JSON and JUnit",
    async () => {
      const file = written("fails.yaml", SHORT.replace('radio: "on"', 'radio: "off"'));
      const junit = join(base, "junit.xml");
      const text = await command("run", file, "--junit", junit, "--repeat", "2");
      expect(text.exit).toBe(1);
      expect(text.stdout).toContain("FAILED short, seed 1: 0 of 1 expectations held");
      expect(text.stdout).toContain("FAILED short, seed 2: 0 of 1 expectations held");
      expect(text.stdout).toContain("scenario-expectation at 3.000 s: on <the air> & well");
      expect(text.stdout).toContain("measured taker radio on, required taker radio off");
      const xml = readFileSync(junit, "utf8");
      expect(xml).toContain('<testsuites tests="4" failures="2" skipped="0">');
      expect(xml).toContain('name="on &lt;the air&gt; &amp; well" time="3.000"');
      expect(xml).toContain('message="at 3.000 s: measured taker radio on, required taker radio off"');
      const json = await command("run", file, "--json");
      expect(json.exit).toBe(1);
      expect(JSON.parse(json.stdout)).toMatchObject({
        schema: "spectrum-agent.scenario-run/1",
        runs: [
          {
            name: "short",
            seed: 1,
            passed: false,
            code: "scenario-expectation",
            results: [{ atUs: 3_000_000, measured: "taker radio on", required: "taker radio off" }],
          },
        ],
      });
    },
    LONG_MS,
  );

  test("happens alike at --speed 1x", async () => {
    const file = written("paced.yaml", SHORT);
    const [fast, paced] = [
      await command("run", file, "--json"),
      await command("run", file, "--json", "--speed", "1x"),
    ];
    expect(paced.exit).toBe(0);
    expect(paced.stdout).toBe(fast.stdout);
  }, 120_000);

  test("runs nothing where a profile names real drivers, and says whose", async () => {
    const file = written("real.yaml", SHORT.replace("bench-radio", "real-radio"));
    const { exit, stdout, stderr } = await command("run", file);
    expect([exit, stdout]).toEqual([78, ""]);
    expect(stderr).toMatch(
      /scenario-needs-hardware: .*real[.]yaml: not run, real drivers: taker: tpm, taker: gnss/,
    );
  });

  test.each([
    ["--speed", "2x", "--speed 2x is not max or 1x"],
    ["--repeat", "0", "--repeat 0 is not a whole number"],
    ["--seed", "-1", "--seed -1 is not a whole number"],
    ["--devices", "/tmp", "--devices goes with --real"],
    ["--devices", "/nowhere", "--devices /nowhere is no folder", "--real"],
    ["--seed", "7", "--real goes with neither --seed nor --speed max", "--real"],
    ["--speed", "max", "--real goes with neither --seed nor --speed max", "--real"],
  ])("refuses %s %s with exit 2", async (flag, value, words, ...more) => {
    const file = written("usage.yaml", SHORT);
    const { exit, stderr } = await command("run", file, `${flag}=${value}`, ...more);
    expect(exit).toBe(2);
    expect(stderr).toContain(words);
  });
});

test("says before the run, and not after it, that its report or recording cannot be written", async () => {
  const [file, nowhere] = [written("early.yaml", SHORT), join(base, "no-folder", "file")];
  for (const argv of [
    ["run", file, "--junit", nowhere],
    ["record", file, "--out", nowhere],
  ]) {
    const { exit, stdout, stderr } = await command(...argv);
    expect([exit, stdout]).toEqual([78, ""]);
    expect(stderr).toContain("file-unusable");
  }
});

describe("scenario record", () => {
  test(
    "writes what happened as expectations, the same each time, and the file passes",
    async () => {
      const jammed = join(SHIPPED, "jammed-site.yaml");
      const [first, again] = [await command("record", jammed), await command("record", jammed)];
      expect(first.exit).toBe(0);
      expect(again.stdout).toBe(first.stdout);
      expect(first.stdout).toContain("kiosk is silent at 24.5");
      expect(first.stdout).toMatch(/refused: no-fix/);
      const { exit, stdout } = await command("run", written("recorded.yaml", first.stdout));
      expect([exit, stdout]).toEqual([0, expect.stringMatching(/^passed jammed-site, seed 1: (\d+) of \1 /)]);
      // Without the jammer it is another story.
      const calm = first.stdout
        .replace("fault: gnss-jammed", "fault: wall-step")
        .replace("for: 30s", "for: 30s\n    by: 0s");
      expect((await command("run", written("calm.yaml", calm))).exit).toBe(1);
    },
    LONG_MS,
  );

  test("asks for a file where its answer is to be JSON", async () => {
    const { exit, stdout, stderr } = await command("record", written("mine.yaml", SHORT), "--json");
    expect([exit, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("--json needs --out");
  });

  test("never writes over a file", async () => {
    const file = written("mine.yaml", SHORT);
    const { exit, stderr } = await command("record", file, "--out", file);
    expect(exit).toBe(2);
    expect(stderr).toContain("scenario-file-stands");
    expect(existsSync(file) && readFileSync(file, "utf8")).toBe(SHORT);
  });
});
