import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { centiDbDown, centiDbUp } from "../../../src/core/base/decibel.ts";
import { log10 } from "../../../src/core/base/trig.ts";

/** 10^power ≤ ratio^1000, by whole numbers alone. */
function reaches(power: number, numerator: bigint, denominator: bigint): boolean {
  const [a, b] = [numerator ** 1000n, denominator ** 1000n];
  return power >= 0 ? 10n ** BigInt(power) * b <= a : b <= a * 10n ** BigInt(-power);
}

describe("centi-dB of a ratio", () => {
  test("are exact for powers of ten", () => {
    for (let power = 0; power <= 15; power++) {
      expect([centiDbDown(10 ** power, 1), centiDbUp(10 ** power, 1)]).toEqual([1000 * power, 1000 * power]);
      expect(centiDbUp(7, 7 * 10 ** (power % 15)) + 0).toBe(-1000 * (power % 15) + 0);
    }
  });

  test("are rounded to the side that was asked for: 2 is 301.03, 50 is 1698.97", () => {
    expect([centiDbDown(2, 1), centiDbUp(2, 1)]).toEqual([301, 302]);
    expect([centiDbDown(50, 1), centiDbUp(50, 1)]).toEqual([1698, 1699]);
    expect([centiDbDown(1, 2), centiDbUp(1, 2)]).toEqual([-302, -301]);
  });

  test("agree with thousand-fold powers of whole numbers", () => {
    const safe = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.oneof(safe, fc.integer({ min: 1, max: 99 })), safe, (numerator, denominator) => {
        const down = centiDbDown(numerator, denominator);
        expect(reaches(down, BigInt(numerator), BigInt(denominator))).toBe(true);
        expect(reaches(down + 1, BigInt(numerator), BigInt(denominator))).toBe(false);
        expect(centiDbUp(numerator, denominator) - down).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  test("are right on both sides of a step, however near the whole numbers come to it", () => {
    for (let step = 12_500; step < 12_530; step++) {
      const edge = Math.floor(10 ** (step / 1000));
      for (let near = edge - 2; near <= edge + 2; near++) {
        const down = centiDbDown(near, 1);
        expect(reaches(down, BigInt(near), 1n) && !reaches(down + 1, BigInt(near), 1n)).toBe(true);
      }
    }
  });

  test("are a centi-dB apart on both sides of a step that doubles cannot tell from it", () => {
    // The whole numbers about 10^15.5, which none of them is.
    const below = 3_162_277_660_168_379;
    expect([centiDbDown(below, 1), centiDbUp(below, 1)]).toEqual([15_499, 15_500]);
    expect([centiDbDown(below + 1, 1), centiDbUp(below + 1, 1)]).toEqual([15_500, 15_501]);
  });

  test("are decided by doubles for every whole number to a million that is no power of ten", () => {
    let nearest = 1;
    for (let n = 2; n <= 1_000_000; n++) {
      const centiDb = 1000 * log10(n);
      const apart = Math.abs(centiDb - Math.round(centiDb));
      if (apart < nearest && !/^10*$/.test(String(n))) nearest = apart;
    }
    expect(nearest).toBeGreaterThan(1e-8);
  });

  test("are refused for nothing and for fractions", () => {
    expect(() => centiDbUp(0, 1)).toThrow("above zero");
    expect(() => centiDbDown(1, 0.5)).toThrow("above zero");
  });
});
