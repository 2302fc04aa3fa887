import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ceilDivide, growth } from "../../../src/core/window/growth.ts";

describe("growth of a bound", () => {
  test("is nothing at once, one unit for the first microsecond, and the rate after a second", () => {
    expect(growth(0, 100)).toBe(0);
    expect(growth(1, 100)).toBe(1);
    expect(growth(1_000_000, 100)).toBe(100);
    expect(growth(1_000_001, 100)).toBe(101);
  });

  test("is the exact product rounded up, for years of uptime", () => {
    fc.assert(
      fc.property(fc.nat(300_000_000), fc.nat(999_999), fc.nat(1_000_000), (seconds, micros, rate) => {
        const elapsed = seconds * 1_000_000 + micros;
        const exact = (BigInt(elapsed) * BigInt(rate) + 999_999n) / 1_000_000n;
        expect(BigInt(growth(elapsed, rate))).toBe(exact);
      }),
    );
  });

  test("refuses to go back in time", () => {
    expect(() => growth(-1, 100)).toThrow(/boot time goes forward/);
    expect(() => growth(1, -1)).toThrow(/rate is not negative/);
    expect(() => growth(1.5, 1)).toThrow();
    expect(() => growth(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toThrow(/2\^53/);
  });

  test("divides exactly where a float's quotient would round onto the integer below", () => {
    expect(ceilDivide(9_007_199_254_740_001, 1000)).toBe(9_007_199_254_741);
    expect(ceilDivide(9_007_199_254_740_000, 1000)).toBe(9_007_199_254_740);
    expect(ceilDivide(0, 7)).toBe(0);
  });
});
