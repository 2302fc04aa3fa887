import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { insideHalfOpen, temporalWindow, worstSkewUs } from "../../../src/core/window/temporal.ts";

const around = (centreUs: number, errorUs: number) => ({
  earliestUs: centreUs - errorUs,
  latestUs: centreUs + errorUs,
});

describe("the temporal window", () => {
  test("admits a pair exactly at the window and refuses one µs more, with both numbers", () => {
    const a = around(1_000_000, 1000);
    const b = around(2_000_000, 500);
    expect(temporalWindow(a, b, 1_001_500)).toMatchObject({ passed: true, measured: { skewUs: 1_001_500 } });
    expect(temporalWindow(a, b, 1_001_499)).toEqual({
      code: "outside-temporal-window",
      field: "time",
      passed: false,
      otherwise: "refuse",
      measured: { skewUs: 1_001_500, leastWidthUs: 1000 },
      required: { skewUsMax: 1_001_499, leastWidthUsMin: 0 },
    });
    expect(temporalWindow(b, a, 1_001_500).measured).toEqual(temporalWindow(a, b, 1_001_500).measured);
  });

  test("counts the error of equal times", () => {
    expect(worstSkewUs(around(5000, 20), around(5000, 30))).toBe(50);
    expect(worstSkewUs(around(5000, 0), around(5000, 0))).toBe(0);
  });

  test("refuses an interval that ends before it begins, however near", () => {
    expect(temporalWindow({ earliestUs: 11, latestUs: 10 }, around(10, 0), 1000).passed).toBe(false);
    expect(temporalWindow(around(10, 0), { earliestUs: 11, latestUs: 10 }, 1000).passed).toBe(false);
  });

  test("is the greatest difference over all instants of both", () => {
    const small = fc
      .tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }))
      .map(([from, width]) => ({ earliestUs: from, latestUs: from + width }));
    fc.assert(
      fc.property(small, small, (a, b) => {
        let worst = 0;
        for (let i = a.earliestUs; i <= a.latestUs; i++) {
          for (let j = b.earliestUs; j <= b.latestUs; j++) worst = Math.max(worst, Math.abs(i - j));
        }
        expect(worstSkewUs(a, b)).toBe(worst);
      }),
    );
  });
});

describe("an interval inside [from, until)", () => {
  test("may begin at the start, and ends before the end", () => {
    expect(insideHalfOpen({ earliestUs: 10, latestUs: 19 }, 10, 20)).toBe(true);
    expect(insideHalfOpen({ earliestUs: 10, latestUs: 10 }, 10, 20)).toBe(true);
    expect(insideHalfOpen({ earliestUs: 9, latestUs: 19 }, 10, 20)).toBe(false);
    expect(insideHalfOpen({ earliestUs: 10, latestUs: 20 }, 10, 20)).toBe(false);
    expect(insideHalfOpen({ earliestUs: 12, latestUs: 11 }, 10, 20)).toBe(false);
    expect(insideHalfOpen({ earliestUs: 10, latestUs: 10 }, 10, 10)).toBe(false);
  });
});
