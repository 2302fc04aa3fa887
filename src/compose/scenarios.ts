/** Loads and runs scenario files over the simulated world. */
import { type Loaded, loadScenario } from "../profile/load.ts";
import type { Scenario } from "../profile/scenario.ts";
import { type RealDevices, scenarioSources } from "../profile/scenario-sources.ts";
import type { ScenarioReport } from "../sim/scenario/report.ts";
import { runScenario } from "../sim/scenario/run-scenario.ts";
import { drivers } from "./open-ports.ts";
import { settingsOf } from "./settings.ts";
import { openSimulatedWorld, settlePromises } from "./simulated-world.ts";

/** `real`: it is to run on the drivers that its profiles name, and what needs simulation may stand and is skipped. */
export function readScenario(file: string, real: RealDevices | null = null): Loaded<"scenario", Scenario> {
  return loadScenario(file, scenarioSources(file, drivers, real));
}

/** What keeps a scenario out of the simulated world: `agent: port` for each device whose profile names a real driver. */
export function realDevices({ agents }: Scenario): readonly string[] {
  return agents.flatMap(({ name, real }) => real.map((device) => `${name}: ${device}`));
}

export type PlayOptions = {
  /** 0 … 2^32 − 1. */
  readonly seed: number;
  /** Called between slices of virtual time; resolves when the next one may begin. */
  readonly pace: (nowUs: number) => Promise<void>;
  /** True ends the story where it stands. */
  readonly isInterrupted: () => boolean;
};

/** Same file and seed, same report, on every machine. */
export function playScenario(
  scenario: Scenario,
  { seed, pace, isInterrupted }: PlayOptions,
): Promise<ScenarioReport> {
  return runScenario(scenario, seed, {
    openWorld: openSimulatedWorld,
    settle: settlePromises,
    settingsOf,
    pace,
    isInterrupted,
    onDefect(tell) {
      process.on("unhandledRejection", tell);
      return () => void process.off("unhandledRejection", tell);
    },
  });
}
