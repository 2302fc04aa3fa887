import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bootClock } from "../../../../hardware/radio/guard/boot-clock.ts";

/** Sources of a host whose /proc/uptime is rounded down to 10 ms. */
function host(): { monotonicUs: number; sleptUs: number; clock: ReturnType<typeof bootClock> } {
  const at = { monotonicUs: 5_000_123, sleptUs: 0 };
  const clock = bootClock({
    monotonicUs: () => at.monotonicUs,
    uptimeUs: () => Math.floor((at.monotonicUs + at.sleptUs) / 10_000) * 10_000,
  });
  return Object.assign(at, { clock });
}

test("is the monotonic clock, to the microsecond, on a host that never slept", () => {
  const at = host();
  for (let i = 0; i < 1000; i++) {
    at.monotonicUs += 777;
    expect(at.clock.read().bootUs).toBe(at.monotonicUs);
    expect(at.clock.slept()).toBe(false);
  }
});

test("counts a suspend, says so once, never goes back and comes within 10 ms of the truth", () => {
  const at = host();
  let beforeUs = at.clock.read().bootUs;
  at.sleptUs += 3_604_321;
  expect(at.clock.slept()).toBe(true);
  for (let i = 0; i < 1000; i++) {
    at.monotonicUs += 777;
    const { bootUs } = at.clock.read();
    expect(bootUs).toBeGreaterThanOrEqual(beforeUs);
    const shortUs = at.monotonicUs + at.sleptUs - bootUs;
    expect(shortUs).toBeGreaterThanOrEqual(0);
    expect(shortUs).toBeLessThan(10_000);
    expect(at.clock.slept()).toBe(false);
    beforeUs = bootUs;
  }
});

test("two clocks of this host, and /proc/uptime itself, agree within the step of /proc/uptime", () => {
  const [one, other] = [bootClock(), bootClock()];
  const uptimeUs = Number.parseFloat(readFileSync("/proc/uptime", "latin1")) * 1e6;
  const first = one.read().bootUs;
  const second = other.read().bootUs;
  expect(second).toBeGreaterThanOrEqual(first - 10_000);
  expect(first).toBeGreaterThanOrEqual(uptimeUs - 1);
});

test("wakes at or after the instant, never before, and not when cancelled", async () => {
  const clock = bootClock();
  let woken = 0;
  const cancel = clock.at(clock.read().bootUs + 5000, () => {
    woken++;
  });
  cancel();
  const wakeUs = clock.read().bootUs + 20_500;
  await new Promise<void>((wake) => clock.at(wakeUs, wake));
  expect(clock.read().bootUs).toBeGreaterThanOrEqual(wakeUs);
  expect(woken).toBe(0);
});
