/** The append-only log of one lineage on one disk. */

/** An `own` frame is a record of this lineage; a `foreign` one an envelope that the own record after it names. */
export type Frame = { readonly kind: "own" | "foreign"; readonly bytes: Uint8Array };

export type Tail =
  | { readonly kind: "clean" }
  /** The last batch is incomplete and nothing after it says that it was flushed: it may never have been acknowledged. */
  | { readonly kind: "torn"; readonly lostBytes: number }
  /** Bytes that an intact later batch says were flushed do not read back: bit rot or a foreign hand. */
  | { readonly kind: "damaged"; readonly lostBytes: number };

export interface Store {
  /** What opening found after the last good frame. Nothing is cut until `cutTail`. */
  readonly tail: Tail;
  /** All good frames in order, from the first, or from the frame with index `from`. */
  frames(from?: number): AsyncIterable<Frame>;
  /** Number of good frames. */
  readonly size: number;
  /**
   * Appends all of `frames`, in order, or none. Resolves after the bytes and the batch's end mark are flushed to the device;
   * concurrent calls share one flush (group commit). Rejects with PortError: `store-full` (nothing was written that a
   * reopening would read; may be retried), `store-flush-failed` (unknown: only `reopen` may follow).
   */
  append(frames: readonly Frame[]): Promise<void>;
  /** After a flush error: re-reads, copies all after the last good flush into a new segment, flushes that (PROTOCOL §2). */
  reopen(): Promise<void>;
  /** Cuts what `tail` names. The quarantine mark must have been flushed before. */
  cutTail(): Promise<void>;
  /** A small durable mark beside the log. What was read once outlives a loss of power, even where its write was rejected. */
  readMark(name: string): Promise<Uint8Array | null>;
  /** Replaces the mark atomically and flushes it; null removes it. At most 4 KiB. */
  writeMark(name: string, bytes: Uint8Array | null): Promise<void>;
  close(): Promise<void>;
}
