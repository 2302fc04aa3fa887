/** Stories that do not come to their end: what is open by then is not judged, the audit least of all. */
import { describe, expect, test } from "vitest";
import { junitXml } from "../../../src/cli/junit.ts";
import { playScenario } from "../../../src/compose/scenarios.ts";
import { settingsOf } from "../../../src/compose/settings.ts";
import { openSimulatedWorld, settlePromises } from "../../../src/compose/simulated-world.ts";
import { scenarioVerdict } from "../../../src/sim/scenario/report.ts";
import { runScenario } from "../../../src/sim/scenario/run-scenario.ts";
import { scenarioOf } from "../../support/scenario-file.ts";

const story = scenarioOf(`schema: spectrum-agent.scenario/1
name: story
about: a test
duration: 8s
policy: bench-cabled
commodity: spectrum-block
agents:
  - {name: lender, role: holder, profile: bench-holder, place: {north: 0m}}
  - {name: taker, role: consumer, profile: bench-radio, place: {north: 5m}}
expectations:
  - {name: early, expect: {agent: taker, ready: true}, at: 2s}
  - {name: late, expect: {agent: taker, radio: "on"}, at: 7s}
  - {name: sound, expect: {audit: any, at-most: 0}, at: 8s}
`);

const outcomes = ({
  results,
}: {
  readonly results: readonly { name: string; passed: boolean; judged: boolean }[];
}) => results.map(({ name, passed, judged }) => [name, passed, judged]);

describe("an interrupted story", () => {
  test("keeps what was decided, judges nothing else, and never passes", async () => {
    let nowUs = 0;
    const report = await playScenario(story, {
      seed: 1,
      pace: async (reached) => {
        nowUs = reached;
      },
      isInterrupted: () => nowUs >= 4_000_000,
    });
    expect(report).toMatchObject({ interrupted: true, passed: false, breach: null, virtualUs: 4_000_000 });
    expect(scenarioVerdict(report)).toBe("not-judged");
    expect(outcomes(report)).toEqual([
      ["early", true, true],
      ["late", false, false],
      ["sound", false, false],
    ]);
    expect(report.results[1]?.measured).toBe("not reached: the run was interrupted");
    // What was written until then can be kept and looked at.
    expect(report.evidence?.logs.map(({ name }) => name)).toEqual(["root", "lender", "taker"]);
    expect(junitXml([report])).toContain('tests="4" failures="0" skipped="3"');
  }, 60_000);

  test("is a whole one where the interruption comes after its last instant", async () => {
    let nowUs = 0;
    const report = await playScenario(story, {
      seed: 1,
      pace: async (reached) => {
        nowUs = reached;
      },
      isInterrupted: () => nowUs >= story.durationUs,
    });
    expect(report).toMatchObject({ interrupted: false, passed: true });
  }, 60_000);
});

test("logs that cannot be read when all is over are a breach at the end's time, and the audit is not judged", async () => {
  let isOver = false;
  const report = await runScenario(story, 1, {
    openWorld: (parts) => {
      const world = openSimulatedWorld(parts);
      return {
        ...world,
        pack: (envelope) => {
          if (isOver) throw new Error("the disk is gone");
          return world.pack(envelope);
        },
      };
    },
    settle: settlePromises,
    settingsOf,
    pace: async (nowUs) => {
      isOver = nowUs >= story.durationUs;
    },
    isInterrupted: () => false,
    onDefect: () => () => {},
  });
  expect(report.breach).toMatchObject({ invariant: "no-agent-throws", atUs: story.durationUs });
  expect(outcomes(report)).toEqual([
    ["early", true, true],
    ["late", true, true],
    ["sound", false, false],
  ]);
  const xml = junitXml([report]);
  expect(xml).toContain('tests="4" failures="1" skipped="1"');
  // By the story's own clock: hosts had run ten seconds before it began.
  expect(xml).toContain('name="every invariant holds" time="8.000"');
  expect(xml).toContain("not judged: not reached: no-agent-throws broke");
}, 60_000);
