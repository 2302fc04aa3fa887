/** The clocks of a Linux host (ports/clock). */
import { openSync, readFileSync, readSync } from "node:fs";
import { assert } from "../../core/base/assert.ts";
import { fromHex } from "../../core/base/bytes.ts";
import type { Clock, Reading } from "../../ports/clock.ts";
import { suspendOffset } from "./suspend-offset.ts";

/**
 * Node's timers stop in suspend with CLOCK_MONOTONIC. A long wait is cut into pieces of this, so that a waker is at
 * most this late after a resume; what must not be late at all, muting, is the guard's, not this clock's.
 */
const PIECE_MS = 10_000;
const UPTIME_BYTES_MAX = 64;

export type SystemClockOptions = {
  /** 16 bytes in place of the kernel's: a test's reboot. */
  readonly bootId?: Uint8Array;
  /** Added to boot time, µs; may be negative. */
  readonly bootOffsetUs?: number;
};

/** `wallUs` has a resolution of 1 ms; `bootUs` of 1 µs, and within 60 ms of CLOCK_BOOTTIME after suspends. */
export function systemClock(options: SystemClockOptions = {}): Clock {
  const bootId = options.bootId ?? kernelBootId();
  assert(bootId.length === 16, "a boot id has 16 bytes");
  const addedUs = options.bootOffsetUs ?? 0;
  const uptimeUs = uptimeReader();
  const offset = suspendOffset();

  function read(): Reading {
    const uptime = uptimeUs();
    const bootUs = offset.bootUs(Number(process.hrtime.bigint() / 1000n), uptime);
    return { wallUs: Date.now() * 1000, bootUs: bootUs + addedUs };
  }

  function at(bootUs: number, wake: () => void): () => void {
    let timer: NodeJS.Timeout | null = null;
    const arm = (): void => {
      const leftMs = Math.ceil((bootUs - read().bootUs) / 1000);
      timer = setTimeout(check, Math.min(Math.max(leftMs, 0), PIECE_MS));
    };
    const check = (): void => {
      // Timers may fire up to 1 ms early.
      if (read().bootUs < bootUs) {
        arm();
        return;
      }
      timer = null;
      wake();
    };
    arm();
    return () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    };
  }

  return { bootId, read, at };
}

function kernelBootId(): Uint8Array {
  const text = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim().replaceAll("-", "");
  const bytes = fromHex(text);
  assert(bytes !== null && bytes.length === 16, "the kernel writes its boot id as a UUID");
  return bytes;
}

/** /proc/uptime through one handle that stays open: about 3 µs a reading. */
function uptimeReader(): () => number {
  const file = openSync("/proc/uptime", "r");
  const buffer = Buffer.alloc(UPTIME_BYTES_MAX);
  return () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    const seconds = Number.parseFloat(buffer.toString("latin1", 0, length));
    assert(Number.isFinite(seconds), "/proc/uptime begins with seconds");
    return Math.round(seconds * 1e6);
  };
}
