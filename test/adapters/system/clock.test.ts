import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { suspendOffset } from "../../../src/adapters/system/suspend-offset.ts";
import { toHex } from "../../../src/core/base/bytes.ts";

const S = 1_000_000;

describe("the system clock", () => {
  it("names the kernel's boot", () => {
    const kernel = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim().replaceAll("-", "");
    expect(toHex(systemClock().bootId)).toBe(kernel);
  });

  it("takes another boot id and an offset for tests of reboots", () => {
    const bootId = new Uint8Array(16).fill(3);
    const plain = systemClock().read().bootUs;
    const moved = systemClock({ bootId, bootOffsetUs: 3600 * S });
    expect(moved.bootId).toEqual(bootId);
    expect(moved.read().bootUs).toBeGreaterThanOrEqual(plain + 3600 * S);
  });

  it("refuses a boot id that is not of 16 bytes", () => {
    expect(() => systemClock({ bootId: new Uint8Array(15) })).toThrow("16 bytes");
  });
});

describe("suspend offset", () => {
  it("is nothing while the uptime only lags by its own coarseness", () => {
    const offset = suspendOffset();
    expect(offset.bootUs(100 * S + 9_999, 100 * S)).toBe(100 * S + 9_999);
    expect(offset.bootUs(200 * S, 200 * S + 49_999)).toBe(200 * S);
  });

  it("counts suspends from before the process started", () => {
    expect(suspendOffset().bootUs(100 * S, 160 * S)).toBe(160 * S);
  });

  it("adds a suspend at the first reading after it, and keeps it", () => {
    const offset = suspendOffset();
    expect(offset.bootUs(100 * S, 100 * S)).toBe(100 * S);
    expect(offset.bootUs(101 * S, 131 * S)).toBe(131 * S);
    expect(offset.bootUs(102 * S, 132 * S - 10_000)).toBe(132 * S);
    expect(offset.bootUs(103 * S, 140 * S)).toBe(140 * S);
  });

  it("gathers suspends that are too short to count one by one", () => {
    const offset = suspendOffset();
    offset.bootUs(100 * S, 100 * S);
    expect(offset.bootUs(101 * S, 101 * S + 30_000)).toBe(101 * S);
    expect(offset.bootUs(102 * S, 102 * S + 60_000)).toBe(102 * S + 60_000);
  });

  it("never goes back, also where the uptime does", () => {
    const offset = suspendOffset();
    expect(offset.bootUs(100 * S, 130 * S)).toBe(130 * S);
    expect(offset.bootUs(101 * S, 101 * S)).toBe(131 * S);
  });

  it("sees suspends through an uptime that counts from the container's start", () => {
    const offset = suspendOffset();
    expect(offset.bootUs(1000 * S, 5 * S)).toBe(1000 * S);
    expect(offset.bootUs(1001 * S, 36 * S)).toBe(1031 * S);
  });
});
