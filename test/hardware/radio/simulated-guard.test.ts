/** The guard of simulated worlds outlives the process that uses it (hardware/radio/simulated-guard.ts). */
import { expect, test } from "vitest";
import { SIMULATED_DEFAULTS } from "../../../hardware/radio/simulated-device.ts";
import { simulatedGuard } from "../../../hardware/radio/simulated-guard.ts";
import { createEther } from "../../../hardware/world/ether.ts";
import { memoryTransmitLog, readTransmitLog } from "../../../hardware/world/transmit-log.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { bootClock, hostClock, trueClock } from "../../../src/sim/host-clock.ts";
import { newLife } from "../../../src/sim/life.ts";
import { newTimeline } from "../../../src/sim/timeline.ts";

const HEARTBEAT_US = 1_000_000;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function onAir() {
  const timeline = newTimeline(settle);
  const log = memoryTransmitLog();
  const ether = createEther(trueClock(timeline), log);
  const boot = bootClock(new Uint8Array(16), 0, 0);
  const life = newLife();
  const clockOf = (each: ReturnType<typeof newLife>): Clock =>
    hostClock({ timeline, boot, life: each, wallErrorUs: () => 0, lateUs: () => 0 });
  const options = { ...SIMULATED_DEFAULTS, emitter: "tx", offLatencyUs: 10_000, heartbeatUs: HEARTBEAT_US };
  const guard = await simulatedGuard(ether, clockOf(newLife()), options);
  const context = { clock: clockOf(life), entropy: { bytes: (n: number) => new Uint8Array(n) }, log: quiet };
  const { radio, drop } = await guard.connect(context);
  const lease = new Uint8Array(32).fill(1);
  const emission = { lowerHz: 433_100_000, upperHz: 433_125_000, eirpCentiDbm: 500, dutyCycles: [] };
  const armed = radio.arm({ lease, cause: new Uint8Array(32).fill(2), deadlineBootUs: 60_000_000, emission });
  await timeline.run(100_000, () => false);
  expect((await armed).on).toBe(true);
  const offUs = (): number | undefined =>
    readTransmitLog(log.text()).entries.find(({ state }) => state === "off")?.bootUs;
  return { timeline, life, drop, guard, offUs };
}

test("a process that ends is silenced at once, though its lease runs on", async () => {
  const { timeline, drop, offUs } = await onAir();
  await timeline.run(2_000_000, () => false);
  expect(offUs()).toBeUndefined();
  drop();
  await timeline.run(2_100_000, () => false);
  expect(offUs()).toBeLessThan(2_050_000);
});

test("a process that hangs is silenced once its heartbeat is stale", async () => {
  const { timeline, life, offUs } = await onAir();
  await timeline.run(2_000_000, () => false);
  life.freeze();
  await timeline.run(4_000_000, () => false);
  expect(offUs()).toBeGreaterThan(2_000_000);
  expect(offUs()).toBeLessThanOrEqual(2_000_000 + HEARTBEAT_US + 50_000);
});

test("a host without power is silent at once", async () => {
  const { timeline, guard, offUs } = await onAir();
  await timeline.run(2_000_000, () => false);
  await guard.close();
  expect(offUs()).toBe(2_000_000);
});
