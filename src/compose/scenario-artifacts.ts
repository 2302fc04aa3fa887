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
import { makeFolder } from "./make-folder.ts";
import { writeRecords } from "./record-files.ts";

/** `run.bundle`, `root.record`, `transmit.log`, and `records/AGENT/NNN-KIND.record`, all below `folder`. */
export async function writeArtifacts(
  { logs, root, transmissions }: ScenarioEvidence,
  folder: string,
): Promise<void> {
  await makeFolder(folder);
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
  for (const { name, frames } of logs) {
    const own = join(folder, "records", name);
    await makeFolder(own);
    await writeRecords(frames.filter(({ kind }) => kind === "own").map(recordOf), own, msgpackrEnvelope());
  }
}

async function* stream(frames: readonly Frame[]): AsyncGenerator<Frame> {
  yield* frames;
}

function recordOf({ bytes }: Frame): AnyRecord {
  const record = recordOfBytes(bytes, nodeSignatures());
  assert(record.ok, "agents store records");
  return record.value;
}
