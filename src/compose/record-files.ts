/** Record files: one envelope each, named so that a folder sorts as the lineage does. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AnyRecord } from "../core/record/record.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";

export async function writeRecords(
  records: readonly AnyRecord[],
  folder: string,
  pack: PackEnvelope,
): Promise<void> {
  for (const [i, { kind, envelope }] of records.entries()) {
    await writeFile(join(folder, `${String(i).padStart(3, "0")}-${kind}.record`), pack(envelope));
  }
}
