/** Walks the batches of one segment, and judges what stands where they end (PROTOCOL §2, quarantine). */
import type { Tail } from "../../ports/store.ts";
import type { ReadWindow } from "./read-window.ts";
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  bodyHolds,
  decodeBatchHeader,
  type Position,
  positionAfter,
} from "./segment-format.ts";

const SEARCH_BYTES = 1024 * 1024;

export type Batch = { readonly at: Position; readonly header: BatchHeader; readonly body: Buffer };

/**
 * The intact batches from `start` up to `limit`, in order. Ends at the first that does not hold: the returned
 * position is where it should have stood.
 */
export async function* walkBatches(
  window: ReadWindow,
  salt: Uint8Array,
  start: Position,
  limit: number,
): AsyncGenerator<Batch, Position> {
  let at = start;
  // Bounded: each turn moves by at least one batch header towards `limit`.
  while (at.offset < limit) {
    const batch = await readBatch(window, salt, at);
    if (batch === null) break;
    yield batch;
    at = positionAfter(at, batch.header);
  }
  return at;
}

/** The batch that `at` calls for, or null when it is not there whole. */
async function readBatch(window: ReadWindow, salt: Uint8Array, at: Position): Promise<Batch | null> {
  const head = await window.view(at.offset, BATCH_HEADER_BYTES);
  const header = head === null ? null : decodeBatchHeader(head, salt, at.offset);
  if (header === null || header.batch !== at.batch || header.link !== at.link) return null;
  const body = await window.view(at.offset + BATCH_HEADER_BYTES, header.bodyBytes);
  return body !== null && bodyHolds(body, header) ? { at, header, body } : null;
}

/** What follows the last intact batch of the last segment. */
export async function judgeTail(window: ReadWindow, salt: Uint8Array, end: Position): Promise<Tail> {
  const lostBytes = (await usedEnd(window, end.offset)) - end.offset;
  if (lostBytes === 0) return { kind: "clean" };
  return (await hasLaterBatch(window, salt, end))
    ? { kind: "damaged", lostBytes }
    : { kind: "torn", lostBytes };
}

/** One past the last byte from `offset` on that is not zero, or `offset`. */
export async function usedEnd(window: ReadWindow, offset: number): Promise<number> {
  let end = offset;
  for (let at = offset; at < window.size; at += SEARCH_BYTES) {
    const piece = await window.view(at, Math.min(SEARCH_BYTES, window.size - at));
    if (piece === null) break;
    for (let last = piece.length - 1; last >= 0; last--) {
      if (piece[last] === 0) continue;
      end = at + last + 1;
      break;
    }
  }
  return end;
}

/** True when an intact header beyond `end` belongs to a later batch: it was written after `end`'s batch was flushed. */
async function hasLaterBatch(window: ReadWindow, salt: Uint8Array, end: Position): Promise<boolean> {
  for (let at = end.offset; at < window.size; at += SEARCH_BYTES) {
    // Pieces overlap by one header, so that none is cut in two.
    const length = Math.min(SEARCH_BYTES + BATCH_HEADER_BYTES, window.size - at);
    const piece = await window.view(at, length);
    if (piece === null) break;
    for (let hit = piece.indexOf(salt); hit >= 0; hit = piece.indexOf(salt, hit + 1)) {
      const header = decodeBatchHeader(piece.subarray(hit), salt, at + hit);
      if (header !== null && header.batch > end.batch) return true;
    }
  }
  return false;
}
