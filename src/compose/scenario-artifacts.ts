/** What a scenario leaves behind, as files: bundle and trust root for `verify`, the transmit log, every record. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { memoryTransmitLog } from "../../hardware/world/transmit-log.ts";
import { msgpackrEnvelope } from "../adapters/envelope/msgpackr-envelope.ts";
import { nodeSignatures } from "../adapters/signatures/node-signatures.ts";
import { assert } from "../core/base/assert.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { Frame } from "../ports/store.ts";
import type { ScenarioEvidence } from "../sim/scenario/evidence.ts";
import { exportBundle } from "./bundles.ts";
import { freshFolder } from "./fresh-folder.ts";
import { makeFolder } from "./make-folder.ts";
import { writeRecords } from "./record-files.ts";

/**
 * `run.bundle`, `root.record`, `transmit.log`, and `records/AGENT/NNN-KIND.record`, in a folder of their own below
 * `base`, which is the result: `name`, or `name-2` and so on where an earlier run lies.
 */
export async function keepArtifacts(
  { logs, root, transmissions }: ScenarioEvidence,
  base: string,
  name: string,
): Promise<string> {
  const folder = await freshFolder(base, name);
  await writeFile(join(folder, "root.record"), root);
  const sources = logs.map(
    ({ frames }) =>
      () =>
        stream(frames),
  );
  await exportBundle(join(folder, "run.bundle"), "scenario", sources);
  const log = memoryTransmitLog();
  for (const { trueUs: bootUs, ...entry } of transmissions) log.append({ bootUs, ...entry });
  await writeFile(join(folder, "transmit.log"), log.text());
  for (const { name: party, frames } of logs) {
    const own = join(folder, "records", party);
    await makeFolder(own);
    await writeRecords(frames.filter(({ kind }) => kind === "own").map(recordOf), own, msgpackrEnvelope());
  }
  return folder;
}

async function* stream(frames: readonly Frame[]): AsyncGenerator<Frame> {
  yield* frames;
}

function recordOf({ bytes }: Frame): AnyRecord {
  const record = recordOfBytes(bytes, nodeSignatures());
  assert(record.ok, "agents store records");
  return record.value;
}
