/** What a device declares of its spectrum, against block and mask (PROTOCOL §6 Invariant of emission). */
import { describe, expect, test } from "vitest";
import { type DeclaredSpectrum, emissionFits } from "../../../src/core/commodity/leakage.ts";
import type { MaskPoint } from "../../../src/core/record/kinds/schema.ts";

const BLOCK = { lowerHz: 433_100_000, upperHz: 433_300_000 };
const point = (offsetHz: number, centiDbm: number, referenceHz = 100_000): MaskPoint => ({
  offsetHz,
  centiDbm,
  referenceHz,
});
const MASK = [point(0, -1_300), point(1_000_000, -3_600)];

function found(leakage: readonly MaskPoint[], change: Partial<DeclaredSpectrum> = {}, mask = MASK) {
  return emissionFits({ occupiedHz: 150_000, leakage, ...change }, BLOCK, mask);
}

describe("occupied bandwidth", () => {
  test("fits up to the block's whole width, and is refused one hertz wider with both figures", () => {
    expect(found([point(0, -4_000)], { occupiedHz: 200_000 })).toEqual([]);
    expect(found([point(0, -4_000)], { occupiedHz: 200_001 })).toMatchObject([
      {
        code: "occupied-band-too-wide",
        measured: { occupiedHz: 200_001 },
        required: { occupiedHzMax: 200_000 },
      },
    ]);
  });
});

describe("leakage", () => {
  test("under each point of the mask passes, at the very limit too", () => {
    expect(found([point(0, -1_300), point(1_000_000, -3_600)])).toEqual([]);
  });

  test("above one point of the mask is refused with that point's offset, both figures", () => {
    expect(found([point(0, -1_300), point(1_000_000, -3_599)])).toMatchObject([
      {
        code: "leakage-above-mask",
        measured: { centiDbm: -3_599 },
        required: { offsetHz: 1_000_000, referenceHz: 100_000, centiDbmMax: -3_600 },
      },
    ]);
  });

  test("that falls only beyond where the mask does is refused", () => {
    expect(found([point(0, -1_300), point(1_000_001, -3_600)]).map(({ measured }) => measured)).toEqual([
      { centiDbm: -1_300 },
    ]);
  });

  test("in a narrower reference bandwidth counts as often as it fits, in a wider one whole", () => {
    // Ten times 10 kHz are 10 dB more.
    expect(found([point(0, -4_600, 10_000)])).toEqual([]);
    expect(found([point(0, -4_599, 10_000)]).map(({ code }) => code)).toEqual(["leakage-above-mask"]);
    expect(found([point(0, -3_600, 1_000_000)])).toEqual([]);
    expect(found([point(0, -3_600, 0)])).toEqual([]);
  });

  test("is undeclared without any figure, where none reaches to the edge, and where figures do not compare", () => {
    const undeclared = [
      emissionFits(null, BLOCK, MASK),
      found([point(1, -9_000)], {}, [point(0, -1_300)]),
      found([point(0, -9_000)], {}, [point(0, -1_300, 0)]),
    ];
    for (const each of undeclared) expect(each.map(({ code }) => code)).toEqual(["leakage-undeclared"]);
  });

  test("needs no figure where the commodity has no mask", () => {
    expect(emissionFits(null, BLOCK, [])).toEqual([]);
    expect(found([], {}, [])).toEqual([]);
  });
});
