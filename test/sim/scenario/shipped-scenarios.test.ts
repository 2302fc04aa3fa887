/** The shipped stories: each passes as it stands, and fails without its cause. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import type { Scenario } from "../../../src/profile/scenario.ts";
import { failures, play, scenarioOf, shippedText } from "../../support/scenario-file.ts";

const FOLDER = new URL("../../../profiles/scenarios/", import.meta.url).pathname;

type Story = {
  readonly name: string;
  readonly cause: string;
  readonly without: (scenario: Scenario) => Scenario;
  /** The expectation that must fail then. */
  readonly main: string;
};

/** The fault happens, and changes nothing: what waits for it by its name still begins. */
const harmless = (scenario: Scenario): Scenario => ({
  ...scenario,
  faults: scenario.faults.map((fault) => ({ ...fault, fault: "late", host: "", byUs: 0 })),
});

/** The step happens all the same, and asks for what nobody offers. */
const unrevoked = (scenario: Scenario): Scenario => ({
  ...scenario,
  steps: scenario.steps.map((step) =>
    step.verb === "revoke" ? { ...step, verb: "accept" as const, resource: "nothing" } : step,
  ),
});

/** The regulator speaks as soon as the leases stand. */
const spokenAtOnce = (scenario: Scenario): Scenario => ({
  ...scenario,
  steps: scenario.steps.map((step) =>
    step.verb === "acknowledge" ? { ...step, moment: { kind: "at" as const, atUs: 12_000_000 } } : step,
  ),
});

const stories: readonly Story[] = [
  {
    name: "silent-regulator",
    cause: "the regulator's silence",
    without: spokenAtOnce,
    main: "the robots are silent until the regulator has spoken",
  },
  {
    name: "spoofed-van",
    cause: "the spoofer",
    without: harmless,
    main: "the spoofed van falls silent within three seconds",
  },
  {
    name: "jammed-site",
    cause: "the jammer",
    without: harmless,
    main: "the jammed kiosk falls silent within the holdover of 5 s, and a second of its last fix",
  },
  {
    name: "broker-dies-at-settlement",
    cause: "the broker's death",
    without: harmless,
    main: "nobody transmits on half a settlement",
  },
  {
    name: "cloned-host",
    cause: "the clone",
    without: harmless,
    main: "the clone finds that the log is of another key",
  },
  {
    name: "holder-sells-twice",
    cause: "the holder's dishonesty",
    without: harmless,
    main: "the records prove it, once they lie side by side",
  },
  {
    name: "licence-expires",
    cause: "the end of the licence",
    without: (scenario) => ({
      ...scenario,
      agents: scenario.agents.map((agent) => ({
        ...agent,
        credential: { ...agent.credential, endsUs: null },
      })),
    }),
    main: "it is silent from the instant at which its licence ends",
  },
  {
    name: "numbers-spent-by-noon",
    cause: "the number in its licence",
    without: (scenario) => ({
      ...scenario,
      agents: scenario.agents.map((agent) => ({
        ...agent,
        credential: { ...agent.credential, budgets: [] },
      })),
    }),
    main: "three takes are let within the minute, and no fourth",
  },
  {
    name: "revoked-in-mid-lease",
    cause: "the revocations",
    without: unrevoked,
    main: "the van is silent within the second that policy gives a transmitter to obey",
  },
  {
    name: "stolen-box",
    cause: "the revocation",
    without: unrevoked,
    main: "the crew is silent within the second that policy gives a transmitter to obey",
  },
  {
    name: "incumbent-returns",
    cause: "the radar",
    without: (scenario) => ({
      ...scenario,
      steps: scenario.steps.map((step) =>
        step.verb === "preempt" ? { ...step, verb: "offer" as const, resource: "channel-1" } : step,
      ),
    }),
    main: "the crane is silent at once",
  },
  {
    name: "partitioned-valley",
    cause: "the landslide",
    without: harmless,
    main: "the mill falls silent within the reach of its last renewal",
  },
];

test("every shipped scenario is told here", () => {
  const files = readdirSync(FOLDER).map((name) => name.replace(/[.]yaml$/, ""));
  expect(files.sort()).toEqual(stories.map(({ name }) => name).sort());
});

test.each(stories)(
  "$name passes with all invariants on",
  async ({ name }) => {
    const report = await play(scenarioOf(shippedText(name)));
    expect(failures(report)).toEqual([]);
    expect(report.passed).toBe(true);
  },
  120_000,
);

test.each(stories)(
  "$name fails at its main expectation without $cause",
  async ({ name, without, main }) => {
    const report = await play(without(scenarioOf(shippedText(name))));
    expect(report.passed).toBe(false);
    expect(report.breach).toBeNull();
    expect(report.results.filter(({ passed }) => !passed).map((each) => each.name)).toContain(main);
  },
  120_000,
);

test("a story that an invariant ends judges nothing that lay ahead, and says when by its own time", async () => {
  const report = await play({ ...scenarioOf(shippedText("holder-sells-twice")), breaks: [] });
  expect(report.breach?.invariant).toBe("block-let-once");
  expect(report.breach?.atUs).toBeLessThanOrEqual(report.virtualUs);
  const open = report.results.filter(({ judged }) => !judged);
  expect(open.length).toBeGreaterThan(0);
  expect(open.map(({ measured }) => measured)).toEqual(open.map(() => "not reached: block-let-once broke"));
}, 120_000);

test("the same file and seed give the same report, and another seed another world", async () => {
  const scenario = scenarioOf(shippedText("broker-dies-at-settlement"));
  const [first, again, other] = [await play(scenario), await play(scenario), await play(scenario, 2)];
  expect({ ...again, evidence: null }).toEqual({ ...first, evidence: null });
  expect(other.hash).not.toBe(first.hash);
  expect(failures(other)).toEqual([]);
}, 120_000);
