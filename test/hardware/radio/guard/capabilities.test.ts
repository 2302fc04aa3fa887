/** What a guard may claim for a device (PROTOCOL §6 The guard). */
import { expect, test } from "vitest";
import type { Device } from "../../../../hardware/radio/device.ts";
import { guardCapabilities } from "../../../../hardware/radio/guard/guard-runner.ts";
import { SIMULATED_DEFAULTS, simulatedDevice } from "../../../../hardware/radio/simulated-device.ts";
import { createEther } from "../../../../hardware/world/ether.ts";
import { memoryTransmitLog } from "../../../../hardware/world/transmit-log.ts";
import { virtualClock } from "../../world/virtual-clock.ts";

async function device(feedPeriodUs: number | null): Promise<Device> {
  const clock = virtualClock();
  const ether = createEther(clock, memoryTransmitLog());
  return simulatedDevice(ether, clock, { ...SIMULATED_DEFAULTS, emitter: "tx", feedPeriodUs });
}

test("claims the deadman `guard` only for a device that falls silent by itself, owned by a process of its own", async () => {
  const [silent, deaf] = [await device(500_000), await device(null)];
  expect(guardCapabilities(silent, true).deadman).toBe("guard");
  expect(guardCapabilities(deaf, true).deadman).toBe("none");
  expect(guardCapabilities(silent, false).deadman).toBe("none");
});

test("passes on what the device declares of its spectrum, and declares nothing for one that does not", async () => {
  const bare = await device(500_000);
  expect("spectrum" in guardCapabilities(bare, true)).toBe(false);
  const spectrum = { occupiedHz: 12_500, leakage: [{ offsetHz: 0, centiDbm: -3_600, referenceHz: 100_000 }] };
  const declaring = { ...bare, capabilities: { ...bare.capabilities, spectrum } };
  expect(guardCapabilities(declaring, true).spectrum).toEqual(spectrum);
});
