/** The own records of one log, in order, as its store reads them. */
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { Store } from "../ports/store.ts";

export async function ownRecords(store: Store, primitives: Primitives): Promise<readonly AnyRecord[]> {
  const records: AnyRecord[] = [];
  for await (const frame of store.frames()) {
    if (frame.kind !== "own") continue;
    const record = recordOfBytes(frame.bytes, primitives);
    assert(record.ok, "the fold has read the same frames");
    records.push(record.value);
  }
  return records;
}
