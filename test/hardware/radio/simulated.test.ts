import { beforeEach, expect, test } from "vitest";
import { radioFaults } from "../../../hardware/radio/radio-faults.ts";
import { simulatedRadio } from "../../../hardware/radio/simulated.ts";
import { createEther, type LocalEther } from "../../../hardware/world/ether.ts";
import { memoryTransmitLog, readTransmitLog } from "../../../hardware/world/transmit-log.ts";
import type { Radio, RadioEvent } from "../../../src/ports/radio.ts";
import { settled, type VirtualClock, virtualClock } from "../world/virtual-clock.ts";

const SECOND_US = 1_000_000;

let clock: VirtualClock;
let ether: LocalEther;
let log: ReturnType<typeof memoryTransmitLog>;
let faults: ReturnType<typeof radioFaults>;
let radio: Radio;
let events: RadioEvent[];
let warnings: string[];

beforeEach(async () => {
  clock = virtualClock();
  log = memoryTransmitLog();
  ether = createEther(clock, log);
  faults = radioFaults();
  warnings = [];
  events = [];
  const quiet = { debug() {}, info() {}, warn: (event: string) => void warnings.push(event), error() {} };
  const context = { clock, entropy: { bytes: (length: number) => new Uint8Array(length) }, log: quiet };
  radio = await simulatedRadio({ ether, faults })(context, { emitter: "tx", "power-max": 1000 });
  radio.listen((event) => events.push(event));
});

function order(cause: number, aheadUs = 60 * SECOND_US): Parameters<Radio["arm"]>[0] {
  return {
    lease: new Uint8Array(32).fill(1),
    cause: new Uint8Array(32).fill(cause),
    deadlineBootUs: clock.read().bootUs + aheadUs,
    emission: { lowerHz: 433_050_000, upperHz: 433_075_000, eirpCentiDbm: 1000, dutyCycles: [] },
  };
}

test("claims no deadman: nobody mutes it when its process hangs", () => {
  expect(radio.capabilities).toMatchObject({ deadman: "none", simulated: true });
});

test("is muted on virtual time at the very microsecond of its deadline", async () => {
  await radio.arm(order(1, 5 * SECOND_US));
  await clock.pass(10 * SECOND_US);
  expect(readTransmitLog(log.text()).intervals).toMatchObject([
    { startBootUs: 1_000_000, endBootUs: 6_000_000, endReason: "deadline" },
  ]);
  expect(events).toMatchObject([{ kind: "muted", reason: "deadline", mutedBootUs: 6_000_000 }]);
});

test("slow to mute: the mute resolves when it is silent, says how long it took, and a warning goes out", async () => {
  await radio.arm(order(1));
  faults.set({ slowMuteUs: 2 * SECOND_US });
  const muting = radio.mute();
  await clock.pass(SECOND_US);
  expect(ether.onAir().size).toBe(1);
  await clock.pass(SECOND_US);
  expect(await muting).toMatchObject({ latencyUs: 2 * SECOND_US });
  expect(ether.onAir().size).toBe(0);
  expect(warnings).toEqual(["radio.mute-slower-than-declared"]);
});

test("stuck on: the mute is refused in bounded time, no arm is taken, and it is silent when it comes loose", async () => {
  await radio.arm(order(1));
  faults.set({ stuckOn: true });
  const muting = radio.mute().catch((error: { code: string }) => error.code);
  await clock.pass(10 * SECOND_US);
  expect(await muting).toBe("radio-not-silent");
  expect(events).toMatchObject([{ kind: "lost" }]);
  await expect(radio.arm(order(2))).rejects.toMatchObject({ code: "radio-superseded" });
  expect(ether.onAir().size).toBe(1);
  faults.set({ stuckOn: false });
  await clock.pass(SECOND_US);
  expect(ether.onAir().size).toBe(0);
  expect((await radio.arm(order(3))).on).toBe(true);
});

test("lost: says so, cannot be muted, and is muted as soon as it is found", async () => {
  await radio.arm(order(1));
  faults.set({ lost: true });
  await settled();
  expect(events).toMatchObject([{ kind: "lost", reason: "device lost" }, { kind: "lost" }]);
  faults.set({ lost: false });
  await clock.pass(SECOND_US);
  expect(ether.onAir().size).toBe(0);
  expect(events.slice(2)).toMatchObject([{ kind: "found" }, { kind: "muted", reason: "fault" }]);
});

test("beyond its power it is refused, and stays silent", async () => {
  const loud = order(1);
  const emission = { ...loud.emission, eirpCentiDbm: 1001 };
  await expect(radio.arm({ ...loud, emission })).rejects.toMatchObject({ code: "radio-fault" });
  expect(ether.onAir().size).toBe(0);
});

test("closes silent, twice without harm, and takes nothing after that", async () => {
  await radio.arm(order(1));
  await radio.close();
  await radio.close();
  expect(ether.onAir().size).toBe(0);
  await expect(radio.arm(order(2))).rejects.toMatchObject({ code: "radio-lost" });
});
