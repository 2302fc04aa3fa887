/** The commands that run a scenario again, or go on where a series of runs was interrupted, as a person types them. */
import type { Scenario } from "../profile/scenario.ts";
import type { ScenarioFile } from "./scenario-reading.ts";
import { type RunOptions, type ScenarioSettings, SEED_MAX } from "./scenario-settings.ts";
import { shellWords } from "./shell-words.ts";

/** Of the run with index `i` from 0, each seed one higher than the one before. */
export function seedOf(scenario: Scenario, i: number, { seed }: ScenarioSettings): number {
  return ((seed ?? scenario.seed) + i) % (SEED_MAX + 1);
}

export function runAgain(file: string, seed: number): string {
  return shellWords(["spectrum-agent", "scenario", "run", file, "--seed", `${seed}`]);
}

/** From run `i` of the first of these files on. A report for a continuous integration is of one command: it is left out. */
export function goOn(
  [first, ...later]: readonly ScenarioFile[],
  i: number,
  settings: ScenarioSettings,
  options: RunOptions,
): readonly string[] {
  if (first === undefined) return [];
  const { real, seed, repeat } = settings;
  const command = (files: readonly string[], at: number | null, times: number): string =>
    shellWords([
      ...["spectrum-agent", "scenario", "run", ...files],
      ...(at === null ? [] : ["--seed", `${at}`]),
      ...(times === 1 ? [] : ["--repeat", `${times}`]),
      ...alike(options),
    ]);
  const rest = later.map(({ file }) => file);
  return [
    command([first.file], real === null ? seedOf(first.scenario, i, settings) : null, repeat - i),
    ...(rest.length === 0 ? [] : [command(rest, seed, repeat)]),
  ];
}

function alike({ speed, artifacts, json, real, devices }: RunOptions): readonly string[] {
  return [
    ...(real === true ? ["--real"] : []),
    ...(devices === undefined ? [] : ["--devices", devices]),
    ...(speed === undefined ? [] : ["--speed", speed]),
    ...(artifacts === undefined ? [] : ["--artifacts", artifacts]),
    ...(json === true ? ["--json"] : []),
  ];
}
