import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  admitFix,
  TIME_ERROR_MAX_US,
  TIME_RULES_DEFAULT,
  type TimeAdmission,
  type TimeFix,
  type TimeRules,
  type TimeState,
  timeAt,
} from "../../../src/core/window/assured-time.ts";
import type { GnssFix } from "../../../src/ports/gnss.ts";

/** 2026-07-01T12:00:00Z: noon, far from any midnight. */
const NOON_US = 1_782_907_200_000_000;
const SECOND = 1_000_000;
const MIDNIGHT_US = NOON_US + 43_200 * SECOND;
const BOOT_US = 500 * SECOND;

const rules: TimeRules = { ...TIME_RULES_DEFAULT, kPermille: 3_000, driftPpm: 50 };

function fixAt(overrides: Partial<TimeFix>): TimeFix {
  return {
    source: "gnss",
    mode: 3,
    receivedBootUs: BOOT_US,
    timeUs: NOON_US,
    timeErrorUs: 1_000,
    pps: false,
    leapPending: false,
    interference: "",
    ...overrides,
  };
}

function admit(state: TimeState | null, overrides: Partial<TimeFix>, by: TimeRules = rules): TimeAdmission {
  const fix = fixAt(overrides);
  return admitFix(state, fix, fix.timeUs ?? 0, by);
}

/** The state after a fix that must be accepted without a finding. */
function stateAfter(overrides: Partial<TimeFix>, by: TimeRules = rules): TimeState {
  const { state, accepted, findings } = admit(null, overrides, by);
  expect(findings).toEqual([]);
  expect(accepted).toBe(true);
  if (state === null) throw new Error("an accepted fix gives a state");
  return state;
}

function halfWidth(state: TimeState, bootUs: number): number {
  const { earliestUs, latestUs } = timeAt(state, bootUs, rules);
  return (latestUs - earliestUs) / 2;
}

describe("the clock bound", () => {
  test("is k times the receiver's estimate plus 500 ms of transport", () => {
    expect(timeAt(stateAfter({}), BOOT_US, rules)).toEqual({
      earliestUs: NOON_US - 503_000,
      latestUs: NOON_US + 503_000,
      level: "gnss",
      ageUs: 0,
    });
  });

  test("has 1 ms of transport with a pulse per second", () => {
    expect(stateAfter({ pps: true }).boundUs).toBe(3_000 + 1_000);
  });

  test("rounds the multiplied estimate up", () => {
    expect(stateAfter({ timeErrorUs: 1, pps: true }, { ...rules, kPermille: 1_001 }).boundUs).toBe(2 + 1_000);
  });

  test("takes policy's assumption where the receiver gives no estimate", () => {
    expect(stateAfter({ timeErrorUs: null }).boundUs).toBe(500_000);
    const assuming = { ...rules, unestimatedErrorUs: 2_000 };
    expect(stateAfter({ timeErrorUs: null }, assuming).boundUs).toBe(506_000);
  });

  test("grows by the declared drift, rounded outwards", () => {
    const state = stateAfter({});
    expect(halfWidth(state, BOOT_US + 1)).toBe(503_001);
    expect(halfWidth(state, BOOT_US + 100 * SECOND)).toBe(503_000 + 5_000);
    expect(timeAt(state, BOOT_US + 100 * SECOND, rules).ageUs).toBe(100 * SECOND);
  });

  test("holds true time for every drift within the declared one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -50, max: 50 }),
        fc.integer({ min: -500_000, max: 500_000 }),
        fc.nat(86_400 * 30),
        (ppm, errorUs, seconds) => {
          const state = stateAfter({ timeUs: NOON_US + errorUs });
          const { earliestUs, latestUs } = timeAt(state, BOOT_US + seconds * SECOND, rules);
          const trueUs = NOON_US + seconds * (SECOND + ppm);
          expect(earliestUs).toBeLessThanOrEqual(trueUs);
          expect(latestUs).toBeGreaterThanOrEqual(trueUs);
        },
      ),
    );
  });

  test("never shrinks while no fix comes", () => {
    fc.assert(
      fc.property(fc.nat(1e12), fc.nat(1e9), fc.boolean(), (elapsed, more, leapPending) => {
        const state = stateAfter({ leapPending });
        expect(halfWidth(state, BOOT_US + elapsed + more)).toBeGreaterThanOrEqual(
          halfWidth(state, BOOT_US + elapsed),
        );
      }),
    );
  });
});

describe("an announced leap second", () => {
  test("widens by 1 s from the second before the end of the day on", () => {
    const state = stateAfter({ leapPending: true });
    const toMidnight = MIDNIGHT_US - NOON_US;
    const bound = halfWidth({ ...state, leapPending: false }, BOOT_US + toMidnight);
    expect(halfWidth(state, BOOT_US + toMidnight)).toBe(bound + SECOND);
    expect(halfWidth(state, BOOT_US + toMidnight + 3_600 * SECOND)).toBe(bound + 50 * 3_600 + SECOND);
  });

  test("leaves the rest of the day alone", () => {
    const state = stateAfter({ leapPending: true });
    expect(halfWidth(state, BOOT_US)).toBe(503_000);
    expect(halfWidth(state, BOOT_US + 40_000 * SECOND)).toBe(503_000 + 40_000 * 50);
  });

  test("begins exactly where the latest edge reaches 23:59:59", () => {
    const at = (timeUs: number): number => halfWidth(stateAfter({ leapPending: true, timeUs }), BOOT_US);
    const edge = MIDNIGHT_US - SECOND - 503_000;
    expect(at(edge - 1)).toBe(503_000);
    expect(at(edge)).toBe(503_000 + SECOND);
  });

  test("still widens a fix in the first second of the next day, which may be the leap second itself", () => {
    const at = (timeUs: number): number => halfWidth(stateAfter({ leapPending: true, timeUs }), BOOT_US);
    expect(at(MIDNIGHT_US + 300_000)).toBe(503_000 + SECOND);
    expect(at(MIDNIGHT_US + SECOND + 503_000)).toBe(503_000);
  });

  test("makes no time-fault of the second that POSIX time repeats", () => {
    const before = stateAfter({ leapPending: true, timeUs: MIDNIGHT_US - 200_000, pps: true });
    const { findings } = admit(before, {
      receivedBootUs: BOOT_US + SECOND,
      timeUs: MIDNIGHT_US - 200_000,
      pps: true,
    });
    expect(findings).toEqual([]);
  });
});

describe("a fix is refused", () => {
  const before = stateAfter({});
  const refusal = (overrides: Partial<TimeFix>): readonly unknown[] => {
    const { state, accepted, findings } = admit(before, { receivedBootUs: BOOT_US + SECOND, ...overrides });
    expect(state).toBe(before);
    expect(accepted).toBe(false);
    return findings;
  };

  test("without a mode of at least 2 or without a time", () => {
    expect(refusal({ mode: 1 })).toMatchObject([{ code: "no-fix", measured: { mode: 1, time: true } }]);
    expect(refusal({ mode: 0, timeUs: null })).toMatchObject([{ code: "no-fix", required: { modeMin: 2 } }]);
    expect(refusal({ timeUs: null })).toMatchObject([{ code: "no-fix", measured: { mode: 3, time: false } }]);
  });

  test("when the receiver says that it is spoofed, but not for jamming that it withstood", () => {
    expect(refusal({ interference: "spoofing" })).toMatchObject([{ code: "gnss-spoofing" }]);
    const jammed = {
      receivedBootUs: BOOT_US + SECOND,
      timeUs: NOON_US + SECOND,
      interference: "jamming",
    } as const;
    expect(admit(before, jammed).accepted).toBe(true);
  });

  test("when its estimate is a day or more, and says both", () => {
    expect(refusal({ timeErrorUs: TIME_ERROR_MAX_US + 1 })).toMatchObject([
      { code: "time-error-excessive", measured: { timeErrorUs: 86_400_000_000 } },
    ]);
    const at = { receivedBootUs: BOOT_US + SECOND, timeErrorUs: TIME_ERROR_MAX_US };
    expect(admit(before, at, { ...rules, kPermille: 100_000 }).accepted).toBe(true);
  });

  test("when the wall clock contradicts it, as after a GPS week rollover", () => {
    const rollover = NOON_US + 1024 * 7 * 86_400 * SECOND;
    expect(admitFix(before, fixAt({ timeUs: rollover }), NOON_US, rules)).toEqual({
      state: before,
      accepted: false,
      findings: [
        {
          code: "implausible-time",
          field: "timeUs",
          measured: { fixUs: rollover, wallUs: NOON_US },
          required: { toleranceUs: 60 * SECOND },
        },
      ],
    });
  });

  test("one microsecond beyond the tolerance on either side, and not at it", () => {
    for (const sign of [-1, 1]) {
      const fix = fixAt({});
      expect(admitFix(null, fix, NOON_US + sign * 60 * SECOND, rules).accepted).toBe(true);
      expect(admitFix(null, fix, NOON_US + sign * (60 * SECOND + 1), rules).accepted).toBe(false);
    }
  });

  test("not by the wall clock where policy does not ask it", () => {
    expect(admitFix(null, fixAt({}), 0, { ...rules, checkAgainstWall: false }).accepted).toBe(true);
  });

  test("with all its reasons at once", () => {
    const fix = fixAt({ interference: "spoofing", timeErrorUs: TIME_ERROR_MAX_US + 1 });
    expect(admitFix(null, fix, 0, rules).findings.map(({ code }) => code)).toEqual([
      "gnss-spoofing",
      "time-error-excessive",
      "implausible-time",
    ]);
  });
});

describe("backward time", () => {
  const before = stateAfter({});

  test("beyond the bounds gives a time-fault that names both times, and is accepted all the same", () => {
    const back = { receivedBootUs: BOOT_US + 10 * SECOND, timeUs: NOON_US + 5 * SECOND };
    const { state, accepted, findings } = admit(before, back);
    expect(accepted).toBe(true);
    expect(state).toMatchObject({ utcUs: NOON_US + 5 * SECOND, anchorBootUs: BOOT_US + 10 * SECOND });
    expect(findings).toEqual([
      {
        code: "time-fault",
        field: "timeUs",
        measured: { fixUs: NOON_US + 5 * SECOND, fixLatestUs: NOON_US + 5 * SECOND + 503_000 },
        required: {
          expectedUs: NOON_US + 10 * SECOND,
          expectedEarliestUs: NOON_US + 10 * SECOND - 503_000 - 500,
        },
      },
    ]);
  });

  test("begins one microsecond beyond the sum of both bounds", () => {
    const faults = (timeUs: number): number =>
      admit(before, { receivedBootUs: BOOT_US + 10 * SECOND, timeUs }).findings.length;
    const touching = NOON_US + 10 * SECOND - 2 * 503_000 - 500;
    expect(faults(touching)).toBe(0);
    expect(faults(touching - 1)).toBe(1);
  });

  test("is not what a jump forward is", () => {
    expect(admit(before, { timeUs: NOON_US + 3_600 * SECOND }).findings).toEqual([]);
  });

  test("is not looked for between a replay and the sky", () => {
    const replayed = stateAfter({ source: "replay" });
    const { state, findings } = admit(replayed, { timeUs: NOON_US - 86_400 * SECOND });
    expect(findings).toEqual([]);
    expect(state).toMatchObject({ level: "gnss", utcUs: NOON_US - 86_400 * SECOND });
  });
});

describe("a replay", () => {
  const first = stateAfter({ source: "replay" });

  test("fixes its offset at the first fix and runs by the boot clock from there", () => {
    // The log plays fifty times as fast as it was recorded.
    const { state, findings } = admit(first, {
      source: "replay",
      receivedBootUs: BOOT_US + SECOND,
      timeUs: NOON_US + 50 * SECOND,
    });
    expect(findings).toEqual([]);
    expect(state).toEqual({
      utcUs: NOON_US + SECOND,
      anchorBootUs: BOOT_US + SECOND,
      boundUs: 503_000,
      level: "replay",
      leapPending: false,
      lastFixUs: NOON_US + 50 * SECOND,
    });
  });

  test("names a looped log, and time goes on", () => {
    const played = admit(first, {
      source: "replay",
      receivedBootUs: BOOT_US + SECOND,
      timeUs: NOON_US + 50 * SECOND,
    }).state;
    const { state, accepted, findings } = admit(played, {
      source: "replay",
      receivedBootUs: BOOT_US + 2 * SECOND,
      timeUs: NOON_US,
    });
    expect(accepted).toBe(true);
    expect(findings).toMatchObject([
      { code: "replay-rewind", measured: { fixUs: NOON_US, beforeUs: NOON_US + 50 * SECOND } },
    ]);
    expect(state).toMatchObject({ utcUs: NOON_US + 2 * SECOND, lastFixUs: NOON_US });
  });

  test("is monotonic whatever the log says", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(1e7), fc.integer({ min: -1e9, max: 1e9 })), { maxLength: 30 }),
        (steps) => {
          let state = first;
          let bootUs = BOOT_US;
          for (const [elapsed, offset] of steps) {
            bootUs += elapsed;
            const fix = { source: "replay", receivedBootUs: bootUs, timeUs: NOON_US + offset } as const;
            state = admit(state, fix).state ?? state;
            expect(state.utcUs - state.anchorBootUs).toBe(NOON_US - BOOT_US);
          }
        },
      ),
    );
  });

  test("starts anew after the sky was heard", () => {
    const { state } = admit(stateAfter({}), { source: "replay", timeUs: NOON_US - 1e12 });
    expect(state).toMatchObject({ level: "replay", utcUs: NOON_US - 1e12 });
  });
});

describe("assured time", () => {
  test("keeps the level that the driver could justify", () => {
    for (const source of ["gnss", "gnss-authenticated", "simulated", "replay"] as const) {
      expect(timeAt(stateAfter({ source }), BOOT_US, rules).level).toBe(source);
    }
  });

  test("takes the fixes of the port as they are", () => {
    const fix: GnssFix = {
      ...fixAt({}),
      latE7: 0,
      lonE7: 0,
      heightMm: 0,
      horizontalErrorMm: 0,
      verticalErrorMm: 0,
      satellitesUsed: 4,
    };
    expect(admitFix(null, fix, NOON_US, rules).accepted).toBe(true);
  });

  test("asserts what its callers promise", () => {
    const state = stateAfter({});
    expect(() => timeAt(state, BOOT_US - 1, rules)).toThrow(/boot time goes forward/);
    expect(() => admit(state, { receivedBootUs: BOOT_US - 1 })).toThrow(/in order/);
    expect(() => admit(null, { timeUs: 0.5 })).toThrow(/safe integers/);
    expect(() => admitFix(null, fixAt({}), Number.NaN, rules)).toThrow(/safe integers/);
    expect(() => timeAt(state, Number.MAX_SAFE_INTEGER, rules)).toThrow(/2\^53/);
    for (const bad of [
      { kPermille: -1 },
      { kPermille: 1.5 },
      { unestimatedErrorUs: 1e12 },
      { driftPpm: -1 },
    ]) {
      expect(() => admit(null, {}, { ...rules, ...bad })).toThrow(/policy's schema/);
    }
  });
});
