import { describe, expect, test } from "vitest";
import { APART_LEVELS, assuranceAtLeast, ORDERED_LEVELS } from "../../../src/core/window/assurance.ts";

describe("levels of assurance", () => {
  test("are ordered from none to surveyed as PROTOCOL §5 lists them", () => {
    expect(ORDERED_LEVELS.join(" < ")).toBe(
      "none < asserted < gnss < gnss-consistent < gnss-authenticated < corroborated < surveyed",
    );
  });

  test("satisfy whoever asks for the same or an earlier one, and nobody else", () => {
    ORDERED_LEVELS.forEach((level, rank) => {
      ORDERED_LEVELS.forEach((required, requiredRank) => {
        expect(assuranceAtLeast(level, required)).toBe(rank >= requiredRank);
      });
    });
  });

  test("that stand apart satisfy only themselves, and nothing else satisfies them", () => {
    for (const apart of APART_LEVELS) {
      for (const other of [...ORDERED_LEVELS, ...APART_LEVELS]) {
        expect(assuranceAtLeast(apart, other)).toBe(apart === other);
        expect(assuranceAtLeast(other, apart)).toBe(apart === other);
      }
    }
  });
});
