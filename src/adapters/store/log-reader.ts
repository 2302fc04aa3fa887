/** Reads the log of an agent that may be running: without its lock, and without a change. */
import type { Frame, Tail } from "../../ports/store.ts";
import type { ReadableDisk } from "./disk.ts";
import { readFrames, scanLog } from "./log-index.ts";
import { segmentName } from "./segment-format.ts";
import { asStoreError } from "./segment-writer.ts";

/** A log as it stood at one moment: what is appended later is not in it. */
export type LogSoFar = {
  /** `torn` is ordinary while an agent writes: the batch that it is at. */
  readonly tail: Tail;
  /** All good frames in order; may be read several times. Rejects with PortError `store-damaged`. */
  frames(): AsyncIterable<Frame>;
};

/**
 * Rejects with PortError `store-unreadable` where the folder or a file of it cannot be read, `store-flush-failed` where the
 * disk does not take a flush: what leaves the host has to outlive a loss of power there, and a batch may be read before
 * its writer has flushed it.
 */
export async function readLogSoFar(disk: ReadableDisk): Promise<LogSoFar> {
  try {
    const { index, tail } = await scanLog(disk);
    if (index.end.segment > 0) {
      const last = await disk.open(segmentName(index.end.segment), "read");
      await last.sync().finally(() => last.close());
    }
    return { tail, frames: () => readFrames(disk, index, 0) };
  } catch (error) {
    throw asStoreError(error);
  }
}
