/**
 * The boot clock of this host as the guard and the world process read it: µs since boot, suspend included.
 *
 * Node reads CLOCK_MONOTONIC (`process.hrtime`), which stands still in suspend; /proc/uptime does not, but has
 * steps of 10 ms. Boot time is monotonic time plus the time slept, and every reading of /proc/uptime is a lower
 * bound of it. The slept time is kept as the greatest lower bound seen: exactly zero on a host that never
 * slept, at most 10 ms short otherwise, never going back. So all processes of one host agree within 10 ms,
 * whoever reads it by these means; a guard that is 10 ms behind mutes 10 ms late, which is part of the declared
 * mute latency.
 */
import { readFileSync } from "node:fs";
import type { Clock } from "../../../src/ports/clock.ts";

export type BootClock = Clock & {
  /** True once after each suspend of the host since the last call. */
  slept(): boolean;
};

/** Growth of the slept time that can be no artefact of the 10 ms steps, µs. */
const SLEPT_US_MIN = 20_000;

/** Longest single timer, µs: a monotonic timer is late by the time slept, so a wake looks again this often. */
const TIMER_US_MAX = 250_000;

export type BootSources = {
  /** CLOCK_MONOTONIC, µs. */
  readonly monotonicUs: () => number;
  /** Boot time as the kernel's text gives it, rounded down, µs. */
  readonly uptimeUs: () => number;
};

/** The clock of this host; Linux only: without /proc it throws the system's ENOENT. */
export function bootClock(sources: BootSources = linuxSources()): BootClock {
  let sleptUs = 0;
  let announcedUs = 0;
  const bootUs = (): number => {
    // In this order: an older uptime and a younger monotonic time keep the difference a lower bound.
    const uptimeUs = sources.uptimeUs();
    const monotonicUs = sources.monotonicUs();
    sleptUs = Math.max(sleptUs, uptimeUs - monotonicUs);
    return monotonicUs + sleptUs;
  };
  bootUs();
  announcedUs = sleptUs;
  return {
    bootId: readBootId(),
    read: () => ({ wallUs: Date.now() * 1000, bootUs: bootUs() }),
    at: (wakeBootUs, wake) => wakeAt(bootUs, wakeBootUs, wake),
    slept() {
      bootUs();
      const slept = sleptUs - announcedUs >= SLEPT_US_MIN;
      announcedUs = sleptUs;
      return slept;
    },
  };
}

function wakeAt(bootUs: () => number, wakeBootUs: number, wake: () => void): () => void {
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const leftUs = wakeBootUs - bootUs();
    if (leftUs <= 0) wake();
    else timer = setTimeout(look, Math.ceil(Math.min(leftUs, TIMER_US_MAX) / 1000));
  };
  timer = setTimeout(look, Math.max(0, Math.ceil(Math.min(wakeBootUs - bootUs(), TIMER_US_MAX) / 1000)));
  return () => clearTimeout(timer);
}

function linuxSources(): BootSources {
  return {
    monotonicUs: () => Number(process.hrtime.bigint() / 1000n),
    uptimeUs: () => Math.round(Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1e6),
  };
}

function readBootId(): Uint8Array {
  return Buffer.from(
    readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim().replaceAll("-", ""),
    "hex",
  );
}
