/** Whole worlds of production agents under faults, from fixed seeds; `SPECTRUM_SEED` adds one. */
import { expect, test } from "vitest";
import { runSimulation } from "../../src/compose/simulation.ts";

const FIXED = [1, 2, 3];
const EXTRA = process.env["SPECTRUM_SEED"];
const SEEDS = EXTRA === undefined ? FIXED : [...FIXED, Number(EXTRA)];
const world = { events: 8_000, agents: 6, until: null, without: [] };

test.each(SEEDS)(
  "every invariant holds in the world of seed %i, and honest pairs settle after its faults",
  async (seed) => {
    const report = await runSimulation({ ...world, seed });
    expect(report.breach, `spectrum-agent sim --seed ${seed} --events 8000 --agents 6`).toBeNull();
    expect(report.records["settlement"] ?? 0, "something settled").toBeGreaterThan(4);
    expect(Object.values(report.faults).reduce((sum, each) => sum + each, 0)).toBeGreaterThan(500);
    expect(report.faults["byzantine-replay"], "somebody was dishonest").toBeGreaterThan(0);
  },
  120_000,
);

test("a seed gives the same event hash again, and another seed another one", async () => {
  const short = { events: 3_000, agents: 6, until: 3_000, without: [] };
  const [first, again, other] = [
    await runSimulation({ ...short, seed: 7 }),
    await runSimulation({ ...short, seed: 7 }),
    await runSimulation({ ...short, seed: 8 }),
  ];
  expect(again).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
}, 120_000);

test("where leases wait for a word from above, radios go on by it alone, and without the fault it never fails to come", async () => {
  const overseen = { events: 3_000, agents: 6, until: 3_000, seed: 1 };
  const report = await runSimulation({ ...overseen, without: [] });
  expect(report.breach).toBeNull();
  expect(report.faults["unacknowledged"]).toBeGreaterThan(0);
  expect(report.records["actuation"]).toBeGreaterThan(0);
  const spared = await runSimulation({ ...overseen, without: ["unacknowledged"] });
  expect(spared.breach).toBeNull();
  expect(spared.faults["unacknowledged"]).toBeUndefined();
  expect(spared.records["acknowledgement"]).toBeGreaterThan(0);
}, 120_000);
