/** Simulated transmitters keep their duty cycles, whoever switches them, and however often (PROTOCOL §6). */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newAirtime } from "../../../hardware/world/airtime.ts";
import { createEther, type EtherEmission } from "../../../hardware/world/ether.ts";
import { memoryTransmitLog, readTransmitLog } from "../../../hardware/world/transmit-log.ts";
import { virtualClock } from "./virtual-clock.ts";

const DUTY_CYCLE = {
  lowerHz: 433_000_000,
  upperHz: 434_000_000,
  shareCentiPercent: 1_000,
  windowUs: 60_000_000,
};
const EMISSION: EtherEmission = {
  lowerHz: 433_100_000,
  upperHz: 433_200_000,
  eirpCentiDbm: 0,
  dutyCycles: [DUTY_CYCLE],
  lease: "a".repeat(64),
  cause: "b".repeat(64),
};
const FREE = { ...EMISSION, dutyCycles: [] };
const ELSEWHERE = { ...FREE, lowerHz: 868_000_000, upperHz: 868_100_000 };

type Span = readonly [fromUs: number, untilUs: number];

/** The most that any window of `windowUs` holds: it ends with one of the spans. */
function fullest(spans: readonly Span[], windowUs: number): number {
  const held = spans.map(([, endUs]) =>
    spans.reduce((sum, [from, until]) => {
      const lasted = Math.min(until, endUs) - Math.max(from, endUs - windowUs);
      return sum + Math.max(0, lasted);
    }, 0),
  );
  return Math.max(0, ...held);
}

function world() {
  const clock = virtualClock();
  const log = memoryTransmitLog();
  const ether = createEther(clock, log);
  const spans = (): readonly Span[] =>
    readTransmitLog(log.text())
      .intervals.filter(({ lowerHz }) => lowerHz < DUTY_CYCLE.upperHz)
      .map(({ startBootUs, endBootUs }) => [startBootUs, endBootUs ?? clock.read().bootUs]);
  return { clock, log, ether, spans };
}

describe("a transmitter that is left on", () => {
  test("is on the air at once, pauses by itself, stays switched on, and comes near to its share", async () => {
    const { clock, ether, spans } = world();
    const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
    expect((await link.on(EMISSION)).on).toEqual(EMISSION);
    expect(ether.onAir().size).toBe(1);
    await clock.pass(500_000);
    expect(ether.onAir().size).toBe(0);
    expect((await link.state()).on).toEqual(EMISSION);
    await clock.pass(599_500_000);
    const sentUs = spans().reduce((sum, [from, until]) => sum + until - from, 0);
    expect(sentUs).toBeGreaterThan(50_000_000);
    expect(fullest(spans(), 60_000_000)).toBeLessThanOrEqual(6_000_000);
  });

  test("keeps all of several duty cycles", async () => {
    const { clock, ether, spans } = world();
    const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
    const short = { ...DUTY_CYCLE, shareCentiPercent: 2_000, windowUs: 5_000_000 };
    await link.on({ ...EMISSION, dutyCycles: [DUTY_CYCLE, short] });
    await clock.pass(300_000_000);
    expect(fullest(spans(), 60_000_000)).toBeLessThanOrEqual(6_000_000);
    expect(fullest(spans(), 5_000_000)).toBeLessThanOrEqual(1_000_000);
    expect(spans().length).toBeGreaterThan(20);
  });

  test("is silent for good under a duty cycle that leaves no time for a burst", async () => {
    const { clock, ether, spans } = world();
    const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
    await link.on({
      ...EMISSION,
      dutyCycles: [{ ...DUTY_CYCLE, shareCentiPercent: 1, windowUs: 60_000_000 }],
    });
    await clock.pass(100_000_000);
    expect(spans()).toEqual([]);
  });
});

describe("a window", () => {
  test("counts what was sent without a duty cycle in the same band, and not what was sent in another one", async () => {
    for (const [before, waits] of [
      [FREE, true],
      [ELSEWHERE, false],
    ] as const) {
      const { clock, ether } = world();
      const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
      await link.on(before);
      await clock.pass(7_000_000);
      await link.on(EMISSION);
      expect(ether.onAir().size).toBe(waits ? 0 : 1);
    }
  });

  test("goes on over mutes, and over a device that lets go and attaches anew", async () => {
    const { clock, ether, spans } = world();
    for (let boot = 0; boot < 40; boot++) {
      const link = await ether.attach({ emitter: "tx", feedPeriodUs: null });
      await link.on(EMISSION);
      await clock.pass(2_100_000);
      await link.off("mute");
      await link.on(EMISSION);
      await clock.pass(1_700_000);
      await link.close("host-died");
    }
    expect(fullest(spans(), 60_000_000)).toBeLessThanOrEqual(6_000_000);
    expect(fullest(spans(), 60_000_000)).toBeGreaterThan(5_000_000);
  });

  test("is each transmitter's own", async () => {
    const { clock, ether } = world();
    const one = await ether.attach({ emitter: "one", feedPeriodUs: null });
    await one.on(FREE);
    await clock.pass(60_000_000);
    await one.off("mute");
    const other = await ether.attach({ emitter: "other", feedPeriodUs: null });
    await other.on(EMISSION);
    expect([...ether.onAir().keys()]).toEqual(["other"]);
  });
});

test("a feed that does not come ends bursts and pauses alike", async () => {
  const { clock, log, ether } = world();
  const link = await ether.attach({ emitter: "tx", feedPeriodUs: 1_000_000 });
  await link.on(EMISSION);
  await clock.pass(600_000_000);
  expect((await link.state()).on).toBeNull();
  const { intervals } = readTransmitLog(log.text());
  expect(intervals.map(({ endReason }) => endReason)).toEqual(["duty-cycle", "feed-timeout"]);
});

test("no window holds more than its share, whatever is switched when", () => {
  const step = fc.tuple(fc.integer({ min: 0, max: 9_000_000 }), fc.boolean());
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 100, max: 9_000 }),
      fc.integer({ min: 1_000_000, max: 40_000_000 }),
      (steps, shareCentiPercent, windowUs) => {
        const dutyCycle = { ...DUTY_CYCLE, shareCentiPercent, windowUs };
        const emission = { ...EMISSION, dutyCycles: [dutyCycle] };
        const airtime = newAirtime();
        const sent: Span[] = [];
        let nowUs = 1_000_000;
        for (const [lastsUs, isOn] of steps) {
          const untilUs = nowUs + lastsUs;
          while (isOn && nowUs < untilUs) {
            const burst = airtime.next(emission, nowUs);
            if (burst === null || burst.fromBootUs >= untilUs) break;
            const endUs = Math.min(burst.untilBootUs ?? untilUs, untilUs);
            airtime.note(emission, burst.fromBootUs, endUs);
            sent.push([burst.fromBootUs, endUs]);
            nowUs = endUs;
          }
          nowUs = untilUs;
        }
        expect(fullest(sent, windowUs)).toBeLessThanOrEqual((windowUs * shareCentiPercent) / 10_000);
      },
    ),
    { numRuns: 200 },
  );
});

test("beyond what it keeps apart, the oldest are counted as one, with the pauses between them", () => {
  const airtime = newAirtime();
  const day = { ...DUTY_CYCLE, shareCentiPercent: 525, windowUs: 86_400_000_000 };
  const emission = { ...EMISSION, dutyCycles: [day] };
  for (let i = 0; i < 4_200; i++) airtime.note(EMISSION, i * 2_000_000, i * 2_000_000 + 1_000_000);
  // Of 4,536 s 4,200 s were sent, and a burst of 283.5 s would fit; with the 104 oldest pauses it is 51.5 s too long.
  const burst = airtime.next(emission, 8_400_000_000);
  expect(burst?.untilBootUs).toBe(day.windowUs + 51_500_000);
});
