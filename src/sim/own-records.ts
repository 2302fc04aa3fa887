/** The own records of one log, in order, as its store reads them. */
import { assert } from "../core/base/assert.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { type AnyRecord, readRecord } from "../core/record/record.ts";
import { readEnvelope } from "../core/wire/envelope.ts";
import type { Store } from "../ports/store.ts";

export async function ownRecords(store: Store, { sha256 }: Primitives): Promise<readonly AnyRecord[]> {
  const records: AnyRecord[] = [];
  for await (const frame of store.frames()) {
    if (frame.kind !== "own") continue;
    const envelope = readEnvelope(frame.bytes);
    assert(envelope.ok, "the fold has read the same frames");
    const record = readRecord(envelope.value, sha256);
    assert(record.ok, "the fold has read the same frames");
    records.push(record.value);
  }
  return records;
}
