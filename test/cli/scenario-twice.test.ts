/** `spectrum-agent scenario` when it runs again, is interrupted, or is given a bad file and asked for JSON. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt } from "../support/built.ts";
import { programRun } from "../support/program-run.ts";

const LONG_MS = 120_000;

const STORY = `schema: spectrum-agent.scenario/1
name: story
about: a test
duration: 6s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}}
expectations:
  - {name: on the air, expect: {agent: taker, radio: "on"}, at: 5s}
`;

/** Nothing of it is decided before somebody ends it. */
const LONG = STORY.replace("duration: 6s", "duration: 1h").replace("at: 5s", "at: 50min");

let base = "";
beforeAll(async () => {
  await ensureBuilt("dist/src/cli/scenario-run.js");
  base = mkdtempSync(join(tmpdir(), "cli-scenario-twice-"));
}, LONG_MS);
afterAll(() => rmSync(base, { recursive: true, force: true }));

function written(name: string, text: string): string {
  const path = join(base, name);
  writeFileSync(path, text);
  return path;
}

const scenario = (...argv: readonly string[]) => programRun(["scenario", ...argv]).ended;

describe("--artifacts", () => {
  test(
    "gives each run a folder of its own: nothing of an earlier run is written over or mixed in",
    async () => {
      const out = join(base, "artifacts");
      const file = written("story.yaml", STORY);
      const [first, again] = [
        await scenario("run", file, "--seed", "5", "--artifacts", out),
        await scenario("run", file, "--seed", "5", "--artifacts", out, "--json"),
      ];
      expect([first.exit, again.exit]).toEqual([0, 0]);
      expect(first.stdout).toContain(`kept in ${join(out, "story-5")}\n`);
      expect(JSON.parse(again.stdout).runs[0].artifacts).toBe(join(out, "story-5-2"));
      writeFileSync(join(out, "story-5", "records", "taker", "999-mine.record"), "mine");
      const third = await scenario("record", file, "--seed", "5", "--artifacts", out);
      expect(third.exit).toBe(0);
      expect(readdirSync(out).sort()).toEqual(["story-5", "story-5-2", "story-5-3"]);
      const records = (folder: string) => readdirSync(join(out, folder, "records", "taker"));
      expect(records("story-5")).toContain("999-mine.record");
      expect(records("story-5-3")).toEqual(records("story-5-2"));
    },
    LONG_MS,
  );
});

describe("--json with a file that cannot be run", () => {
  test("run says where each finding stands and what is allowed, and which files are sound; exit 78", async () => {
    const bad = written("bad.yaml", STORY.replace("duration: 6s", "duration: 6"));
    const good = written("good.yaml", STORY);
    const { exit, stdout, stderr } = await scenario("run", bad, good, "--json");
    expect(exit).toBe(78);
    expect(stderr).toContain(`${bad}:4:11: duration: unit-missing`);
    const allowed = expect.stringContaining("a duration such as 2s");
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "spectrum-agent.scenario-run/1",
      files: [
        {
          file: bad,
          ok: false,
          errors: [{ path: "duration", line: 4, column: 11, code: "unit-missing", found: "`6`", allowed }],
        },
        { file: good, ok: true, name: "story" },
      ],
      runs: [],
    });
  });

  test("run and record say so of real drivers and of a recording's source", async () => {
    const real = written("real.yaml", STORY.replace("bench-radio", "real-radio"));
    const ran = await scenario("run", real, "--json");
    expect(ran.exit).toBe(78);
    expect(JSON.parse(ran.stdout).files).toMatchObject([
      { ok: false, errors: [{ code: "scenario-needs-hardware", allowed: "simulated devices, or --real" }] },
    ]);
    const bad = written("bad.yaml", STORY.replace("duration: 6s", "duration: 6"));
    const recorded = await scenario("record", bad, "--json", "--out", join(base, "never.yaml"));
    expect(recorded.exit).toBe(78);
    expect(JSON.parse(recorded.stdout).files).toMatchObject([
      { ok: false, errors: [{ code: "unit-missing" }] },
    ]);
  });
});

describe("a signal", () => {
  test(
    "SIGINT ends a run where it stands: what was reached and how it goes on, exit 130, and a report of it",
    async () => {
      const file = written("long story.yaml", LONG);
      const junit = join(base, "junit.xml");
      const argv = ["run", file, "--seed", "7", "--repeat", "3", "--speed", "1x", "--junit", junit];
      const run = programRun(["scenario", ...argv]);
      await run.said(/story, seed 7: \d+ s of 3600 s, 0 %/);
      run.signal("SIGINT");
      const { exit, stdout, stderr } = await run.ended;
      expect(exit).toBe(130);
      expect(stderr).toMatch(
        /interrupted by SIGINT: story, seed 7, at [1-9]\d*[.]\d{3} s, event \d+: 0 of 1 expectations held, 1 not judged, \d+ records/,
      );
      expect(stderr).toContain("whole runs before: 0 passed, 0 failed, 0 not judged");
      expect(stderr).toContain(
        `goes on: spectrum-agent scenario run '${file}' --seed 7 --repeat 3 --speed 1x\n`,
      );
      expect(stdout).toContain("NOT JUDGED story, seed 7: ");
      expect(stdout).toContain(", interrupted, ");
      expect(stdout).toMatch(/^ {2}1 not judged, not reached: the run was interrupted$/m);
      const xml = readFileSync(junit, "utf8");
      expect(xml).toContain('failures="0"');
      expect(xml).toContain('<skipped message="interrupted: they held until then"/>');
    },
    LONG_MS,
  );

  test(
    "SIGTERM ends a recording without a file, exit 143; a run as JSON says that it was interrupted",
    async () => {
      const file = written("long.yaml", LONG);
      const out = join(base, "half.yaml");
      const [run, recording] = [
        programRun(["scenario", "run", file, written("next.yaml", STORY), "--json", "--speed", "1x"]),
        programRun(["scenario", "record", file, "--out", out, "--speed", "1x"]),
      ];
      for (const each of [run, recording]) {
        await each.said(/ s of 3600 s/);
        each.signal("SIGTERM");
      }
      const [ran, recorded] = [await run.ended, await recording.ended];
      expect([ran.exit, recorded.exit]).toEqual([143, 143]);
      expect(JSON.parse(ran.stdout).runs).toMatchObject([
        { interrupted: true, passed: false, verdict: "not-judged" },
      ]);
      expect(ran.stderr).toContain(`then: spectrum-agent scenario run ${join(base, "next.yaml")} --speed 1x`);
      expect(recorded.stdout).toBe("");
      expect(recorded.stderr).toContain(
        `goes on: spectrum-agent scenario record ${file} --seed 1 --out ${out}`,
      );
      expect(readdirSync(base)).not.toContain("half.yaml");
    },
    LONG_MS,
  );
});
