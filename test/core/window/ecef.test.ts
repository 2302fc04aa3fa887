import fc from "fast-check";
import { expect, test } from "vitest";
import { cosineE7, sineE7, TRIG_ERROR } from "../../../src/core/base/trig.ts";
import {
  CHORD_ERROR_MM,
  chordMm,
  ECEF_ERROR_MM,
  type Position,
  toEcef,
} from "../../../src/core/window/ecef.ts";
import { exactChordPmm, exactEcefMm, sineCosine } from "./fixed-point.ts";

const position: fc.Arbitrary<Position> = fc.record({
  latE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
  lonE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
  heightMm: fc.integer({ min: -20_000_000, max: 1_000_000_000 }),
});

/** At most some kilometres away, where the difference of coordinates cancels most digits. */
const near: fc.Arbitrary<readonly [Position, Position]> = fc
  .tuple(position, fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: -9999, max: 9999 }))
  .map(([a, north, east]) => {
    const latE7 = Math.max(-900_000_000, Math.min(900_000_000, a.latE7 + north));
    return [
      a,
      { ...a, latE7, lonE7: Math.max(-1_800_000_000, Math.min(1_800_000_000, a.lonE7 + east)) },
    ] as const;
  });

function coordinates(at: Position): readonly number[] {
  const { xMm, yMm, zMm } = toEcef(at);
  return [xMm, yMm, zMm];
}

test("puts the equator and the pole where WGS 84 has its semi-axes", () => {
  expect(toEcef({ latE7: 0, lonE7: 0, heightMm: 0 })).toEqual({ xMm: 6_378_137_000, yMm: 0, zMm: 0 });
  const pole = toEcef({ latE7: 900_000_000, lonE7: 123, heightMm: 0 });
  expect(pole.zMm).toBeCloseTo(6_356_752_314.245_18, 4);
  expect(Math.abs(pole.xMm) + Math.abs(pole.yMm)).toBeLessThan(ECEF_ERROR_MM);
});

test("gives the example of EPSG guidance note 7-2 to the centimetre of its rounded angles", () => {
  const latE7 = Math.round((53 + 48 / 60 + 33.82 / 3600) * 1e7);
  const lonE7 = Math.round((2 + 7 / 60 + 46.38 / 3600) * 1e7);
  const found = coordinates({ latE7, lonE7, heightMm: 73_000 });
  for (const [i, expected] of [3_771_793_968, 140_253_342, 5_124_304_349].entries()) {
    expect(Math.abs((found[i] as number) - expected)).toBeLessThan(10);
  }
});

test("keeps its error bound against whole numbers of forty digits", () => {
  fc.assert(
    fc.property(position, (at) => {
      const exact = exactEcefMm(at);
      for (const [i, found] of coordinates(at).entries()) {
        expect(Math.abs(found - (exact[i] as number))).toBeLessThan(ECEF_ERROR_MM);
      }
    }),
    { numRuns: 3000 },
  );
});

test("keeps the error bound of sine and cosine against the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: -3_600_000_000, max: 3_600_000_000 }), (angleE7) => {
      const found = [sineE7(angleE7), cosineE7(angleE7)];
      for (const [i, exact] of sineCosine(angleE7).entries()) {
        expect(Math.abs((found[i] as number) - Number(exact) / 1e40)).toBeLessThan(TRIG_ERROR);
      }
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ["anywhere", fc.tuple(position, position) as fc.Arbitrary<readonly [Position, Position]>],
  ["near one another", near],
])("keeps the error bound of chords between places %s", (_, pairs) => {
  fc.assert(
    fc.property(pairs, ([a, b]) => {
      expect(Math.abs(chordMm(a, b) - Number(exactChordPmm(a, b)) / 1e12)).toBeLessThan(CHORD_ERROR_MM);
      expect(chordMm(a, b)).toBe(chordMm(b, a));
    }),
    { numRuns: 2000 },
  );
});

test("measures known straight lines: a height, the axis, the equator's diameter, nothing", () => {
  const origin = { latE7: 0, lonE7: 0, heightMm: 0 };
  expect(chordMm(origin, { ...origin, heightMm: 1234 })).toBe(1234);
  expect(chordMm(origin, { ...origin, lonE7: 1_800_000_000 })).toBeCloseTo(2 * 6_378_137_000, 3);
  const poles = [900_000_000, -900_000_000].map((latE7) => ({ ...origin, latE7 })) as [Position, Position];
  expect(chordMm(...poles)).toBeCloseTo(2 * 6_356_752_314.245_18, 3);
  expect(chordMm(origin, origin)).toBe(0);
});
