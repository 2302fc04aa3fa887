/** The file that the log ends in: batches are flushed to its end, with zeros behind them where that spares the journal. */
import { PortError } from "../../ports/port-error.ts";
import type { Disk, DiskFile } from "./disk.ts";

/** Batches up to this size are dominated by the journal, which zeros ahead spare; larger ones by the bytes themselves. */
const SMALL_BATCH_BYTES = 16 * 1024;

export type Room = {
  /** A segment that would grow beyond this is followed by a new one, and no zeros go beyond it. */
  readonly segmentBytes: number;
  /** Zeros written ahead, so that a flush need not journal a new file length and new blocks; 0 for none. */
  readonly setAsideBytes: number;
};

export type EndFile = {
  /** Resolves when `bytes` are on the device. On `disk-full` no byte of them is left. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Writes again and flushes what stands from `offset` until `end`. */
  rewrite(offset: number, end: number): Promise<void>;
  close(): Promise<void>;
};

export async function openEndFile(disk: Disk, name: string, room: Room): Promise<EndFile> {
  const file = await disk.open(name, "write");
  let allocated = await file.size();

  async function write(offset: number, bytes: Uint8Array): Promise<void> {
    const end = offset + bytes.length;
    const ahead = end <= allocated ? end : roomBehind(end, bytes.length, room);
    if (ahead > end && (await writeAll(offset, padded(bytes, ahead - offset)))) return;
    // No room ahead is no reason to refuse a batch that may still fit.
    if (await writeAll(offset, bytes)) return;
    throw new PortError("disk", "disk-full", `no room for ${bytes.length} bytes`, true);
  }

  /** False when the disk was full; then the file ends at `offset` again. */
  async function writeAll(offset: number, bytes: Uint8Array): Promise<boolean> {
    try {
      await file.writeFlushed(offset, bytes);
    } catch (error) {
      if (!isFull(error)) throw error;
      await wipe(file, offset);
      allocated = offset;
      return false;
    }
    allocated = Math.max(allocated, offset + bytes.length);
    return true;
  }

  async function rewrite(offset: number, end: number): Promise<void> {
    await file.writeAt(offset, await file.read(offset, end - offset));
    await file.sync();
  }

  return { write, rewrite, close: () => file.close() };
}

/** Whatever part of a batch got onto the full disk must not look like a torn one. */
async function wipe(file: DiskFile, offset: number): Promise<void> {
  try {
    await file.truncate(offset);
    await file.sync();
  } catch (error) {
    throw new PortError("disk", "disk-failed", "a batch on a full disk could not be wiped", false, error);
  }
}

function roomBehind(end: number, batchBytes: number, { segmentBytes, setAsideBytes }: Room): number {
  if (setAsideBytes === 0 || batchBytes > SMALL_BATCH_BYTES) return end;
  return Math.min((Math.floor(end / setAsideBytes) + 1) * setAsideBytes, segmentBytes);
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}

function isFull(error: unknown): boolean {
  return error instanceof PortError && error.code === "disk-full";
}
