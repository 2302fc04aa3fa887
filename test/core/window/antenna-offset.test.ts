/** Place is the transmit antenna's, the receiver's moved by the surveyed offset (PROTOCOL §5). */
import { describe, expect, test } from "vitest";
import { withOffset } from "../../../src/core/window/antenna-offset.ts";
import { chordMm } from "../../../src/core/window/ecef.ts";

const receiver = {
  latE7: 525_162_746,
  lonE7: 133_777_041,
  heightMm: 35_000,
  horizontalErrorMm: 3_000,
  verticalErrorMm: 4_500,
  assurance: "gnss" as const,
  ageUs: 0,
};

describe("the antenna offset", () => {
  test("of nothing leaves the place as it is", () => {
    expect(withOffset(receiver, { northMm: 0, eastMm: 0, upMm: 0 })).toBe(receiver);
  });

  test.each([
    { northMm: 30_000, eastMm: 0, upMm: 0 },
    { northMm: 0, eastMm: -25_000, upMm: 0 },
    { northMm: 0, eastMm: 0, upMm: 12_000 },
    { northMm: -8_000, eastMm: 15_000, upMm: -4_000 },
  ])("of %o lies that far away, within the error that it adds", (offset) => {
    const moved = withOffset(receiver, offset);
    const lengthMm = Math.hypot(offset.northMm, offset.eastMm, offset.upMm);
    const addedMm = moved.horizontalErrorMm - receiver.horizontalErrorMm;
    expect(addedMm).toBeGreaterThan(0);
    expect(Math.abs(chordMm(receiver, moved) - lengthMm)).toBeLessThanOrEqual(addedMm);
    expect(Math.sign(moved.latE7 - receiver.latE7)).toBe(Math.sign(offset.northMm));
    expect(Math.sign(moved.lonE7 - receiver.lonE7)).toBe(Math.sign(offset.eastMm));
    expect(moved.heightMm - receiver.heightMm).toBe(offset.upMm);
  });

  test("stays on the globe at its poles", () => {
    const pole = { ...receiver, latE7: 900_000_000 };
    expect(withOffset(pole, { northMm: 50_000, eastMm: 0, upMm: 0 }).latE7).toBe(900_000_000);
  });
});
