/** Reads scenario files for the command line, and says of each what is wrong with it: in words, and as JSON. */
import { readScenario, realDevices } from "../compose/scenarios.ts";
import type { Loaded } from "../profile/load.ts";
import type { ProfileError } from "../profile/profile-error.ts";
import type { Scenario } from "../profile/scenario.ts";
import type { RealDevices } from "../profile/scenario-sources.ts";
import { exitCodes } from "./command.ts";
import { fail } from "./output.ts";
import { failProfile } from "./read-profile.ts";

export type ScenarioFile = { readonly file: string; readonly scenario: Scenario };

/** What a JSON document says of a file: where each finding stands, and what is allowed there. */
export type FileRow =
  | { readonly file: string; readonly ok: true; readonly name: string }
  | { readonly file: string; readonly ok: false; readonly errors: readonly (ProfileError | Unfit)[] };

/** Of the file as a whole. */
type Unfit = {
  readonly file: string;
  readonly code: string;
  readonly found: string;
  readonly allowed: string;
};

export type Readings = {
  readonly rows: readonly FileRow[];
  /** null after a failure with exit 78, of any of the files: everything wrong with all of them was said. */
  readonly sound: readonly ScenarioFile[] | null;
};

export function fileRow(file: string, loaded: Loaded<"scenario", Scenario>): FileRow {
  return loaded.ok
    ? { file, ok: true, name: loaded.scenario.name }
    : { file, ok: false, errors: loaded.errors };
}

/** `devices` null: each has to run on simulated ones. */
export function readRunnable(files: readonly string[], devices: RealDevices | null): Readings {
  const rows: FileRow[] = [];
  const sound: ScenarioFile[] = [];
  for (const file of files) {
    const loaded = readScenario(file, devices);
    const unfit = loaded.ok && devices === null ? unfitFor(file, loaded.scenario) : null;
    if (!loaded.ok) failProfile(loaded.errors);
    else if (unfit === null) sound.push({ file, scenario: loaded.scenario });
    rows.push(unfit === null ? fileRow(file, loaded) : { file, ok: false, errors: [unfit] });
  }
  return { rows, sound: sound.length < files.length ? null : sound };
}

function unfitFor(file: string, scenario: Scenario): Unfit | null {
  const real = realDevices(scenario);
  if (real.length === 0) return null;
  const code = "scenario-needs-hardware";
  const found = `real drivers: ${real.join(", ")}`;
  const hint = "--real runs it on them; without it every device has to be simulated";
  fail({ code, message: `${file}: not run, ${found}`, hint, exit: exitCodes.badConfiguration });
  return { file, code, found, allowed: "simulated devices, or --real" };
}
