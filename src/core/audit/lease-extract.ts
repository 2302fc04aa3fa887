/** Which records of a log prove one lease: those about it, what they rest on, and who signed them; none of another lease. */
import { equalBytes, idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord } from "../record/record.ts";
import { artifactOf, referencesOf } from "./references.ts";

export type LeaseExtract = {
  /**
   * True where the record belongs to the lease by what was taken until now; then it is taken. A log is gone through until
   * nothing more is: foreign records stand before the one that names them.
   */
  takes(record: AnyRecord): boolean;
};

const KEYS: readonly KindName[] = ["key-event", "threshold-inception", "key-rotation"];
/** A snapshot names the one before it, and so on to the first: the lease rests on the newest. */
const PAST = "previousSnapshot";

export function leaseExtract(artifact: Uint8Array): LeaseExtract {
  const named = new Set<string>();
  const authors = new Set<string>();

  function belongs(record: AnyRecord): boolean {
    const about = artifactOf(record);
    if (about !== null) return equalBytes(about, artifact);
    if (record.kind === "actuation-outcome") return named.has(idText(record.body.actuation));
    if (KEYS.includes(record.kind) && authors.has(idText(record.header.lineage))) return true;
    return named.has(idText(record.id));
  }

  return {
    takes(record) {
      if (!belongs(record)) return false;
      named.add(idText(record.id));
      authors.add(idText(record.header.lineage));
      for (const { field, id } of referencesOf(record)) if (field !== PAST) named.add(idText(id));
      return true;
    },
  };
}
