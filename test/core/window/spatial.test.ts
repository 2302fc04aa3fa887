import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Place, placeBounds, placeInsideArea, spatialWindow } from "../../../src/core/window/spatial.ts";
import { exactChordPmm } from "./fixed-point.ts";

const munich: Place = {
  latE7: 481_371_540,
  lonE7: 115_761_240,
  heightMm: 520_000,
  horizontalErrorMm: 0,
  verticalErrorMm: 0,
};

/** Degrees that a metre north makes there, from the tables of the meridian's curvature (6 370 950 m at 48.1°). */
const E7_PER_METRE_NORTH = 89.9;

const place: fc.Arbitrary<Place> = fc.record({
  latE7: fc.integer({ min: -890_000_000, max: 890_000_000 }),
  lonE7: fc.integer({ min: -1_790_000_000, max: 1_790_000_000 }),
  heightMm: fc.integer({ min: -20_000_000, max: 100_000_000 }),
  horizontalErrorMm: fc.oneof(
    fc.integer({ min: 0, max: 100_000 }),
    fc.integer({ min: 0, max: 50_000_000_000 }),
  ),
  verticalErrorMm: fc.oneof(
    fc.integer({ min: 0, max: 100_000 }),
    fc.integer({ min: 0, max: 50_000_000_000 }),
  ),
});

function square(latE7: number, lonE7: number, half: number) {
  return [
    { latE7: latE7 - half, lonE7: lonE7 - half },
    { latE7: latE7 - half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 + half },
    { latE7: latE7 + half, lonE7: lonE7 - half },
  ];
}

describe("the spatial window", () => {
  test("rejects a pair one metre outside the radius and reports both distances", () => {
    const north = { ...munich, latE7: munich.latE7 + Math.round(51 * E7_PER_METRE_NORTH) };
    const { passed, measured, required } = spatialWindow({ a: munich, b: north, windowMm: 50_000 });
    expect(passed).toBe(false);
    expect(required).toEqual({ worstMmMax: 50_000 });
    expect(measured["distanceMm"]).toBeGreaterThan(50_900);
    expect(measured["distanceMm"]).toBeLessThan(51_100);
    expect(spatialWindow({ a: munich, b: north, windowMm: 52_000 }).passed).toBe(true);
  });

  test("admits exactly the window and refuses one millimetre less, errors counted in three dimensions", () => {
    const a = { ...munich, horizontalErrorMm: 3000, verticalErrorMm: 4000 };
    const b = { ...munich, heightMm: munich.heightMm + 10_000, horizontalErrorMm: 0, verticalErrorMm: 2000 };
    const { measured } = spatialWindow({ a, b, windowMm: 0 });
    expect(measured).toEqual({ distanceMm: 10_001, errorMm: 7000, worstMm: 17_001 });
    expect(spatialWindow({ a, b, windowMm: 17_001 }).passed).toBe(true);
    expect(spatialWindow({ a, b, windowMm: 17_000 }).passed).toBe(false);
  });

  test("rounds the root of both errors up exactly, about perfect squares and where doubles stop being exact", () => {
    const about = (value: number): readonly number[] => [value - 1, value, value + 1];
    for (const horizontalErrorMm of [
      ...about(3),
      ...about(94_906_265),
      ...about(2 ** 26),
      ...about(67_108_863),
    ]) {
      for (const verticalErrorMm of [0, 1, 4, horizontalErrorMm, 2 ** 26 - 1, 2 ** 26]) {
        const a = { ...munich, horizontalErrorMm, verticalErrorMm };
        const { measured } = spatialWindow({ a, b: munich, windowMm: 0 });
        const squared = BigInt(horizontalErrorMm) ** 2n + BigInt(verticalErrorMm) ** 2n;
        const root = BigInt(Number(measured["errorMm"]));
        expect(root ** 2n >= squared && (root === 0n || (root - 1n) ** 2n < squared)).toBe(true);
      }
    }
  });

  test("finds no distance between a place and itself", () => {
    expect(spatialWindow({ a: munich, b: munich, windowMm: 0 })).toMatchObject({
      passed: true,
      measured: { distanceMm: 0, errorMm: 0, worstMm: 0 },
    });
  });

  test("is never below the true worst case and at most 4 mm above it, and the same either way", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const { measured } = spatialWindow({ a, b, windowMm: 1 });
        const worst = BigInt(measured["worstMm"] as number);
        const chord = exactChordPmm(a, b);
        const errors = [a, b].map(({ horizontalErrorMm: h, verticalErrorMm: v }) =>
          rootPmm(BigInt(h) ** 2n + BigInt(v) ** 2n),
        );
        const exact = chord + (errors[0] as bigint) + (errors[1] as bigint);
        expect(worst * 10n ** 12n >= exact).toBe(true);
        expect((worst - 4n) * 10n ** 12n <= exact).toBe(true);
        expect(spatialWindow({ a: b, b: a, windowMm: 1 }).measured).toEqual(measured);
      }),
      { numRuns: 2000 },
    );
  });
});

/** √value in units of 1e-12, rounded down. */
function rootPmm(value: bigint): bigint {
  const wide = value * 10n ** 24n;
  let guess = 1n << BigInt(Math.ceil(wide.toString(2).length / 2) + 1);
  while (guess * guess > wide) guess = (guess + wide / guess) / 2n;
  return guess;
}

describe("a place inside an area", () => {
  test("without error is inside up to the boundary, and 1e-7 degree beyond it is not", () => {
    const area = square(munich.latE7, munich.lonE7, 1000);
    const { latE7, lonE7 } = munich;
    expect(placeInsideArea({ ...munich, latE7: latE7 + 1000, lonE7: lonE7 - 1000 }, area).passed).toBe(true);
    for (const beyond of [
      { latE7: latE7 + 1001 },
      { latE7: latE7 - 1001 },
      { lonE7: lonE7 + 1001 },
      { lonE7: lonE7 - 1001 },
    ]) {
      expect(placeInsideArea({ ...munich, ...beyond }, area)).toMatchObject({
        passed: false,
        code: "place-outside-area",
        field: "place",
      });
    }
  });

  test("needs its whole error inside: 10 m are 900 units north and 1347 east there, rounded outwards", () => {
    const unsure = { ...munich, horizontalErrorMm: 10_000 };
    const { southE7, northE7, westE7, eastE7 } = placeBounds(unsure);
    expect(northE7 - munich.latE7).toBe(munich.latE7 - southE7);
    expect(eastE7 - munich.lonE7).toBe(munich.lonE7 - westE7);
    expect(northE7 - munich.latE7).toBe(905);
    expect(eastE7 - munich.lonE7).toBe(1347);
    expect(placeInsideArea(unsure, square(munich.latE7, munich.lonE7, 1347)).passed).toBe(true);
    expect(placeInsideArea(unsure, square(munich.latE7, munich.lonE7, 1346))).toMatchObject({
      passed: false,
      measured: { eastE7 },
      required: { eastE7: munich.lonE7 + 1346, vertices: 4 },
    });
  });

  test("refuses poles and the antimeridian by name, and an area that is none by its own code", () => {
    const earth = square(0, 0, 900_000_000);
    expect(placeInsideArea({ ...munich, latE7: 899_000_000, lonE7: 0 }, earth).passed).toBe(true);
    expect(placeInsideArea({ ...munich, latE7: 899_000_001, lonE7: 0 }, earth).code).toBe("place-near-pole");
    expect(
      placeInsideArea({ ...munich, latE7: -899_000_000, lonE7: 0, horizontalErrorMm: 1 }, earth),
    ).toMatchObject({
      passed: false,
      code: "place-near-pole",
      measured: { latE7: 899_000_001 },
    });
    expect(placeInsideArea({ ...munich, lonE7: 1_800_000_000, horizontalErrorMm: 1 }, earth).code).toBe(
      "place-across-antimeridian",
    );
    expect(placeInsideArea(munich, earth.slice(0, 2))).toMatchObject({
      passed: false,
      code: "polygon-vertex-count",
    });
  });

  test("widens in longitude as the circle nears the pole: 500 km around 80° north", () => {
    const centre = { ...munich, latE7: 800_000_000, lonE7: 0, heightMm: 0, horizontalErrorMm: 500_000_000 };
    const { southE7, northE7, eastE7 } = placeBounds(centre);
    let farthestE7 = 0;
    for (let latE7 = 750_000_000; latE7 <= 850_000_000; latE7 += 2_000_000) {
      for (let lonE7 = 0; lonE7 <= 320_000_000; lonE7 += 2_000_000) {
        // A way over the surface is longer than its chord, by less than a thousandth here.
        if (exactChordPmm(centre, { ...centre, latE7, lonE7 }) > 499_500_000n * 10n ** 12n) continue;
        expect(latE7 >= southE7 && latE7 <= northE7 && lonE7 <= eastE7).toBe(true);
        farthestE7 = Math.max(farthestE7, lonE7);
      }
    }
    // Farther than the error divided by the length of a degree at 80°, which is 25.8°.
    expect(farthestE7).toBeGreaterThan(264_000_000);
  });

  test("takes an error that reaches through the earth as reaching everywhere", () => {
    const lost = { ...munich, horizontalErrorMm: 1, verticalErrorMm: 50_000_000_000 };
    expect(placeInsideArea(lost, square(0, 0, 900_000_000)).code).toBe("place-near-pole");
  });

  test("bounds every place whose straight distance is within the error, whatever its height", () => {
    const direction = fc.integer({ min: 0, max: 360 });
    const small = place.map((each) => ({
      ...each,
      horizontalErrorMm: 1 + (each.horizontalErrorMm % 20_000_000),
    }));
    fc.assert(
      fc.property(small, direction, (centre, degrees) => {
        fc.pre(Math.abs(centre.latE7) < 880_000_000);
        const bounds = placeBounds({ ...centre, verticalErrorMm: 0 });
        // Steps outwards from the centre until the true distance is more than the error; all before must be in bounds.
        for (let part = 1; part <= 12; part++) {
          const reachE7 = (centre.horizontalErrorMm / 111_000_000) * 1e7 * (part / 10);
          const latE7 = Math.round(centre.latE7 + reachE7 * Math.cos((degrees * Math.PI) / 180));
          const stretch = Math.cos((centre.latE7 / 1e7) * (Math.PI / 180));
          const lonE7 = Math.round(centre.lonE7 + (reachE7 / stretch) * Math.sin((degrees * Math.PI) / 180));
          const within =
            exactChordPmm(centre, { ...centre, latE7, lonE7 }) <=
            BigInt(centre.horizontalErrorMm) * 10n ** 12n;
          // A chord is shorter than its way over the surface, by less than 1e-5 at 20 km.
          const slack = Math.ceil(reachE7 * 1e-5);
          if (!within) continue;
          expect(latE7).toBeLessThanOrEqual(bounds.northE7 + slack);
          expect(latE7).toBeGreaterThanOrEqual(bounds.southE7 - slack);
          expect(lonE7).toBeLessThanOrEqual(bounds.eastE7 + slack);
          expect(lonE7).toBeGreaterThanOrEqual(bounds.westE7 - slack);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
