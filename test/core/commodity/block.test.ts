import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { blocksConflict, blockWithinOffer } from "../../../src/core/commodity/block.ts";
import type { Box, Steps } from "../../../src/core/record/spectrum-fields.ts";
import { campus, eirp, square } from "../authority/boxes.ts";

const MHZ = 1_000_000;
const MINUTE = 60_000_000;
const steps: Steps = {
  frequencyStepHz: 10 * MHZ,
  frequencyMinimumHz: 20 * MHZ,
  timeStepUs: MINUTE,
  timeMinimumUs: 15 * MINUTE,
  areaDivisible: true,
};
const part: Box = {
  ...campus,
  lowerHz: campus.lowerHz + 10 * MHZ,
  upperHz: campus.lowerHz + 30 * MHZ,
  fromUs: campus.fromUs + 5 * MINUTE,
  untilUs: campus.fromUs + 20 * MINUTE,
  area: square(500_000),
};
const refusals = (change: Partial<Box>, by: Partial<Steps> = {}, whole: Box = campus) =>
  blockWithinOffer({ ...part, ...change }, whole, { ...steps, ...by }).map(
    ({ code, field }) => `${code} ${field}`,
  );

describe("a part of an offered block", () => {
  test("is aligned to the steps, at the minimums and inside", () => {
    expect(refusals({})).toEqual([]);
    expect(refusals({}, {}, part)).toEqual([]);
  });

  test.each<[string, Partial<Box>, readonly string[]]>([
    ["1 Hz off the raster", { upperHz: part.upperHz + 1 }, ["block-not-aligned block.upperHz"]],
    [
      "1 Hz off at both edges",
      { lowerHz: part.lowerHz + 1, upperHz: part.upperHz + 1 },
      ["block-not-aligned block.lowerHz", "block-not-aligned block.upperHz"],
    ],
    ["1 µs off the raster", { untilUs: part.untilUs + 1 }, ["block-not-aligned block.untilUs"]],
    [
      "one step under the minimum width",
      { upperHz: part.upperHz - 10 * MHZ },
      ["block-under-minimum block.upperHz"],
    ],
    [
      "one step under the minimum time",
      { untilUs: part.untilUs - MINUTE },
      ["block-under-minimum block.untilUs"],
    ],
    ["one step outside", { lowerHz: campus.lowerHz - 10 * MHZ }, ["box-frequency-outside block.lowerHz"]],
    ["outside the area", { area: square(1_000_001) }, ["box-area-outside block.area[0]"]],
    [
      "stronger",
      { limits: [{ ...eirp, centiDbm: 4701 }] },
      ["power-limit-exceeded block.limits[0].centiDbm"],
    ],
    ["of another class", { commodityClass: "x" }, ["box-class-mismatch block.commodityClass"]],
    ["empty", { lowerHz: part.upperHz }, ["box-frequency-empty block.upperHz"]],
    ["without an area", { area: [] }, ["polygon-vertex-count block.area"]],
  ])("is refused %s", (_, change, expected) => {
    expect(refusals(change)).toEqual(expected);
  });

  test("counts steps from the whole's lower edge, not from zero", () => {
    const whole = { ...campus, lowerHz: campus.lowerHz + 3 };
    expect(refusals({})).toEqual([]);
    expect(refusals({}, {}, whole)).toEqual([
      "block-not-aligned block.lowerHz",
      "block-not-aligned block.upperHz",
    ]);
    expect(refusals({ lowerHz: part.lowerHz + 3, upperHz: part.upperHz + 3 }, {}, whole)).toEqual([]);
  });

  test("may be all of a block that is no whole number of steps, but nothing else up to its edge", () => {
    const whole = { ...campus, upperHz: campus.lowerHz + 35 * MHZ };
    expect(refusals({ lowerHz: whole.lowerHz, upperHz: whole.upperHz }, {}, whole)).toEqual([]);
    expect(refusals({ upperHz: whole.upperHz }, {}, whole)).toEqual(["block-not-aligned block.upperHz"]);
    expect(
      refusals({ lowerHz: whole.lowerHz, upperHz: whole.upperHz }, { frequencyMinimumHz: 40 * MHZ }, whole),
    ).toEqual(["block-under-minimum block.upperHz"]);
  });

  test("is the whole in a dimension whose step is 0", () => {
    const undivided = { frequencyStepHz: 0, timeStepUs: 0 };
    expect(refusals({}, undivided)).toEqual([
      "block-indivisible block.lowerHz",
      "block-indivisible block.fromUs",
    ]);
    expect(refusals({ ...campus, area: part.area }, undivided)).toEqual([]);
    expect(refusals({}, { areaDivisible: false })).toEqual(["block-indivisible block.area"]);
    const turned = [...square(1_000_000).slice(2), ...square(1_000_000).slice(0, 2)].reverse();
    expect(refusals({ area: turned }, { areaDivisible: false })).toEqual([]);
  });
});

describe("two blocks", () => {
  const guard = 350_000;
  const above = (gapHz: number): Box => ({
    ...part,
    lowerHz: part.upperHz + gapHz,
    upperHz: part.upperHz + gapHz + MHZ,
  });

  test("conflict less than the guard band apart, either way round, and not at it", () => {
    expect(blocksConflict(part, above(guard), guard)).toBe(false);
    expect(blocksConflict(part, above(guard - 1), guard)).toBe(true);
    expect(blocksConflict(above(guard), part, guard)).toBe(false);
    expect(blocksConflict(above(guard - 1), part, guard)).toBe(true);
    expect(blocksConflict(part, above(0), 0)).toBe(false);
  });

  test("do not conflict one after the other, nor side by side", () => {
    expect(blocksConflict(part, { ...part, fromUs: part.untilUs, untilUs: part.untilUs + 9 }, guard)).toBe(
      false,
    );
    expect(
      blocksConflict(part, { ...part, fromUs: part.untilUs - 1, untilUs: part.untilUs + 9 }, guard),
    ).toBe(true);
    expect(blocksConflict(part, { ...part, fromUs: part.fromUs - 9, untilUs: part.fromUs }, guard)).toBe(
      false,
    );
    const beside = (east: number): Box => ({
      ...part,
      area: part.area.map(({ latE7, lonE7 }) => ({ latE7, lonE7: lonE7 + east })),
    });
    expect(blocksConflict(part, beside(1_000_000), guard)).toBe(false);
    expect(blocksConflict(part, beside(999_999), guard)).toBe(true);
  });

  test("conflict with each of their own parts and with an area that cannot be read", () => {
    expect(blocksConflict(part, part, 0)).toBe(true);
    expect(blocksConflict(campus, part, 0)).toBe(true);
    expect(blocksConflict(part, { ...part, area: [] }, 0)).toBe(true);
    expect(blocksConflict(part, { ...above(guard), area: [] }, guard)).toBe(false);
  });

  test("conflict the same either way round, and exactly where they share hertz or guard and time", () => {
    const edge = fc.integer({ min: 0, max: 9 });
    const box = fc.record({
      low: edge,
      wide: fc.integer({ min: 1, max: 5 }),
      from: edge,
      long: fc.integer({ min: 1, max: 5 }),
    });
    const made = ({
      low,
      wide,
      from,
      long,
    }: {
      low: number;
      wide: number;
      from: number;
      long: number;
    }): Box => ({
      ...part,
      lowerHz: low,
      upperHz: low + wide,
      fromUs: from,
      untilUs: from + long,
    });
    fc.assert(
      fc.property(box, box, fc.integer({ min: 0, max: 3 }), (one, other, guardHz) => {
        const near = cells(one.low, one.wide + guardHz).some((hz) =>
          cells(other.low, other.wide + guardHz).includes(hz),
        );
        const together = cells(one.from, one.long).some((us) => cells(other.from, other.long).includes(us));
        expect(blocksConflict(made(one), made(other), guardHz)).toBe(near && together);
        expect(blocksConflict(made(other), made(one), guardHz)).toBe(near && together);
      }),
      { numRuns: 2000 },
    );
  });
});

function cells(from: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
