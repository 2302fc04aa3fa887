import { expect, test } from "vitest";
import { createEther, type EtherEmission } from "../../../hardware/world/ether.ts";
import { memoryTransmitLog, readTransmitLog } from "../../../hardware/world/transmit-log.ts";
import { virtualClock } from "./virtual-clock.ts";

const EMISSION: EtherEmission = {
  lowerHz: 433_050_000,
  upperHz: 433_075_000,
  eirpCentiDbm: -300,
  dutyCycles: [],
  lease: "a".repeat(64),
  cause: "b".repeat(64),
};

function world(): {
  clock: ReturnType<typeof virtualClock>;
  log: ReturnType<typeof memoryTransmitLog>;
  ether: ReturnType<typeof createEther>;
} {
  const clock = virtualClock();
  const log = memoryTransmitLog();
  return { clock, log, ether: createEther(clock, log) };
}

test("an emitter that is fed stays on; one that is not falls silent at the end of its feed period", async () => {
  const { clock, log, ether } = world();
  const link = await ether.attach({ emitter: "tx", feedPeriodUs: 1000 });
  await link.on(EMISSION);
  for (let fed = 0; fed < 5; fed++) {
    await clock.pass(900);
    expect((await link.feed()).on).toEqual(EMISSION);
  }
  await clock.pass(999);
  expect((await link.state()).on).toEqual(EMISSION);
  await clock.pass(1);
  expect((await link.feed()).on).toBeNull();
  const { intervals } = readTransmitLog(log.text());
  expect(intervals).toMatchObject([
    { startBootUs: 1_000_000, endBootUs: 1_005_500, endReason: "feed-timeout" },
  ]);
});

test("an emitter whose device lets go is silent, and free for another device", async () => {
  const { log, ether } = world();
  const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
  await expect(ether.attach({ emitter: "tx", feedPeriodUs: null })).rejects.toMatchObject({
    code: "emitter-attached",
  });
  await link.on(EMISSION);
  expect([...ether.onAir().keys()]).toEqual(["tx"]);
  await link.close("connection-closed");
  expect(ether.onAir().size).toBe(0);
  await expect(link.on(EMISSION)).rejects.toMatchObject({ code: "ether-lost" });
  await (await ether.attach({ emitter: "tx", feedPeriodUs: null })).close("gone");
  expect(readTransmitLog(log.text()).intervals).toMatchObject([{ endReason: "connection-closed" }]);
});

test("another emission of an emitter that is on ends the one before it", async () => {
  const { clock, log, ether } = world();
  const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
  await link.on(EMISSION);
  await clock.pass(10);
  await link.on({ ...EMISSION, eirpCentiDbm: 0 });
  await ether.close();
  const { damage, intervals } = readTransmitLog(log.text());
  expect(damage).toBeNull();
  expect(intervals).toMatchObject([
    { eirpCentiDbm: -300, endBootUs: 1_000_010, endReason: "retuned" },
    { eirpCentiDbm: 0, endReason: "world-closed" },
  ]);
});
