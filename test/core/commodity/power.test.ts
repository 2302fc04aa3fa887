import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CarrierPower, emissionWithinLimits, limitsInside } from "../../../src/core/commodity/power.ts";
import type { PowerLimit } from "../../../src/core/record/spectrum-fields.ts";

const MHZ = 1_000_000;
const limit = (centiDbm: number, referenceHz: number, kind: Partial<PowerLimit> = {}): PowerLimit => ({
  centiDbm,
  referenceHz,
  measure: "eirp",
  detector: "rms",
  ...kind,
});

describe("limits inside limits", () => {
  test("hold at the same number and fail 0.01 dB above it, with both numbers", () => {
    expect(limitsInside([limit(4700, 10 * MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toEqual([]);
    expect(limitsInside([limit(4701, 10 * MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toEqual([
      {
        code: "power-limit-exceeded",
        field: "limits[0].centiDbm",
        measured: { measure: "eirp", detector: "rms", referenceHz: 10 * MHZ, centiDbm: 4701 },
        required: { measure: "eirp", detector: "rms", referenceHz: 10 * MHZ, centiDbmMax: 4700 },
      },
    ]);
  });

  test("all hold: each of the parent's needs one of the child's, the lowest of which counts", () => {
    const parent = [limit(4700, 10 * MHZ), limit(1910, 0, { measure: "erp" })];
    expect(limitsInside(parent, parent, MHZ)).toEqual([]);
    expect(limitsInside([limit(9900, 10 * MHZ), ...parent], parent, MHZ)).toEqual([]);
    expect(limitsInside(parent.slice(0, 1), parent, MHZ)).toMatchObject([
      { code: "power-kind-not-comparable", measured: { kinds: "eirp rms" }, required: { measure: "erp" } },
    ]);
    expect(limitsInside([], parent, MHZ).map(({ code }) => code)).toEqual([
      "power-limit-missing",
      "power-limit-missing",
    ]);
    expect(limitsInside(parent, [], MHZ)).toEqual([]);
  });

  test("are never compared across measures or detectors", () => {
    for (const kind of [
      { measure: "erp" },
      { measure: "trp" },
      { measure: "conducted" },
      { detector: "peak" },
    ] as const) {
      expect(limitsInside([limit(-9000, MHZ, kind)], [limit(4700, MHZ)], MHZ)).toMatchObject([
        { code: "power-kind-not-comparable" },
      ]);
    }
  });

  test("are compared across reference bandwidths: ten times 37 dBm/MHz are 47 dBm/10MHz", () => {
    expect(limitsInside([limit(3700, MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toEqual([]);
    expect(limitsInside([limit(3701, MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toMatchObject([
      { code: "power-limit-exceeded", measured: { centiDbm: 4701, referenceHz: MHZ } },
    ]);
    // 3 MHz fit 3.33 times into 10 MHz, so four of them count: 10·log10(4) = 6.0206 dB, rounded up.
    expect(limitsInside([limit(4097, 3 * MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toEqual([]);
    expect(limitsInside([limit(4098, 3 * MHZ)], [limit(4700, 10 * MHZ)], 20 * MHZ)).toHaveLength(1);
    // A limit in a wider bandwidth counts whole.
    expect(limitsInside([limit(2000, 10 * MHZ)], [limit(2000, MHZ)], 20 * MHZ)).toEqual([]);
    expect(limitsInside([limit(2001, 10 * MHZ)], [limit(2000, MHZ)], 20 * MHZ)).toHaveLength(1);
  });

  test("spread over the band where it is narrower than the reference bandwidth, or the limit is on the whole carrier", () => {
    expect(limitsInside([limit(4700, MHZ)], [limit(4700, 10 * MHZ)], MHZ)).toEqual([]);
    expect(limitsInside([limit(4399, MHZ)], [limit(4700, 10 * MHZ)], 2 * MHZ)).toHaveLength(1);
    expect(limitsInside([limit(4398, MHZ)], [limit(4700, 10 * MHZ)], 2 * MHZ)).toEqual([]);
    expect(limitsInside([limit(2000, MHZ)], [limit(3000, 0)], 10 * MHZ)).toEqual([]);
    expect(limitsInside([limit(2000, MHZ)], [limit(3000, 0)], 10 * MHZ + 1)).toHaveLength(1);
    // A band without width, which a peer may write: the limit counts whole.
    expect(limitsInside([limit(3000, MHZ)], [limit(3000, 0)], 0)).toEqual([]);
    expect(limitsInside([limit(3001, MHZ)], [limit(3000, 0)], 0)).toHaveLength(1);
  });

  test("on each carrier say nothing of a bandwidth that may hold several, nor do limits a million times as narrow", () => {
    expect(limitsInside([limit(-9000, 0)], [limit(4700, MHZ)], MHZ)).toMatchObject([
      { code: "power-limit-missing", measured: { limits: 1 } },
    ]);
    expect(limitsInside([limit(-9000, 1)], [limit(4700, MHZ)], MHZ)).toEqual([]);
    expect(limitsInside([limit(-9000, 1)], [limit(4700, MHZ + 1)], 2 * MHZ)).toMatchObject([
      { code: "power-limit-missing" },
    ]);
  });

  test("never admit a spectrum that meets the child's limits and breaks the parent's", () => {
    const sized = fc.record({
      centiDbm: fc.integer({ min: 0, max: 1500 }),
      referenceHz: fc.integer({ min: 1, max: 6 }),
    });
    const density = fc.array(fc.constantFrom(0, 1, 2, 5, 10, 20), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sized, sized, density, (child, parent, mwPerHz) => {
        const [inner, outer] = [
          limit(child.centiDbm, child.referenceHz),
          limit(parent.centiDbm, parent.referenceHz),
        ];
        fc.pre(meets(mwPerHz, inner) && limitsInside([inner], [outer], mwPerHz.length).length === 0);
        expect(meets(mwPerHz, outer)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

/** Sums every window of the reference bandwidth, in mW. */
function meets(mwPerHz: readonly number[], { centiDbm, referenceHz }: PowerLimit): boolean {
  return mwPerHz.every((_, i) => {
    const power = mwPerHz.slice(i, i + referenceHz).reduce((sum, each) => sum + each, 0);
    return power <= 10 ** (centiDbm / 1000) * (1 + 1e-12);
  });
}

describe("a carrier within limits", () => {
  const power: CarrierPower = { centiDbm: 3000, measure: "eirp", detector: "rms", unevenCentiDb: null };
  const carrier = (occupiedHz: number, change: Partial<CarrierPower> = {}) => ({
    occupiedHz,
    powers: [{ ...power, ...change }],
  });

  test("is held to the whole limit where it is narrower than the reference bandwidth", () => {
    expect(emissionWithinLimits(carrier(200_000), [limit(3000, 10 * MHZ)])).toEqual([]);
    expect(emissionWithinLimits(carrier(200_000), [limit(2999, 10 * MHZ)], "block.limits")).toEqual([
      {
        code: "power-above-limit",
        field: "block.limits[0]",
        measured: { centiDbm: 3000, occupiedHz: 200_000 },
        required: { measure: "eirp", detector: "rms", referenceHz: 10 * MHZ, centiDbmMax: 2999 },
      },
    ]);
  });

  test("spreads over wider bands only where it is said how evenly", () => {
    expect(emissionWithinLimits(carrier(10 * MHZ), [limit(2000, MHZ)])).toHaveLength(1);
    expect(emissionWithinLimits(carrier(10 * MHZ, { unevenCentiDb: 0 }), [limit(2000, MHZ)])).toEqual([]);
    expect(emissionWithinLimits(carrier(10 * MHZ, { unevenCentiDb: 1 }), [limit(2000, MHZ)])).toHaveLength(1);
    // 20 MHz are 13.0103 dB, rounded down for the density's sake.
    expect(emissionWithinLimits(carrier(20 * MHZ, { unevenCentiDb: 0 }), [limit(1699, MHZ)])).toEqual([]);
    expect(emissionWithinLimits(carrier(20 * MHZ, { unevenCentiDb: 0 }), [limit(1698, MHZ)])).toHaveLength(1);
    expect(emissionWithinLimits(carrier(10 * MHZ, { unevenCentiDb: 5000 }), [limit(3000, MHZ)])).toEqual([]);
    expect(emissionWithinLimits(carrier(10 * MHZ, { unevenCentiDb: 0 }), [limit(2999, 0)])).toHaveLength(1);
  });

  test("meets every limit, each by its like, the strongest of several statements counting", () => {
    const both = [limit(3000, 0), limit(3500, 0, { detector: "peak" })];
    expect(emissionWithinLimits(carrier(MHZ), both)).toMatchObject([
      { code: "power-kind-not-comparable", field: "limits[1]", measured: { kinds: "eirp rms" } },
    ]);
    const peak: CarrierPower = { ...power, detector: "peak", centiDbm: 3500 };
    expect(emissionWithinLimits({ occupiedHz: MHZ, powers: [power, peak] }, both)).toEqual([]);
    const stronger = { ...power, centiDbm: 3001 };
    expect(emissionWithinLimits({ occupiedHz: MHZ, powers: [power, peak, stronger] }, both)).toHaveLength(1);
    expect(emissionWithinLimits(carrier(MHZ), [])).toEqual([]);
  });
});
