/** A folder of the host's file system as the store's disk, held by one process at a time. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PortError } from "../../ports/port-error.ts";
import type { Disk, DiskFile, ReadableDisk } from "./disk.ts";
import { lockFolder } from "./folder-lock.ts";

const FILE_MODE = 0o600;
const UNREADABLE = "disk-unreadable";
const FOLDER_MODE = 0o700;
/** A device without room, a spent quota, or a file beyond its size limit: nothing is broken. */
const FULL: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Makes the folder where it is missing. Rejects with `store-locked` while a living process holds it. */
export async function openNodeDisk(folder: string): Promise<Disk> {
  await guarded(() => mkdir(folder, { recursive: true, mode: FOLDER_MODE }));
  await guarded(() => syncFolder(dirname(folder)));
  const unlock = await guarded(() => lockFolder(folder));
  return {
    list: () => guarded(() => readdir(folder), UNREADABLE),
    open: (name, mode) =>
      guarded(() => openFile(join(folder, name), mode), mode === "read" ? UNREADABLE : undefined),
    rename: (from, to) => guarded(() => rename(join(folder, from), join(folder, to))),
    remove: (name) => guarded(() => unlink(join(folder, name))),
    syncDirectory: () => guarded(() => syncFolder(folder)),
    close: () => guarded(unlock),
  };
}

/** The same folder for who only reads, whoever holds it. Nothing is made where there is none. */
export function nodeDiskToRead(folder: string): ReadableDisk {
  return {
    list: () => guarded(() => readdir(folder), UNREADABLE),
    open: (name, mode) => guarded(() => openFile(join(folder, name), mode), UNREADABLE),
  };
}

async function openFile(path: string, mode: "read" | "write" | "create"): Promise<DiskFile> {
  const plain = await open(path, flagsOf(mode), FILE_MODE);
  // Written through this one, a flush costs one call instead of two. Opened by the first such write.
  let through: FileHandle | null = null;
  return {
    size: () => guarded(async () => (await plain.stat()).size, UNREADABLE),
    read: (offset, length) => guarded(() => readUpTo(plain, offset, length), UNREADABLE),
    writeAt: (offset, bytes) => guarded(() => writeAll(plain, offset, bytes)),
    writeFlushed: (offset, bytes) =>
      guarded(async () => {
        through ??= await open(path, constants.O_WRONLY | constants.O_DSYNC);
        await writeAll(through, offset, bytes);
      }),
    truncate: (length) => guarded(() => plain.truncate(length)),
    sync: () => guarded(() => plain.sync()),
    close: () =>
      guarded(async () => {
        await through?.close();
        await plain.close();
      }),
  };
}

function flagsOf(mode: "read" | "write" | "create"): number {
  if (mode === "read") return constants.O_RDONLY;
  return mode === "write" ? constants.O_RDWR : constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC;
}

async function readUpTo(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  // Bounded: each turn reads at least one byte or ends.
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

async function writeAll(file: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  // Bounded: a write of no bytes without an error does not happen on a regular file, and is refused here.
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + done);
    if (bytesWritten === 0)
      throw new PortError("disk", "disk-failed", "the disk took no byte of a write", false);
    done += bytesWritten;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(what: () => Promise<T>, code = "disk-failed"): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if (error instanceof PortError) throw error;
    const full = error instanceof Error && "code" in error && FULL.has(error.code);
    const message = error instanceof Error ? error.message : String(error);
    throw new PortError("disk", full ? "disk-full" : code, message, full, error);
  }
}
