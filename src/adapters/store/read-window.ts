/** Reads a file in large pieces, so that walking it in small steps costs few calls. */
import type { DiskFile } from "./disk.ts";
import { asBuffer } from "./segment-format.ts";

const WINDOW_BYTES = 1024 * 1024;

export type ReadWindow = {
  readonly size: number;
  /** Exactly `length` bytes at `offset`, or null where the file ends before. Valid for good: never overwritten. */
  view(offset: number, length: number): Promise<Buffer | null>;
};

/** A window over the first `size` bytes of `file`. */
export function readWindow(file: DiskFile, size: number): ReadWindow {
  let start = 0;
  let held: Buffer = Buffer.alloc(0);
  return {
    size,
    async view(offset, length) {
      if (offset + length > size) return null;
      if (offset < start || offset + length > start + held.length) {
        held = asBuffer(await file.read(offset, Math.min(Math.max(length, WINDOW_BYTES), size - offset)));
        start = offset;
        if (held.length < length) return null;
      }
      return held.subarray(offset - start, offset - start + length);
    },
  };
}
