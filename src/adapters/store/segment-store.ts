/** The append-only log of one lineage as segment files on one disk (ports/store; PROTOCOL §2 "Order"). */
import { assert } from "../../core/base/assert.ts";
import type { Entropy } from "../../ports/entropy.ts";
import { PortError } from "../../ports/port-error.ts";
import type { Frame, Store, Tail } from "../../ports/store.ts";
import type { Disk } from "./disk.ts";
import { type GroupCommit, groupCommit } from "./group-commit.ts";
import { readBatches, readFrames, type Scan, scanLog } from "./log-index.ts";
import { makeNamesLast, readMark, writeMark } from "./marks.ts";
import {
  encodeFrames,
  type Position,
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  segmentName,
} from "./segment-format.ts";
import {
  asStoreError,
  type BatchBody,
  createSegment,
  type SegmentWriter,
  segmentWriter,
  type WriterOptions,
} from "./segment-writer.ts";

const SET_ASIDE_BYTES_DEFAULT = 256 * 1024;

export type SegmentStoreOptions = {
  readonly disk: Disk;
  /** Salts of segments: a peer that could guess them could make its bytes look like batches. */
  readonly entropy: Entropy;
  readonly segmentBytes?: number;
  /** Zeros written ahead of the log's end; 0 switches that off. */
  readonly setAsideBytes?: number;
};

/**
 * Reads the whole log, and makes an empty one in an empty folder. The store takes over `disk` and closes it.
 * Rejects with `store-unreadable`, and with `store-flush-failed` or `store-full` where the disk does not take the
 * opening's own writes.
 */
export async function openSegmentStore(options: SegmentStoreOptions): Promise<Store> {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES_DEFAULT;
  assert(segmentBytes > SEGMENT_HEADER_BYTES && segmentBytes <= SEGMENT_BYTES_MAX, "a segment holds a batch");
  const writer = {
    ...options,
    segmentBytes,
    setAsideBytes: options.setAsideBytes ?? SET_ASIDE_BYTES_DEFAULT,
  };
  try {
    const store = new SegmentStore(writer, await prepare(writer));
    await store.resume();
    return store;
  } catch (error) {
    await options.disk.close();
    throw asStoreError(error);
  }
}

/** Names that a dead process changed are made to last, its unfinished files go, and the log is read. */
async function prepare(options: WriterOptions): Promise<Scan> {
  const { disk } = options;
  for (const name of await disk.list()) if (name.endsWith(".tmp")) await disk.remove(name);
  await disk.syncDirectory();
  const scan = await scanLog(disk);
  if (scan.highest > 0) return scan;
  await createSegment(options, 1, scan.index.end, []);
  return scanLog(disk);
}

type Condition = "ready" | "uncut" | "failed" | "closed";

class SegmentStore implements Store {
  readonly #options: WriterOptions;
  #scan: Scan;
  #condition: Condition = "uncut";
  #writer: SegmentWriter | null = null;
  readonly #commits: GroupCommit;
  /** The last write of a mark was rejected: what stands may not outlive a loss of power. */
  #isMarkInDoubt = false;
  /** Marks, reopening, cutting and closing follow one another. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: WriterOptions, scan: Scan) {
    this.#options = options;
    this.#scan = scan;
    this.#commits = groupCommit((batch) => this.#write(batch));
  }

  get tail(): Tail {
    return this.#scan.tail;
  }

  get size(): number {
    return this.#scan.index.end.frame;
  }

  frames(from = 0): AsyncIterable<Frame> {
    assert(Number.isSafeInteger(from) && from >= 0, "frames are counted from 0");
    return readFrames(this.#options.disk, this.#scan.index, from);
  }

  async append(frames: readonly Frame[]): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) throw refusal;
    if (frames.length === 0) return;
    await this.#commits.append(encodeFrames(frames), frames.length);
  }

  reopen(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#condition !== "failed") return;
      await this.#letGo();
      const { disk } = this.#options;
      const flushed = this.#scan.index.end;
      const found = await scanLog(disk);
      if (found.index.end.batch < flushed.batch) {
        // Acknowledged batches are gone: nothing may be written before the tail is cut on purpose.
        const lostBytes = found.tail.kind === "clean" ? 1 : found.tail.lostBytes;
        this.#scan = { ...found, tail: { kind: "damaged", lostBytes } };
        this.#condition = "uncut";
        return;
      }
      const doubtful: BatchBody[] = [];
      for await (const { header, body } of readBatches(disk, found.index, flushed)) {
        doubtful.push({ parts: [body], frameCount: header.frameCount });
      }
      await createSegment(this.#options, found.highest + 1, flushed, doubtful);
      await this.#startAnew();
    });
  }

  cutTail(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#condition !== "uncut") return;
      const { index, tail, highest } = this.#scan;
      try {
        if (tail.kind === "torn") await cutFile(this.#options.disk, index.end);
        else await createSegment(this.#options, highest + 1, index.end, []);
        await this.#startAnew();
      } catch (error) {
        const failure = asStoreError(error);
        if (!isFull(failure)) this.#condition = "failed";
        throw failure;
      }
    });
  }

  readMark(name: string): Promise<Uint8Array | null> {
    return this.#inTurn(async () => {
      if (this.#isMarkInDoubt) await makeNamesLast(this.#options.disk);
      this.#isMarkInDoubt = false;
      return readMark(this.#options.disk, name);
    });
  }

  writeMark(name: string, bytes: Uint8Array | null): Promise<void> {
    return this.#inTurn(async () => {
      this.#isMarkInDoubt = true;
      await writeMark(this.#options.disk, name, bytes);
      this.#isMarkInDoubt = false;
    });
  }

  close(): Promise<void> {
    if (this.#condition === "closed") return this.#turn;
    return this.#inTurn(async () => {
      const ready = this.#condition === "ready";
      this.#condition = "closed";
      await this.#commits.idle();
      try {
        if (ready) await this.#writeClosingBatch();
      } finally {
        await this.#letGo();
        await this.#options.disk.close();
      }
    });
  }

  /** Goes on at the end of a clean log; with any other tail the store only reads. */
  async resume(): Promise<void> {
    if (this.#scan.tail.kind !== "clean") {
      this.#condition = "uncut";
      return;
    }
    this.#writer = await segmentWriter(this.#options, this.#scan.index, this.#scan.highest);
    this.#condition = "ready";
  }

  async #startAnew(): Promise<void> {
    this.#scan = await scanLog(this.#options.disk);
    await this.resume();
  }

  async #write(batch: BatchBody): Promise<void> {
    assert(this.#writer !== null, "appends pass only while the store is ready");
    try {
      await this.#writer.write(batch);
    } catch (error) {
      if (!isFull(error) && this.#condition === "ready") this.#condition = "failed";
      throw error;
    }
  }

  /** A batch of no frames says that the one before it was flushed, so that its rot is not taken for a torn write. */
  async #writeClosingBatch(): Promise<void> {
    const { last, end } = this.#scan.index;
    if (last !== null && last.frame < end.frame) await this.#writer?.write({ parts: [], frameCount: 0 });
  }

  async #letGo(): Promise<void> {
    await this.#commits.idle();
    const writer = this.#writer;
    this.#writer = null;
    await writer?.close();
  }

  #inTurn<T>(what: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#condition === "closed")
        throw new PortError("store", "store-closed", "the store is closed", false);
      try {
        return await what();
      } catch (error) {
        throw asStoreError(error);
      }
    });
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  #refusal(): PortError | null {
    switch (this.#condition) {
      case "ready":
        return null;
      case "uncut":
        return new PortError(
          "store",
          "store-tail-uncut",
          "the tail of the log is neither clean nor cut",
          false,
        );
      case "failed":
        return new PortError("store", "store-flush-failed", "a flush failed: reopen the store first", false);
      case "closed":
        return new PortError("store", "store-closed", "the store is closed", false);
    }
  }
}

async function cutFile(disk: Disk, end: Position): Promise<void> {
  const file = await disk.open(segmentName(end.segment), "write");
  try {
    await file.truncate(end.offset);
    await file.sync();
  } finally {
    await file.close();
  }
}

function isFull(error: unknown): boolean {
  return error instanceof PortError && error.code === "store-full";
}
