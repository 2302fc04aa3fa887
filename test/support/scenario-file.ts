/** Scenario files for tests: shipped ones, and ones written in the test itself. */
import { readFileSync } from "node:fs";
import { drivers } from "../../src/compose/open-ports.ts";
import { playScenario } from "../../src/compose/scenarios.ts";
import { type Loaded, loadScenario } from "../../src/profile/load.ts";
import { formatProfileError } from "../../src/profile/profile-error.ts";
import type { Scenario } from "../../src/profile/scenario.ts";
import { type RealDevices, scenarioSources } from "../../src/profile/scenario-sources.ts";
import type { Result } from "../../src/sim/scenario/judge.ts";
import type { ScenarioReport } from "../../src/sim/scenario/report.ts";

const FOLDER = new URL("../../profiles/scenarios/", import.meta.url).pathname;

export function shippedText(name: string): string {
  return readFileSync(`${FOLDER}${name}.yaml`, "utf8");
}

/** As if the text stood among the shipped scenarios. */
export function loadText(text: string, real: RealDevices | null = null): Loaded<"scenario", Scenario> {
  const file = `${FOLDER}test.yaml`;
  return loadScenario(file, scenarioSources(file, drivers, real), () => new TextEncoder().encode(text));
}

export function scenarioOf(text: string): Scenario {
  const loaded = loadText(text);
  if (!loaded.ok) throw new Error(loaded.errors.map(formatProfileError).join("\n"));
  return loaded.scenario;
}

export function play(scenario: Scenario, seed: number = scenario.seed): Promise<ScenarioReport> {
  return playScenario(scenario, { seed, pace: async () => {}, isInterrupted: () => false });
}

/** What failed, as a report tells it. */
export function failures({ results, breach }: ScenarioReport): readonly string[] {
  const failed = results.filter(({ passed }) => !passed).map(line);
  return breach === null ? failed : [...failed, `${breach.invariant}: ${breach.text}`];
}

function line({ name, measured, required }: Result): string {
  return `${name}: measured ${measured}, required ${required}`;
}
