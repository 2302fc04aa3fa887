/** The verified records that a context names, by id: all that evaluation may look up (PROTOCOL §6 evaluate). */
import { idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";

export type Bodies = { readonly get: (id: Uint8Array) => AnyRecord | undefined };

/** The record of that id and kind, or undefined: one of another kind under the id is as good as none. */
export function bodyOf<K extends KindName>(bodies: Bodies, kind: K, id: Uint8Array): RecordOf<K> | undefined {
  const found = bodies.get(id);
  return found?.kind === kind ? (found as RecordOf<K>) : undefined;
}

export function bodiesFrom(records: Iterable<AnyRecord>): Bodies {
  const byId = new Map<string, AnyRecord>();
  for (const record of records) byId.set(idText(record.id), record);
  return { get: (id) => byId.get(idText(id)) };
}
