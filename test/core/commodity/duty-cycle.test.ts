/** Bounds on time on the air: which hold where, and what a radio has to declare (PROTOCOL §6 Invariant of emission). */
import { describe, expect, test } from "vitest";
import {
  dutyCyclesFrom,
  dutyCyclesKept,
  dutyCyclesOf,
  onAirUsMax,
  sameDutyCycles,
} from "../../../src/core/commodity/duty-cycle.ts";

const LOWER = {
  lowerHz: 433_050_000,
  upperHz: 434_790_000,
  shareCentiPercent: 1_000,
  windowUs: 3_600_000_000,
};
const UPPER = { ...LOWER, lowerHz: 868_000_000, upperHz: 868_600_000, shareCentiPercent: 100 };
const policy = { dutyCycles: [LOWER, UPPER] };
const under = (lowerHz: number, upperHz: number) => dutyCyclesOf(policy, { lowerHz, upperHz });

describe("a block", () => {
  test("is under the duty cycle of each band that it reaches into, be it by one hertz", () => {
    expect(under(433_100_000, 433_200_000)).toEqual([LOWER]);
    expect(under(433_000_000, 433_050_001)).toEqual([LOWER]);
    expect(under(434_789_999, 434_900_000)).toEqual([LOWER]);
    expect(under(430_000_000, 900_000_000)).toEqual([LOWER, UPPER]);
  });

  test("that ends where a band begins, or begins where it ends, is not", () => {
    expect(under(433_000_000, 433_050_000)).toEqual([]);
    expect(under(434_790_000, 868_000_000)).toEqual([]);
  });
});

test("1 % of an hour is 36 s, and a share of an odd window is rounded down", () => {
  expect(onAirUsMax(UPPER)).toBe(36_000_000);
  expect(onAirUsMax({ ...UPPER, shareCentiPercent: 3_333, windowUs: 1_000_001 })).toBe(333_300);
});

describe("a radio", () => {
  test("that keeps duty cycles, and one where there is none to keep, is fit", () => {
    expect(dutyCyclesKept("kept", [LOWER, UPPER])).toEqual([]);
    expect(dutyCyclesKept("none", [])).toEqual([]);
  });

  test("that declares nothing is told what it would have to keep", () => {
    expect(dutyCyclesKept("none", [UPPER, LOWER])).toEqual([
      {
        code: "duty-cycle-not-kept",
        field: "radio",
        measured: { dutyCycles: "none" },
        required: { dutyCycles: "kept", ...UPPER },
      },
    ]);
  });
});

test("two are the same in all of their figures, in their order and number", () => {
  expect(sameDutyCycles([LOWER, UPPER], [{ ...LOWER }, { ...UPPER }])).toBe(true);
  for (const name of ["lowerHz", "upperHz", "shareCentiPercent", "windowUs"] as const) {
    expect(sameDutyCycles([LOWER], [{ ...LOWER, [name]: LOWER[name] + 1 }])).toBe(false);
  }
  expect(sameDutyCycles([LOWER, UPPER], [UPPER, LOWER])).toBe(false);
  expect(sameDutyCycles([LOWER], [])).toBe(false);
});

describe("from a line of JSON", () => {
  test("they are read as they were written", () => {
    expect(dutyCyclesFrom(JSON.parse(JSON.stringify(policy.dutyCycles)))).toEqual([LOWER, UPPER]);
    expect(dutyCyclesFrom([])).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["no list", { 0: LOWER }],
    ["a text", "10%"],
    ["nothing in the list", [null]],
    ["a word for a number", [{ ...LOWER, windowUs: "1h" }]],
    ["a fraction", [{ ...LOWER, shareCentiPercent: 0.5 }]],
    ["no window", [{ ...LOWER, windowUs: undefined }]],
    ["a window of no time", [{ ...LOWER, windowUs: 0 }]],
    ["no share", [{ ...LOWER, shareCentiPercent: 0 }]],
    ["all the time", [{ ...LOWER, shareCentiPercent: 10_000 }]],
    ["an edge below nothing", [{ ...LOWER, lowerHz: -1 }]],
    ["one more than an order holds", Array.from({ length: 17 }, () => LOWER)],
  ])("%s is refused", (_, given) => {
    expect(dutyCyclesFrom(given)).toBeNull();
  });
});
