/** Position of a record in its lineage: epoch, then seq (PROTOCOL §2). */
import type { AnyRecord } from "./record.ts";

/** Whether the first stands after the second, both of one lineage. */
export function isAfter({ header }: AnyRecord, { header: before }: AnyRecord): boolean {
  return header.epoch > before.epoch || (header.epoch === before.epoch && header.seq > before.seq);
}
