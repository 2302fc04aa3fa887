/** What a scan of the whole log knows of it: its segments, where it ends, and marks to seek a frame by. */
import { assert } from "../../core/base/assert.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Frame, Tail } from "../../ports/store.ts";
import type { ReadableDisk } from "./disk.ts";
import { readWindow } from "./read-window.ts";
import { lostIn, readChain } from "./segment-chain.ts";
import {
  decodeFrames,
  type Position,
  SEGMENT_BYTES_MAX,
  type SegmentHeader,
  segmentName,
} from "./segment-format.ts";
import { type Batch, judgeTail, walkBatches } from "./segment-scan.ts";

/** One mark for so many bytes: seeking a frame reads at most about this much for nothing. */
const MARK_STRIDE_BYTES = 64 * 1024;

export type LogIndex = {
  /** In order; the last one is written to. */
  readonly segments: SegmentHeader[];
  /** Ascending places between batches; each segment's first is one. */
  readonly marks: Position[];
  /** After the last good batch. */
  end: Position;
  /** Where the last good batch starts, for writing it again. */
  last: Position | null;
};

export type Scan = { readonly index: LogIndex; readonly tail: Tail; readonly highest: number };

const START: Position = { segment: 0, offset: 0, batch: 0, frame: 0, link: 0 };

/** Reads every batch of the log once. Changes nothing. */
export async function scanLog(disk: ReadableDisk): Promise<Scan> {
  const chain = await readChain(disk);
  const index: LogIndex = { segments: [], marks: [], end: START, last: null };
  let tail: Tail = { kind: "clean" };
  for (const [which, link] of chain.links.entries()) {
    const { header, limit } = link;
    const foreign = header.first.batch !== index.end.batch || header.first.link !== index.end.link;
    if (foreign || header.first.frame !== index.end.frame) {
      const lost = await lostIn(disk, chain.links.slice(which).map(segmentOf));
      return damaged(index, chain.highest, lost + (chain.brokenBytes ?? 0));
    }
    enterSegment(index, header);
    tail = await scanSegment(disk, index, header, limit);
    if (limit !== null && index.end.offset !== limit) {
      const lost = await lostIn(disk, chain.links.slice(which + 1).map(segmentOf));
      return damaged(
        index,
        chain.highest,
        Math.max(0, limit - index.end.offset) + lost + (chain.brokenBytes ?? 0),
      );
    }
  }
  if (chain.brokenBytes === null) return { index, tail, highest: chain.highest };
  return damaged(index, chain.highest, chain.brokenBytes + (tail.kind === "clean" ? 0 : tail.lostBytes));
}

/** The batches from `from` (a mark or the end) on, up to the index's end at the time of the call. */
export async function* readBatches(
  disk: ReadableDisk,
  index: LogIndex,
  from: Position,
): AsyncGenerator<Batch> {
  const end = index.end;
  let at = from;
  while (at.batch < end.batch) {
    const which = index.segments.findIndex((header) => header.first.segment === at.segment);
    const header = index.segments[which];
    assert(header !== undefined, "marks name segments of the same index");
    const file = await disk.open(segmentName(at.segment), "read");
    try {
      const next = index.segments[which + 1];
      const limit = next === undefined || at.segment === end.segment ? end.offset : next.predecessorEnd;
      const walk = walkBatches(readWindow(file, Math.min(await file.size(), limit)), header.salt, at, limit);
      for await (const batch of walk) {
        if (batch.at.batch >= end.batch) return;
        at = { ...batch.at, batch: batch.at.batch + 1 };
        yield batch;
      }
      if (at.batch >= end.batch) return;
      if (next === undefined || next.first.batch !== at.batch) throw unreadable(at);
      at = next.first;
    } finally {
      await file.close();
    }
  }
}

/** The frames from index `from` on, up to the end at the time of the call. */
export async function* readFrames(disk: ReadableDisk, index: LogIndex, from: number): AsyncGenerator<Frame> {
  const start = seek(index, from);
  if (start === null) return;
  for await (const { at, header, body } of readBatches(disk, index, start)) {
    if (at.frame + header.frameCount <= from) continue;
    const frames = decodeFrames(body, header.frameCount);
    if (frames === null) throw unreadable(at);
    yield* frames.slice(Math.max(0, from - at.frame));
  }
}

export function enterSegment(index: LogIndex, header: SegmentHeader): void {
  index.segments.push(header);
  index.marks.push(header.first);
  index.end = header.first;
}

export function noteBatch(index: LogIndex, at: Position, next: Position): void {
  const mark = index.marks.at(-1);
  if (mark === undefined || at.segment !== mark.segment || at.offset - mark.offset >= MARK_STRIDE_BYTES) {
    index.marks.push(at);
  }
  index.last = at;
  index.end = next;
}

async function scanSegment(
  disk: ReadableDisk,
  index: LogIndex,
  header: SegmentHeader,
  limit: number | null,
): Promise<Tail> {
  const file = await disk.open(segmentName(header.first.segment), "read");
  try {
    const window = readWindow(file, Math.min(await file.size(), SEGMENT_BYTES_MAX));
    const walk = walkBatches(window, header.salt, header.first, limit ?? window.size);
    // By hand, since the position after the last batch is the generator's return value.
    for (let step = await walk.next(); ; step = await walk.next()) {
      if (step.done === true) {
        index.end = step.value;
        break;
      }
      noteBatch(index, step.value.at, step.value.at);
    }
    return limit === null ? await judgeTail(window, header.salt, index.end) : { kind: "clean" };
  } finally {
    await file.close();
  }
}

function seek(index: LogIndex, frame: number): Position | null {
  let low = 0;
  let high = index.marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((index.marks[middle] as Position).frame <= frame) low = middle + 1;
    else high = middle;
  }
  return index.marks[low - 1] ?? null;
}

function segmentOf(link: { readonly header: SegmentHeader }): number {
  return link.header.first.segment;
}

function damaged(index: LogIndex, highest: number, lostBytes: number): Scan {
  // Something that was flushed is gone, even where every byte of it now reads as zero.
  return { index, tail: { kind: "damaged", lostBytes: Math.max(1, lostBytes) }, highest };
}

function unreadable(at: Position): PortError {
  const place = `${segmentName(at.segment)} at ${at.offset}`;
  return new PortError("store", "store-damaged", `batch ${at.batch} no longer reads back (${place})`, false);
}
