/** Records that wait for documents: looked at again when those come, or now and then, a few a step (STYLE 14). */
import { equalBytes, idText } from "../base/bytes.ts";
import type { AnyRecord } from "../record/record.ts";
import { count } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { put } from "./known.ts";
import type { Turn } from "./turn.ts";
import type { Pending, PendingMap } from "./volatile.ts";

/** Keeps `record` waiting; false when its author has too many waiting already. */
export function keepPending<R extends AnyRecord>(
  turn: Turn,
  map: PendingMap<R>,
  record: R,
  missing: readonly Uint8Array[],
): boolean {
  const key = idText(record.id);
  const standing = map.get(key);
  const { lineage } = record.header;
  if (standing === undefined && countOf(map, lineage) >= bounds.PENDING_PER_PEER_MAX) {
    count(turn, "pending-full");
    return false;
  }
  const { bootUs } = turn.now;
  const sinceBootUs = standing?.sinceBootUs ?? bootUs;
  const needs = new Set(missing.map(idText));
  put(
    map,
    key,
    { record, sinceBootUs, lookAgainBootUs: bootUs + bounds.LOOK_AGAIN_US, needs },
    bounds.WAITING_MAX,
  );
  return true;
}

function countOf<R extends AnyRecord>(map: PendingMap<R>, lineage: Uint8Array): number {
  let found = 0;
  for (const { record } of map.values()) if (equalBytes(record.header.lineage, lineage)) found += 1;
  return found;
}

/** Those that `arrived` may complete, or, at a tick, those whose time has come: at most bounds.PENDING_PER_STEP. */
export function duePending<R extends AnyRecord>(
  turn: Turn,
  map: PendingMap<R>,
  arrived: AnyRecord | null,
): readonly R[] {
  const due: R[] = [];
  for (const pending of map.values()) {
    if (due.length >= bounds.PENDING_PER_STEP) break;
    if (isDue(turn, pending, arrived)) due.push(pending.record);
  }
  return due;
}

function isDue<R extends AnyRecord>(
  { now }: Turn,
  { needs, lookAgainBootUs }: Pending<R>,
  arrived: AnyRecord | null,
): boolean {
  if (arrived === null) return now.bootUs >= lookAgainBootUs;
  if (needs.size === 0) return arrived.kind === "status-snapshot";
  return needs.has(idText(arrived.id)) || needs.has(idText(arrived.header.lineage));
}
