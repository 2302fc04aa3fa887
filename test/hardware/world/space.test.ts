import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawError, movePlace, type Space, truePlace, trueUtcUs } from "../../../hardware/world/space.ts";
import { placeOnTrack, type Track } from "../../../hardware/world/track.ts";

const HERE = { latE7: 525_200_000, lonE7: 134_050_000, heightMm: 34_000 };
const space: Space = {
  seed: 7,
  epochUtcUs: 1_782_907_200_000_000,
  bodies: { mast: { kind: "fixed", place: HERE } },
};

describe("the seeded space", () => {
  test("has one true UTC for all", () => {
    expect(trueUtcUs(space, 1_500_000)).toBe(1_782_907_201_500_000);
  });

  test("knows its bodies, and asserts that it is asked for no other", () => {
    expect(truePlace(space, "mast", 0)).toEqual(HERE);
    expect(() => truePlace(space, "toString", 0)).toThrow(/bodies/);
  });

  test("draws the same error for the same key on every engine", () => {
    const draw = (index: number): number =>
      drawError(space, { body: "mast", channel: "north", index }, 1_000_000);
    // Written down once: a change of these numbers changes every committed seed.
    expect([0, 1, 2, 3].map(draw)).toEqual([-565_124, -2_612_808, 451_110, -194_763]);
    expect(draw(2)).toBe(draw(2));
  });

  test("draws independent errors for another seed, body, channel or index", () => {
    const key = { body: "mast", channel: "north", index: 5 };
    const drawn = [
      drawError(space, key, 1e6),
      drawError({ ...space, seed: 8 }, key, 1e6),
      drawError(space, { ...key, body: "van" }, 1e6),
      drawError(space, { ...key, channel: "east" }, 1e6),
      drawError(space, { ...key, index: 6 }, 1e6),
    ];
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test("draws errors with the shape of the bell: centred, 95 % within 1.96 sigma, none beyond 6", () => {
    const drawn = Array.from({ length: 20_000 }, (_, index) =>
      drawError(space, { body: "mast", channel: "up", index }, 1_000_000),
    );
    const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length;
    const variance = drawn.reduce((sum, one) => sum + one * one, 0) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(30_000);
    expect(Math.sqrt(variance) / 1_000_000).toBeCloseTo(1, 1);
    const within = drawn.filter((one) => Math.abs(one) <= 1_960_000).length / drawn.length;
    expect(within).toBeGreaterThan(0.94);
    expect(within).toBeLessThan(0.96);
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThan(6_000_000);
  });

  test("draws integers, never -0, and nothing without a sigma", () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(), (sigma, index) => {
        const error = drawError(space, { body: "b", channel: "c", index }, sigma);
        expect(Number.isSafeInteger(error) && !Object.is(error, -0)).toBe(true);
        if (sigma === 0) expect(error).toBe(0);
      }),
    );
  });
});

describe("a moved place", () => {
  test("is as far away as it was moved, within half a percent", () => {
    expect(movePlace(HERE, 11_132_000, 0, 5)).toEqual({
      ...HERE,
      latE7: HERE.latE7 + 1_000_000,
      heightMm: 34_005,
    });
    const east = movePlace(HERE, 0, 1_000_000, 0).lonE7 - HERE.lonE7;
    const exact = 1_000_000 / (11.132 * Math.cos((52.52 * Math.PI) / 180));
    expect(Math.abs(east / exact - 1)).toBeLessThan(0.005);
  });

  test("stays on the globe at the poles and at the antimeridian", () => {
    expect(movePlace({ latE7: 900_000_000, lonE7: 0, heightMm: 0 }, 1_000, 0, 0).latE7).toBe(900_000_000);
    const wrapped = movePlace({ latE7: 0, lonE7: 1_800_000_000, heightMm: 0 }, 0, 11_132, 0).lonE7;
    expect(wrapped).toBe(-1_799_999_000);
    expect(movePlace({ latE7: 0, lonE7: -1_800_000_000, heightMm: 0 }, 0, -11_132, 0).lonE7).toBe(
      1_799_999_000,
    );
  });

  test("is whole numbers on the globe from anywhere", () => {
    const place = fc.record({
      latE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
      lonE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
      heightMm: fc.integer({ min: -1_000, max: 1_000 }),
    });
    const offset = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(place, offset, offset, (from, north, east) => {
        const { latE7, lonE7 } = movePlace(from, north, east, 0);
        for (const value of [latE7, lonE7])
          expect(Number.isSafeInteger(value) && !Object.is(value, -0)).toBe(true);
        expect(Math.abs(latE7)).toBeLessThanOrEqual(900_000_000);
        expect(Math.abs(lonE7)).toBeLessThanOrEqual(1_800_000_000);
      }),
    );
  });
});

describe("a track", () => {
  const to = { latE7: 525_300_000, lonE7: 134_040_000, heightMm: 35_000 };
  const track: Track = {
    kind: "way-points",
    points: [
      { atBootUs: 1_000_000, place: HERE },
      { atBootUs: 11_000_000, place: to },
    ],
  };

  test("stands still before its first way-point and after its last", () => {
    expect(placeOnTrack(track, 0)).toEqual(HERE);
    expect(placeOnTrack(track, 1_000_000)).toEqual(HERE);
    expect(placeOnTrack(track, 11_000_000)).toEqual(to);
    expect(placeOnTrack(track, 1e15)).toEqual(to);
  });

  test("goes straight between them", () => {
    expect(placeOnTrack(track, 6_000_000)).toEqual({
      latE7: 525_250_000,
      lonE7: 134_045_000,
      heightMm: 34_500,
    });
  });

  test("is exact over years and half the globe", () => {
    const year = 31_536_000_000_000;
    const far: Track = {
      kind: "way-points",
      points: [
        { atBootUs: 0, place: { latE7: -900_000_000, lonE7: -1_800_000_000, heightMm: 0 } },
        { atBootUs: year, place: { latE7: 900_000_000, lonE7: 1_800_000_000, heightMm: 2 } },
      ],
    };
    expect(placeOnTrack(far, year / 2)).toEqual({ latE7: 0, lonE7: 0, heightMm: 1 });
    expect(placeOnTrack(far, year / 2 + 1)).toEqual({ latE7: 0, lonE7: 0, heightMm: 1 });
  });

  test("may jump: two way-points at one instant, the later one holds from then on", () => {
    const points = [
      ...(track.kind === "way-points" ? track.points : []),
      { atBootUs: 11_000_000, place: HERE },
    ];
    const jumping: Track = { kind: "way-points", points };
    expect(placeOnTrack(jumping, 11_000_000)).toEqual(HERE);
    expect(placeOnTrack(jumping, 6_000_000).latE7).toBe(525_250_000);
  });

  test("asserts an order of time and a first way-point", () => {
    expect(() => placeOnTrack({ kind: "way-points", points: [] }, 0)).toThrow(/at least one/);
    const points = track.kind === "way-points" ? [...track.points].reverse() : [];
    expect(() => placeOnTrack({ kind: "way-points", points }, 20_000_000)).toThrow(/order of time/);
  });
});
