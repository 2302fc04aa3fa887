import { describe, expect, test } from "vitest";
import { noFaults } from "../../../hardware/gnss/faults.ts";
import { openSimulatedGnss, type ReceiverSpec, simulatedGnss } from "../../../hardware/gnss/simulated.ts";
import { type Space, truePlace, trueUtcUs } from "../../../hardware/world/space.ts";
import type { Gnss, GnssEvent } from "../../../src/ports/gnss.ts";
import { contextOn, fixesOf, type StandingClock, standingClock } from "./context.ts";

const SECOND = 1_000_000;
const EPOCH_US = 1_782_907_200_000_000;
const space: Space = {
  seed: 42,
  epochUtcUs: EPOCH_US,
  bodies: {
    mast: { kind: "fixed", place: { latE7: 525_200_000, lonE7: 134_050_000, heightMm: 34_000 } },
    van: {
      kind: "way-points",
      points: [
        { atBootUs: 0, place: { latE7: 525_200_000, lonE7: 134_050_000, heightMm: 34_000 } },
        { atBootUs: 100 * SECOND, place: { latE7: 525_300_000, lonE7: 134_050_000, heightMm: 34_000 } },
      ],
    },
  },
};

function spec(overrides: Partial<ReceiverSpec> = {}): ReceiverSpec {
  return {
    space,
    body: "mast",
    periodUs: SECOND,
    horizontalErrorMm: 3_000,
    timeErrorUs: 1_000,
    faults: noFaults(),
    ...overrides,
  };
}

type Bench = { clock: StandingClock; gnss: Gnss; events: GnssEvent[]; of: ReceiverSpec };

function bench(overrides: Partial<ReceiverSpec> = {}): Bench {
  const clock = standingClock(500_000, EPOCH_US);
  const of = spec(overrides);
  const gnss = simulatedGnss(contextOn(clock), of);
  const events: GnssEvent[] = [];
  gnss.listen((event) => events.push(event));
  return { clock, gnss, events, of };
}

describe("a simulated receiver", () => {
  test("gives a fix at each multiple of its period, marked simulated", () => {
    const { clock, events } = bench();
    clock.moveTo(3 * SECOND);
    expect(events.map((event) => event.kind)).toEqual(["found", "fix", "fix", "fix"]);
    expect(fixesOf(events).map((fix) => fix.receivedBootUs)).toEqual([SECOND, 2 * SECOND, 3 * SECOND]);
    for (const fix of fixesOf(events)) {
      expect(fix).toMatchObject({
        source: "simulated",
        mode: 3,
        horizontalErrorMm: 3_000,
        timeErrorUs: 1_000,
      });
    }
  });

  test("drifts away second by second from when the drift begins, and says nothing of it", () => {
    const drifting = { sinceUs: 10 * SECOND, northMmPerS: 20_000, eastMmPerS: 0, timeUsPerS: -50_000 };
    const [still, astray] = [bench(), bench({ faults: { ...noFaults(), drift: drifting } })];
    for (const each of [still, astray]) each.clock.moveTo(30 * SECOND);
    const [right, wrong] = [fixesOf(still.events), fixesOf(astray.events)];
    expect(wrong.slice(0, 10)).toEqual(right.slice(0, 10));
    for (const [i, fix] of wrong.entries()) {
      const walkedS = Math.max(0, i + 1 - 10);
      const [was, northMm] = [right[i], ((fix.latE7 ?? 0) - (right[i]?.latE7 ?? 0)) * 11.132];
      expect(Math.abs(northMm - walkedS * 20_000)).toBeLessThan(walkedS * 200 + 20);
      expect([fix.lonE7, fix.mode, fix.interference]).toEqual([was?.lonE7, 3, ""]);
      expect(fix.timeUs).toBe((was?.timeUs ?? 0) - walkedS * 50_000);
    }
  });

  test("errs about as much as it says, in place and time", () => {
    const { clock, events } = bench();
    clock.moveTo(2_000 * SECOND);
    const truth = truePlace(space, "mast", 0);
    const fixes = fixesOf(events);
    const share = (holds: (fix: (typeof fixes)[number]) => boolean): number =>
      fixes.filter(holds).length / fixes.length;
    const placed = share((fix) => {
      const northMm = ((fix.latE7 ?? 0) - truth.latE7) * 11.132;
      const eastMm = ((fix.lonE7 ?? 0) - truth.lonE7) * 11.132 * Math.cos((52.52 * Math.PI) / 180);
      return Math.hypot(northMm, eastMm) <= 3_000;
    });
    const timed = share((fix) => Math.abs((fix.timeUs ?? 0) - trueUtcUs(space, fix.receivedBootUs)) <= 1_000);
    for (const part of [placed, timed]) {
      expect(part).toBeGreaterThan(0.93);
      expect(part).toBeLessThan(0.97);
    }
  });

  test("says the same with the same seed, something else with another", () => {
    const run = (overrides: Partial<ReceiverSpec>): readonly GnssEvent[] => {
      const { clock, events } = bench(overrides);
      clock.moveTo(20 * SECOND);
      return events;
    };
    expect(run({})).toEqual(run({}));
    expect(run({ space: { ...space, seed: 43 } })).not.toEqual(run({}));
  });

  test("says the same at an instant whenever it was opened", () => {
    const { clock, events } = bench();
    clock.moveTo(10 * SECOND);
    const late = standingClock(9_900_000, EPOCH_US);
    const lateEvents: GnssEvent[] = [];
    simulatedGnss(contextOn(late), spec()).listen((event) => lateEvents.push(event));
    late.moveTo(10 * SECOND);
    expect(fixesOf(lateEvents)).toEqual(fixesOf(events).slice(-1));
  });

  test("follows its body", () => {
    const { clock, events } = bench({ body: "van", horizontalErrorMm: 0 });
    clock.moveTo(50 * SECOND);
    expect(fixesOf(events).at(-1)?.latE7).toBe(525_250_000);
  });

  test("is exact without errors", () => {
    const { clock, events } = bench({ horizontalErrorMm: 0, timeErrorUs: 0 });
    clock.moveTo(SECOND);
    expect(fixesOf(events)[0]).toMatchObject({
      ...truePlace(space, "mast", SECOND),
      timeUs: EPOCH_US + SECOND,
      horizontalErrorMm: 0,
      timeErrorUs: 0,
    });
  });

  test("delivers late what was of its instant, and skips what it slept through", () => {
    const { clock, events } = bench({ timeErrorUs: 0 });
    clock.sleepTo(5_300_000);
    clock.moveTo(6 * SECOND);
    expect(fixesOf(events).map((fix) => [fix.receivedBootUs, (fix.timeUs ?? 0) - EPOCH_US])).toEqual([
      [5_300_000, SECOND],
      [6 * SECOND, 6 * SECOND],
    ]);
  });

  test("waits on nothing before it is listened to and after it is closed", async () => {
    const clock = standingClock(0, 0);
    const gnss = simulatedGnss(contextOn(clock), spec());
    expect(clock.waiting()).toBe(0);
    gnss.listen(() => undefined);
    expect(clock.waiting()).toBe(1);
    await gnss.close();
    expect(clock.waiting()).toBe(0);
  });
});

describe("faults of a simulated receiver", () => {
  test("an outage leaves fixes without time and place, and ends", () => {
    const { clock, events, of } = bench();
    of.faults.outage = true;
    clock.moveTo(SECOND);
    of.faults.outage = false;
    clock.moveTo(2 * SECOND);
    const [blocked, back] = fixesOf(events);
    expect(blocked).toMatchObject({
      mode: 1,
      timeUs: null,
      latE7: null,
      horizontalErrorMm: null,
      interference: "",
    });
    expect(back?.mode).toBe(3);
  });

  test("jamming is an outage that the receiver names", () => {
    const { clock, events, of } = bench();
    of.faults.jammed = true;
    clock.moveTo(SECOND);
    expect(fixesOf(events)[0]).toMatchObject({ mode: 1, timeUs: null, interference: "jamming" });
  });

  test("a spoofer moves place and time; the receiver notices or not", () => {
    for (const detected of [false, true]) {
      const { clock, events, of } = bench({ horizontalErrorMm: 0, timeErrorUs: 0 });
      of.faults.spoof = { northMm: 11_132_000, eastMm: 0, upMm: 7, timeUs: -3 * SECOND, detected };
      clock.moveTo(SECOND);
      expect(fixesOf(events)[0]).toMatchObject({
        mode: 3,
        latE7: 526_200_000,
        heightMm: 34_007,
        timeUs: EPOCH_US - 2 * SECOND,
        interference: detected ? "spoofing" : "",
      });
    }
  });

  test("unplugging is a loss, once, and plugging in is a find", () => {
    const { clock, events, of } = bench();
    clock.moveTo(SECOND);
    of.faults.disconnected = true;
    clock.moveTo(3 * SECOND);
    of.faults.disconnected = false;
    clock.moveTo(4 * SECOND);
    expect(events.map((event) => event.kind)).toEqual(["found", "fix", "lost", "found", "fix"]);
  });

  test("a leap second can be announced", () => {
    const { clock, events, of } = bench();
    of.faults.leapPending = true;
    clock.moveTo(SECOND);
    expect(fixesOf(events)[0]?.leapPending).toBe(true);
  });
});

describe("a simulated receiver opened from a profile", () => {
  const options = { latitude: 525_200_000, longitude: 134_050_000 };

  test("stands where the profile says, on the host's time", async () => {
    const clock = standingClock(500_000, EPOCH_US);
    const gnss = await openSimulatedGnss(contextOn(clock), { ...options, height: 34_000, "time-error": 0 });
    const events: GnssEvent[] = [];
    gnss.listen((event) => events.push(event));
    clock.moveTo(SECOND);
    const [fix] = fixesOf(events);
    expect(fix?.timeUs).toBe(EPOCH_US + SECOND);
    expect(Math.abs((fix?.latE7 ?? 0) - 525_200_000)).toBeLessThan(2_000);
  });

  test("refuses options that are missing, of another type or out of range, by name", async () => {
    for (const bad of [
      {},
      { latitude: 0 },
      { ...options, latitude: 900_000_001 },
      { ...options, longitude: "13" },
      { ...options, period: 0 },
      { ...options, seed: 0.5 },
    ]) {
      await expect(openSimulatedGnss(contextOn(standingClock(0, 0)), bad)).rejects.toMatchObject({
        code: "gnss-option-invalid",
        retryable: false,
      });
    }
  });
});
