import { join } from "node:path";
import { describe } from "vitest";
import { bootClock } from "../../hardware/radio/guard/boot-clock.ts";
import { radioDrivers } from "../../hardware/radio/registry.ts";
import { SIMULATED_DEFAULTS } from "../../hardware/radio/simulated-device.ts";
import { simulatedGuard } from "../../hardware/radio/simulated-guard.ts";
import { createEther } from "../../hardware/world/ether.ts";
import { memoryTransmitLog } from "../../hardware/world/transmit-log.ts";
import type { DriverContext, OptionValues } from "../../src/ports/driver.ts";
import { worldOfOne } from "../support/world-of-one.ts";
import { conformsToRadio, type RadioUnderTest } from "./radio.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const context: DriverContext = {
  clock: bootClock(),
  entropy: { bytes: (length) => new Uint8Array(length) },
  log: quiet,
};

/** Where each driver's options and surroundings come from. A driver that is missing here fails its suite. */
const surroundings: Readonly<
  Record<string, () => Promise<{ options: OptionValues; leave(): Promise<void> }>>
> = {
  simulated: async () => ({ options: { emitter: "conformance" }, leave: async () => {} }),
  "guarded-simulated": async () => {
    const world = await worldOfOne();
    const options = {
      socket: join(world.folder, "guard.sock"),
      world: world.address,
      emitter: "conformance",
    };
    return { options, leave: world.leave };
  },
};

describe.each(radioDrivers.map((entry) => ({ id: entry.id, entry })))("radio driver $id", ({ id, entry }) => {
  conformsToRadio(async (): Promise<RadioUnderTest> => {
    const surround = surroundings[id];
    if (surround === undefined) throw new Error(`no surroundings for driver ${id}`);
    const { options, leave } = await surround();
    const open = await entry.load();
    const radio = await open(context, options);
    return { radio, clock: context.clock, leave };
  });
});

describe("the guard of simulated worlds", () => {
  conformsToRadio(async (): Promise<RadioUnderTest> => {
    const { clock } = context;
    const ether = createEther(clock, memoryTransmitLog());
    const options = {
      ...SIMULATED_DEFAULTS,
      emitter: "conformance",
      offLatencyUs: 50_000,
      heartbeatUs: 1_000_000,
    };
    const guard = await simulatedGuard(ether, clock, options);
    const { radio } = await guard.connect(context);
    return { radio, clock, leave: () => guard.close() };
  });
});
