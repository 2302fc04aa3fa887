/** `spectrum-agent sim` as a person or a script meets it: how a breach is replayed, and what an interrupted run says. */
import { beforeAll, expect, test } from "vitest";
import { simDocument } from "../../src/cli/sim-report.ts";
import type { Breach } from "../../src/sim/witness.ts";
import { ensureBuilt } from "../support/built.ts";
import { programRun } from "../support/program-run.ts";

const LONG_MS = 120_000;

beforeAll(() => ensureBuilt("dist/src/cli/sim.js"), LONG_MS);

function documentOf(breach: Breach | null): unknown {
  const options = { seed: 9, agents: 5, events: 4_000, until: null, without: ["freeze" as const] };
  const counts = { faults: {}, records: {}, transmissions: 0 };
  const world = { seed: 9, agents: 5, events: 700, virtualUs: 1, hash: "", interrupted: false };
  const run = { options, report: { ...world, ...counts, breach }, eventsPerSecond: 1, peakRssBytes: 1 };
  return simDocument(run, null);
}

test("the JSON of a breach holds the command that replays it, up to its event where that shows it", () => {
  const breach = { invariant: "i", text: "t", records: [], atEvent: 700, atUs: 1, atEnd: false };
  const command = "spectrum-agent sim --seed 9 --events 4000 --agents 5";
  expect(documentOf(breach)).toMatchObject({
    breach: { atEvent: 700 },
    replay: `${command} --until 700 --without freeze`,
  });
  // What only the last audit finds needs the whole run.
  expect(documentOf({ ...breach, atEnd: true })).toMatchObject({ replay: `${command} --without freeze` });
  expect(documentOf(null)).toMatchObject({ replay: `${command} --without freeze` });
});

test(
  "a signal ends a world where it stands; the replay that it names comes to the same events, faults and hash",
  async () => {
    const world = ["sim", "--seed", "5", "--agents", "4", "--events", "100000000"];
    const run = programRun([...world, "--json"]);
    await run.said(/events, \d+ s simulated/);
    run.signal("SIGINT");
    const { exit, stdout, stderr } = await run.ended;
    expect(exit).toBe(130);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ interrupted: true, breach: null });
    const replay = `spectrum-agent sim --seed 5 --events 100000000 --agents 4 --until ${report.events}`;
    expect(report.replay).toBe(replay);
    expect(stderr).toContain(`interrupted by SIGINT: seed 5 at event ${report.events}, `);
    expect(stderr).toContain(`the same up to here: ${replay}\n`);
    const again = await programRun([...world, "--until", `${report.events}`, "--json"]).ended;
    expect(again.exit).toBe(0);
    const { events, hash, faults, records } = report;
    expect(JSON.parse(again.stdout)).toMatchObject({ events, hash, faults, records, interrupted: false });
  },
  LONG_MS,
);
