/** A connection that brings lines and is made again, with bounded backoff, for as long as the driver is open. */
import type { Reading } from "../../src/ports/clock.ts";
import type { DriverContext } from "../../src/ports/driver.ts";
import { lineSplitter } from "./line-splitter.ts";
import { silence } from "./silence.ts";

/** First and longest wait before connecting again; each failure doubles it, and up to a quarter of jitter is added. */
const BACKOFF_FIRST_US = 250_000;
const BACKOFF_MAX_US = 30_000_000;

/** A socket or serial port. `ended` is called at most once, from whatever cause, and nothing after it. */
export type Connection = { close(): Promise<void> };
export type ConnectionEvents = {
  opened(): void;
  bytes(chunk: Uint8Array): void;
  ended(reason: string): void;
};
export type Connect = (events: ConnectionEvents) => Connection;

export type LineLinkOptions = {
  readonly connect: Connect;
  readonly lineBytesMax: number;
  /** A connection that brings no understood line for this long is given up and made again, µs. */
  readonly silenceUs: number;
  opened(): void;
  /** True when the line was understood: only that proves a live receiver and calms the backoff. */
  line(text: string, now: Reading): boolean;
  ended(reason: string, now: Reading): void;
};

export type LineLink = {
  /** Connects for the first time. */
  start(): void;
  /** Lines dropped because they were too long. */
  overlong(): number;
  /** Ends the connection for good; nothing is called afterwards. Idempotent. */
  close(): Promise<void>;
};

export function lineLink({ clock, entropy }: DriverContext, options: LineLinkOptions): LineLink {
  const splitter = lineSplitter(options.lineBytesMax);
  const quiet = silence(clock, options.silenceUs);
  let backoffUs = BACKOFF_FIRST_US;
  let closed = false;
  let connection: Connection | null = null;
  let cancelRetry = (): void => undefined;
  /** Closings under way, so that `close` resolves only when the device is free again. */
  const closing = new Set<Promise<void>>();

  function connect(): void {
    splitter.reset();
    let current = true;
    const end = (reason: string): void => {
      if (!current || closed) return;
      current = false;
      letGo();
      options.ended(reason, clock.read());
      if (!closed) retryLater();
    };
    connection = options.connect({
      opened: () => {
        if (current && !closed) options.opened();
      },
      bytes: (chunk) => {
        if (current && !closed) hear(chunk);
      },
      ended: end,
    });
    // An `ended` from within `connect` came before there was anything to let go.
    if (current) quiet.watch(end);
    else letGo();
  }

  function hear(chunk: Uint8Array): void {
    const now = clock.read();
    for (const text of splitter.push(chunk)) {
      if (closed) return;
      if (!options.line(text, now)) continue;
      quiet.heard(now.bootUs);
      backoffUs = BACKOFF_FIRST_US;
    }
  }

  function letGo(): void {
    quiet.stop();
    if (connection === null) return;
    const done = connection.close().finally(() => closing.delete(done));
    closing.add(done);
    connection = null;
  }

  function retryLater(): void {
    const [random = 0] = entropy.bytes(1);
    const waitUs = backoffUs + Math.floor((backoffUs * random) / 1024);
    backoffUs = Math.min(backoffUs * 2, BACKOFF_MAX_US);
    cancelRetry = clock.at(clock.read().bootUs + waitUs, connect);
  }

  return {
    start: connect,
    overlong: () => splitter.overlong(),
    async close() {
      closed = true;
      cancelRetry();
      letGo();
      await Promise.all(closing);
    },
  };
}
