/** Writes batches at the end of the log, one flush each, and goes on in a new segment where one is full. */

import { assert } from "../../core/base/assert.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Disk } from "./disk.ts";
import { openEndFile, type Room } from "./end-file.ts";
import { enterSegment, type LogIndex, noteBatch } from "./log-index.ts";
import {
  batchBytes,
  encodeBatch,
  encodeSegmentHeader,
  type Position,
  SALT_BYTES,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  segmentName,
} from "./segment-format.ts";

export type WriterOptions = Room & {
  readonly disk: Disk;
  readonly entropy: Entropy;
};

/** One batch to be: the encoded frames of one or more appends. */
export type BatchBody = { readonly parts: readonly Uint8Array[]; readonly frameCount: number };

export type SegmentWriter = {
  /** Resolves when the batch is on the device. Rejects as `Store.append` does, with nothing of it readable on `store-full`. */
  write(body: BatchBody): Promise<void>;
  close(): Promise<void>;
};

/**
 * A writer that goes on at the end of `index`, which must be the end of a clean scan, and notes there what it wrote.
 * It first writes the last batch once more: a process that died between a failed flush and its restart leaves bytes
 * that the page cache still shows and the device never got.
 */
export async function segmentWriter(
  options: WriterOptions,
  index: LogIndex,
  highest: number,
): Promise<SegmentWriter> {
  let number = highest;
  let file = await openEndFile(options.disk, segmentName(index.end.segment), options);
  const { last, end } = index;
  // Without a batch in this segment there is nothing in it but a header, flushed before the segment got its name.
  if (last !== null && last.segment === end.segment) {
    await file.rewrite(last.offset, end.offset).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
  }

  async function write(body: BatchBody): Promise<void> {
    const length = batchBytes(body.parts.reduce((sum, part) => sum + part.length, 0));
    const full = index.end.offset + length > options.segmentBytes;
    try {
      if (full && index.end.offset > SEGMENT_HEADER_BYTES) await rotate();
      const at = index.end;
      const header = index.segments.at(-1);
      assert(header !== undefined, "a clean scan has a last segment");
      const batch = encodeBatch(at, header.salt, body.parts, body.frameCount);
      await file.write(at.offset, batch.bytes);
      noteBatch(index, at, batch.next);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async function rotate(): Promise<void> {
    const header = await createSegment(options, number + 1, index.end, []);
    const old = file;
    number += 1;
    file = await openEndFile(options.disk, segmentName(number), options);
    enterSegment(index, header);
    await old.close();
  }

  return { write, close: () => file.close() };
}

/**
 * Makes segment `number`, which goes on at `after` whatever stands behind it there, with `batches` in it. It has its
 * name, durably, only when all of it is flushed: before that, nothing changed.
 */
export async function createSegment(
  options: WriterOptions,
  number: number,
  after: Position,
  batches: readonly BatchBody[],
): Promise<SegmentHeader> {
  const { disk } = options;
  const header: SegmentHeader = {
    salt: options.entropy.bytes(SALT_BYTES),
    first: { ...after, segment: number, offset: SEGMENT_HEADER_BYTES },
    predecessor: after.segment,
    predecessorEnd: after.offset,
  };
  const name = segmentName(number);
  const temporary = `${name}.tmp`;
  const file = await disk.open(temporary, "create");
  try {
    await file.writeAt(0, encodeSegmentHeader(header));
    let at = header.first;
    for (const { parts, frameCount } of batches) {
      const batch = encodeBatch(at, header.salt, parts, frameCount);
      await file.writeAt(at.offset, batch.bytes);
      at = batch.next;
    }
    await file.sync();
  } catch (error) {
    await file.close();
    if (isFull(error)) await disk.remove(temporary);
    throw error;
  }
  await file.close();
  await disk.rename(temporary, name);
  await disk.syncDirectory();
  return header;
}

/** `store-full` or `store-unreadable` when nothing was changed, else `store-flush-failed`: the device's state is unknown. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof PortError) || error.port === "store") return error;
  if (isFull(error))
    return new PortError("store", "store-full", "the disk of the store is full", true, error);
  if (error.code === "disk-unreadable")
    return new PortError("store", "store-unreadable", error.message, false, error);
  return new PortError(
    "store",
    "store-flush-failed",
    `the store's disk failed: ${error.message}`,
    false,
    error,
  );
}

function isFull(error: unknown): boolean {
  return error instanceof PortError && error.code === "disk-full";
}
