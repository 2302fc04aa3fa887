import { describe, expect, test } from "vitest";
import {
  admitPlace,
  type PlaceFix,
  type PlaceRules,
  type PlaceState,
  placeAt,
} from "../../../src/core/window/assured-place.ts";

const SECOND = 1_000_000;
const BOOT_US = 500 * SECOND;
const rules: PlaceRules = {
  speedMmPerS: 1_500,
  climbMmPerS: 200,
  transportUs: 500_000,
  unestimatedErrorMm: null,
};

const fix: PlaceFix = {
  source: "gnss",
  mode: 3,
  receivedBootUs: BOOT_US,
  latE7: 525_200_000,
  lonE7: 134_050_000,
  heightMm: 79_000,
  horizontalErrorMm: 4_000,
  verticalErrorMm: 7_000,
  interference: "",
};

function stateAfter(overrides: Partial<PlaceFix>, by: PlaceRules = rules): PlaceState {
  const { state, findings } = admitPlace(null, { ...fix, ...overrides }, by);
  expect(findings).toEqual([]);
  if (state === null) throw new Error("an accepted fix gives a state");
  return state;
}

describe("the place", () => {
  test("moves as far as the declared speeds allow since the fix and its transport", () => {
    expect(placeAt(stateAfter({}), BOOT_US + 10 * SECOND, rules)).toEqual({
      latE7: 525_200_000,
      lonE7: 134_050_000,
      heightMm: 79_000,
      horizontalErrorMm: 4_000 + 15_750,
      verticalErrorMm: 7_000 + 2_100,
      level: "gnss",
      ageUs: 10 * SECOND,
    });
  });

  test("rounds the growth outwards", () => {
    const place = placeAt(stateAfter({}), BOOT_US, { ...rules, transportUs: 1 });
    expect(place).toMatchObject({ horizontalErrorMm: 4_001, verticalErrorMm: 7_001 });
  });

  test("of a fixed installation keeps its error for ever", () => {
    const fixed = { ...rules, speedMmPerS: 0, climbMmPerS: 0 };
    expect(placeAt(stateAfter({}), BOOT_US + 1e15, fixed).horizontalErrorMm).toBe(4_000);
  });

  test("without a height, or with one whose error nobody knows, has none", () => {
    const flat = { heightMm: null, verticalErrorMm: null };
    expect(placeAt(stateAfter({ mode: 2, ...flat }), BOOT_US, rules)).toMatchObject(flat);
    expect(placeAt(stateAfter({ verticalErrorMm: null }), BOOT_US, rules)).toMatchObject(flat);
  });

  test("takes policy's assumption where the receiver gives no estimate", () => {
    const assuming = { ...rules, unestimatedErrorMm: 30_000 };
    const unestimated = { horizontalErrorMm: null, verticalErrorMm: null };
    expect(stateAfter(unestimated, assuming)).toMatchObject({
      horizontalErrorMm: 30_000,
      verticalErrorMm: 30_000,
    });
    expect(stateAfter({}, assuming)).toMatchObject({ horizontalErrorMm: 4_000, verticalErrorMm: 7_000 });
  });

  test("follows every accepted fix", () => {
    const next = { ...fix, receivedBootUs: BOOT_US + SECOND, latE7: 0, lonE7: -1_800_000_000 };
    const { state, accepted } = admitPlace(stateAfter({}), next, rules);
    expect(accepted).toBe(true);
    expect(state).toMatchObject({ latE7: 0, lonE7: -1_800_000_000, anchorBootUs: BOOT_US + SECOND });
  });
});

describe("a fix is refused as a place, and the old one stays,", () => {
  const before = stateAfter({});
  const codeOf = (overrides: Partial<PlaceFix>): string | undefined => {
    const { state, accepted, findings } = admitPlace(before, { ...fix, ...overrides }, rules);
    expect(state).toBe(before);
    expect(accepted).toBe(false);
    expect(findings).toHaveLength(1);
    return findings[0]?.code;
  };

  test("without a mode of at least 2 or without a whole position", () => {
    expect(codeOf({ mode: 1 })).toBe("no-fix");
    expect(codeOf({ latE7: null })).toBe("no-fix");
    expect(codeOf({ lonE7: null })).toBe("no-fix");
  });

  test.each<[string, Partial<PlaceFix>, boolean]>([
    ["a whole position of too low a mode", { mode: 1 }, true],
    ["no latitude", { latE7: null }, false],
    ["no longitude", { lonE7: null }, false],
  ])("says whether there was a position at all: %s", (_, overrides, position) => {
    const { findings } = admitPlace(null, { ...fix, ...overrides }, rules);
    const mode = overrides.mode ?? fix.mode;
    expect(findings).toMatchObject([{ measured: { mode, position }, required: { modeMin: 2 } }]);
  });

  test("when the receiver says that it is spoofed", () => {
    expect(codeOf({ interference: "spoofing" })).toBe("gnss-spoofing");
  });

  test("when nobody knows its error", () => {
    expect(codeOf({ horizontalErrorMm: null })).toBe("place-error-unknown");
  });
});

test("what its callers promise is asserted", () => {
  const before = stateAfter({});
  expect(() => admitPlace(before, { ...fix, receivedBootUs: BOOT_US - 1 }, rules)).toThrow(/in order/);
  expect(() => placeAt(before, BOOT_US - SECOND, rules)).toThrow(/boot time goes forward/);
  for (const bad of [
    { latE7: 900_000_001 },
    { lonE7: -1_800_000_001 },
    { latE7: 0.5 },
    { horizontalErrorMm: -1 },
  ]) {
    expect(() => admitPlace(null, { ...fix, ...bad }, rules)).toThrow();
  }
  expect(() => admitPlace(null, { ...fix, verticalErrorMm: -1 }, rules)).toThrow(/not negative/);
});
