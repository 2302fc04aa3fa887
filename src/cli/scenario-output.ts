/** Where runs of scenarios are written to: artifacts, reports, recordings. */
import { accessSync, constants } from "node:fs";
import { dirname, resolve } from "node:path";
import { makeFolder } from "../compose/make-folder.ts";
import { keepArtifacts } from "../compose/scenario-artifacts.ts";
import type { ScenarioReport } from "../sim/scenario/report.ts";

/** Where nothing can be written is known before the run, not after it. Rejects with the system's error. */
export async function prepareToWrite(artifacts: string | undefined, file: string | undefined): Promise<void> {
  if (artifacts !== undefined) await makeFolder(artifacts);
  if (file !== undefined) accessSync(dirname(resolve(file)), constants.W_OK);
}

/** The fresh folder that holds it now; null where nothing is to be kept, or nothing could be read. */
export async function keepRun(
  { name, seed, evidence }: ScenarioReport,
  artifacts: string | undefined,
): Promise<string | null> {
  if (artifacts === undefined || evidence === null) return null;
  return keepArtifacts(evidence, artifacts, `${name}-${seed ?? "real"}`);
}
