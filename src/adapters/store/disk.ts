/**
 * The few operations that the store asks of a disk, so that the same store runs on a real one and on a simulated
 * one that loses power. Every failure is a PortError of port "disk": `disk-full` (retryable; an unknown part of a
 * write happened), `disk-unreadable` (a reading failed; nothing changed), `disk-failed` (anything else; after it the
 * outcome of earlier unflushed writes is unknown too).
 */

export interface DiskFile {
  size(): Promise<number>;
  /** At most `length` bytes from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All of `bytes`, or rejects. Not durable before `sync`. A write beyond the end fills the gap with zeros. */
  writeAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** `writeAt`, then the flush of these bytes and of what is needed to read them back, in one call. */
  writeFlushed(offset: number, bytes: Uint8Array): Promise<void>;
  /** Cuts or extends with zeros. Not durable before `sync`. */
  truncate(length: number): Promise<void>;
  /** Flushes every byte written and the file's length to the device. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** One flat folder that nobody else writes to. Names are `[a-z0-9.-]+`. */
export interface Disk {
  list(): Promise<readonly string[]>;
  /** `create` makes an empty file, also over an older one; the others need an existing one. */
  open(name: string, mode: "read" | "write" | "create"): Promise<DiskFile>;
  /** Atomic, also over an existing `to`. Durable after `syncDirectory`. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  syncDirectory(): Promise<void>;
  /** Lets go of the folder, so that another may open it. */
  close(): Promise<void>;
}

/** As much of a disk as reading a log takes. */
export type ReadableDisk = Pick<Disk, "list"> & { open(name: string, mode: "read"): Promise<DiskFile> };
