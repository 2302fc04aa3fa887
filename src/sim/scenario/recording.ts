/** The timeline that happened, as expectations: what `record` writes, so that the next version is held to this one. */
import type { Scenario } from "../../profile/scenario.ts";
import { DURATION, formatQuantity } from "../../profile/units.ts";
import type { ScenarioReport } from "./report.ts";

/** As the list stands in a file: plain maps of texts, numbers and flags. */
export type RecordedExpectation = Readonly<Record<string, unknown>>;

/** A change is looked at so long after it, or halfway to the next one. */
const LOOK_AFTER_US = 500_000;
const MS_US = 1_000;

/** The same report gives the same list. A look that would fall on a change is left out. */
export function recordedExpectations(
  scenario: Scenario,
  report: ScenarioReport,
): readonly RecordedExpectation[] {
  return [
    ...scenario.agents
      .filter(({ role }) => role === "consumer")
      .flatMap(({ name }) => radioLooks(report, name)),
    ...refusals(report),
    ...settlements(report),
    ...recordCounts(scenario, report),
  ];
}

function radioLooks(report: ScenarioReport, agent: string): readonly RecordedExpectation[] {
  const changes = report.happenings
    .filter((each) => each.what === "radio" && each.agent === agent)
    .filter(({ atUs }) => atUs < report.virtualUs);
  return changes.flatMap(({ atUs, text }, i) => {
    const nextUs = changes[i + 1]?.atUs ?? report.virtualUs;
    const lookUs = wholeMs(Math.min(atUs + LOOK_AFTER_US, (atUs + nextUs) / 2));
    if (lookUs <= atUs || lookUs >= nextUs) return [];
    const radio = text === "on" ? "on" : "off";
    const name = `${agent} is ${radio === "on" ? "on the air" : "silent"} at ${time(lookUs)}`;
    return [{ name, expect: { agent, radio }, at: time(lookUs) }];
  });
}

/** Each id once, from the first time on. */
function refusals({ happenings, virtualUs }: ScenarioReport): readonly RecordedExpectation[] {
  return happenings
    .filter(({ what }) => what === "refused")
    .map(({ agent, text, atUs }) => {
      const at = time(Math.min(virtualUs, wholeMs(atUs) + MS_US));
      return { name: `${agent} has seen ${text} by ${at}`, expect: { agent, refused: text }, at };
    });
}

function settlements({ happenings, virtualUs }: ScenarioReport): readonly RecordedExpectation[] {
  const count = happenings.filter(({ what }) => what === "settled").length;
  const expect = { settled: "any", "at-least": count, "at-most": count };
  return [{ name: `${count} settlements in all`, expect, at: time(virtualUs) }];
}

function recordCounts({ durationUs }: Scenario, { records }: ScenarioReport): readonly RecordedExpectation[] {
  return Object.entries(records).map(([kind, count]) => ({
    name: `${count} records of ${kind} in all`,
    expect: { records: kind, "at-least": count, "at-most": count },
    at: time(durationUs),
  }));
}

function wholeMs(us: number): number {
  return Math.floor(us / MS_US) * MS_US;
}

function time(us: number): string {
  return formatQuantity(DURATION, us).replace(" ", "");
}
