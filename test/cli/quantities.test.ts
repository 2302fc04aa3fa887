/** Quantities as people read them (src/cli/quantities). */
import { describe, expect, test } from "vitest";
import { band, comparison, dbm, duration, hertz, instant, metres } from "../../src/cli/quantities.ts";

describe("one quantity", () => {
  test.each([
    [433_050_000, "433.050 MHz"],
    [433_062_500, "433.0625 MHz"],
    [3_700_000_001, "3700.000001 MHz"],
    [12_500, "12.5 kHz"],
    [-12_500, "-12.5 kHz"],
    [999, "999 Hz"],
    [0, "0 Hz"],
  ])("%i Hz reads %s", (hz, text) => expect(hertz(hz)).toBe(text));

  test.each([
    [0, "0 µs"],
    [999, "999 µs"],
    [1_140, "1.14 ms"],
    [43_210, "43 ms"],
    [-2_500, "-2.5 ms"],
    [1_116_000, "1.12 s"],
    [5_000_000, "5 s"],
    [119_999_999, "120 s"],
    [600_000_000, "10 min"],
    [86_400_000_000, "24 h"],
    [2_592_000_000_000, "30 d"],
  ])("%i µs reads %s", (us, text) => expect(duration(us)).toBe(text));

  test.each([
    [5_410, "5.4 m"],
    [-35_000, "-35.0 m"],
    [1_234_000, "1.234 km"],
  ])("%i mm reads %s", (mm, text) => expect(metres(mm)).toBe(text));

  test.each([
    [1000, "10 dBm"],
    [-1405, "-14.05 dBm"],
  ])("%i centi-dBm reads %s", (centiDbm, text) => expect(dbm(centiDbm)).toBe(text));

  test("a band names its unit once where both edges have the same", () => {
    expect(band(433_500_000, 433_600_000)).toBe("433.500 to 433.600 MHz");
    expect(band(900_000, 1_100_000)).toBe("900 kHz to 1.100 MHz");
  });

  test("a time that no calendar holds stays a number", () => {
    expect(instant(1_795_370_232_960_000)).toBe("2026-11-22T17:57:12.960Z");
    expect(instant(Number.MAX_SAFE_INTEGER)).toBe("2255-06-05T23:47:34.740Z");
    expect(instant(9e18)).toBe("9000000000000000000 µs UTC");
  });
});

describe("what was measured and what is required", () => {
  test("each name loses its unit, and a bound says which way it goes", () => {
    const measured = { distanceMm: 178_325, errorMm: 5_410, worstMm: 183_735 };
    expect(comparison(measured, { worstMmMax: 50_000 })).toBe(
      "measured distance 178.3 m, error 5.4 m, worst 183.7 m; required worst at most 50.0 m",
    );
    expect(comparison({ bootUs: 12_345_678 }, { powerCentiDbmMin: -1405, recordsMin: 3 })).toBe(
      "measured boot 12.345678 s; required power at least -14.05 dBm, records at least 3",
    );
  });

  test("a time reads as one, a duration as one, an id by its first digits", () => {
    const required = { lease: "9d".repeat(32), fromUs: 1_795_370_232_960_000, skewUs: 1_500 };
    expect(comparison({}, required)).toBe(
      "required lease 9d9d9d9d9d9d9d9d, from 2026-11-22T17:57:12.960Z, skew 1.5 ms",
    );
  });

  test("words stay words, yes and no are said, and nothing is said of what is not there", () => {
    expect(comparison({ classes: "visitor", exclusive: true }, {})).toBe(
      "measured classes visitor, exclusive yes",
    );
    expect(comparison({}, {})).toBe("");
  });
});
