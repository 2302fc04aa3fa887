import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cosine,
  cosineE7,
  log10,
  naturalLog,
  RADIANS_MAX,
  sine,
  sineE7,
} from "../../../src/core/base/trig.ts";

const DEGREE = 10_000_000;

describe("sine and cosine of 1e-7 degrees", () => {
  test("are exact at quarter turns and at 0", () => {
    expect([0, 90, 180, 270, 360, -90].map((degrees) => sineE7(degrees * DEGREE))).toEqual([
      0, 1, -0, -1, 0, -1,
    ]);
    expect([0, 90, 180, 270, -180].map((degrees) => cosineE7(degrees * DEGREE))).toEqual([1, -0, -1, 0, -1]);
  });

  test("are within 1e-15 of the true value at angles known by roots", () => {
    const known: readonly (readonly [number, number])[] = [
      [30, 1 / 2],
      [45, Math.SQRT1_2],
      [60, Math.sqrt(3) / 2],
      [18, (Math.sqrt(5) - 1) / 4],
      [15, (Math.sqrt(6) - Math.SQRT2) / 4],
      [405, Math.SQRT1_2],
      [-1050, 1 / 2],
    ];
    for (const [degrees, value] of known) {
      expect(Math.abs(sineE7(degrees * DEGREE) - value)).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(cosineE7((90 - degrees) * DEGREE) - value)).toBeLessThanOrEqual(1e-15);
    }
  });

  test("agree with Math within 2e-15, to which both sides and the conversion to radians contribute", () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_600_000_000, max: 3_600_000_000 }), (angleE7) => {
        const radians = (angleE7 / DEGREE) * (Math.PI / 180);
        expect(Math.abs(sineE7(angleE7) - Math.sin(radians))).toBeLessThanOrEqual(2e-15);
        expect(Math.abs(cosineE7(angleE7) - Math.cos(radians))).toBeLessThanOrEqual(2e-15);
      }),
      { numRuns: 20_000 },
    );
  });

  test("do not lose the angle over many turns", () => {
    expect(sineE7(3_600_000_000 * 1_000_000 + 30 * DEGREE)).toBe(sineE7(30 * DEGREE));
    expect(() => sineE7(0.5)).toThrow("safe integers");
  });
});

describe("sine and cosine of radians", () => {
  test("agree with Math within 1e-15 up to a million radians", () => {
    fc.assert(
      fc.property(fc.double({ min: -RADIANS_MAX, max: RADIANS_MAX, noNaN: true }), (radians) => {
        expect(Math.abs(sine(radians) - Math.sin(radians))).toBeLessThanOrEqual(1e-15);
        expect(Math.abs(cosine(radians) - Math.cos(radians))).toBeLessThanOrEqual(1e-15);
      }),
      { numRuns: 20_000 },
    );
  });

  test("refuse what is beyond the reduction", () => {
    expect(sine(RADIANS_MAX)).toBeCloseTo(Math.sin(RADIANS_MAX), 14);
    expect(() => sine(RADIANS_MAX + 1)).toThrow("RADIANS_MAX");
    expect(() => cosine(Number.NaN)).toThrow("RADIANS_MAX");
  });
});

describe("logarithms", () => {
  test("agree with Math within 1e-15, relative or absolute, over all doubles", () => {
    const positive = fc.oneof(
      fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      fc.integer({ min: 1, max: 1_000_000_000 }),
    );
    fc.assert(
      fc.property(positive, (value) => {
        expect(error(naturalLog(value), Math.log(value))).toBeLessThanOrEqual(1e-15);
        expect(error(log10(value), Math.log10(value))).toBeLessThanOrEqual(1e-15);
      }),
      { numRuns: 20_000 },
    );
  });

  test("are known at 1, at the ends of the doubles and at powers of ten", () => {
    expect(naturalLog(1)).toBe(0);
    expect(error(naturalLog(Number.MIN_VALUE), -744.4400719213812)).toBeLessThanOrEqual(1e-15);
    expect(error(naturalLog(Number.MAX_VALUE), 709.782712893384)).toBeLessThanOrEqual(1e-15);
    for (let power = -300; power <= 300; power += 7) {
      expect(error(log10(Number(`1e${power}`)), power)).toBeLessThanOrEqual(1e-15);
    }
  });

  test("are refused at zero, below, and at infinity", () => {
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => log10(value)).toThrow("above zero");
  });
});

function error(found: number, expected: number): number {
  return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
}
