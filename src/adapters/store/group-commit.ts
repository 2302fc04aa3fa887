/** Appends that arrive while a flush runs share the next one. */
import { PortError } from "../../ports/port-error.ts";
import { BATCH_BODY_BYTES_MAX, BATCH_FRAMES_MAX } from "./segment-format.ts";
import type { BatchBody } from "./segment-writer.ts";

/** Appends that may wait or be under way. */
const QUEUE_APPENDS_MAX = 4096;
const QUEUE_BYTES_MAX = 16 * 1024 * 1024;

type Waiting = {
  readonly body: Uint8Array;
  readonly frameCount: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

export type GroupCommit = {
  /** Resolves or rejects as `write` did for the batch that held it. Rejects with `store-queue-full` beyond the bounds. */
  append(body: Uint8Array, frameCount: number): Promise<void>;
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>;
};

/**
 * One `write` at a time, at once when idle. A failed one also rejects all that wait behind it: a later record must
 * not reach the log where the one before it did not.
 */
export function groupCommit(write: (batch: BatchBody) => Promise<void>): GroupCommit {
  const queue: Waiting[] = [];
  let bytes = 0;
  let appends = 0;
  let running: Promise<void> | null = null;

  function append(body: Uint8Array, frameCount: number): Promise<void> {
    if (appends >= QUEUE_APPENDS_MAX || bytes + body.length > QUEUE_BYTES_MAX) {
      const waiting = `${appends} appends of ${bytes} bytes wait for the disk`;
      return Promise.reject(new PortError("store", "store-queue-full", waiting, true));
    }
    appends += 1;
    bytes += body.length;
    return new Promise((resolve, reject) => {
      queue.push({ body, frameCount, resolve, reject });
      running ??= run();
    });
  }

  async function run(): Promise<void> {
    // One turn of the microtask queue, so that appends of the same moment share the first flush too.
    await Promise.resolve();
    while (queue.length > 0) {
      const group = take(queue);
      const frameCount = group.reduce((sum, one) => sum + one.frameCount, 0);
      try {
        await write({ parts: group.map((one) => one.body), frameCount });
        settle(group, (one) => one.resolve());
      } catch (error) {
        settle([...group, ...queue.splice(0)], (one) => one.reject(error));
      }
    }
    running = null;
  }

  function settle(group: readonly Waiting[], how: (one: Waiting) => void): void {
    for (const one of group) {
      appends -= 1;
      bytes -= one.body.length;
      how(one);
    }
  }

  return { append, idle: () => running ?? Promise.resolve() };
}

/** The longest prefix of `queue`, removed from it, that fits one batch. At least one: an append fits by itself. */
function take(queue: Waiting[]): Waiting[] {
  let count = 0;
  let bytes = 0;
  let frames = 0;
  for (const one of queue) {
    bytes += one.body.length;
    frames += one.frameCount;
    if (count > 0 && (bytes > BATCH_BODY_BYTES_MAX || frames > BATCH_FRAMES_MAX)) break;
    count += 1;
  }
  return queue.splice(0, count);
}
