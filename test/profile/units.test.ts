import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Result } from "../../src/core/base/rejection.ts";
import type { PowerLimit } from "../../src/core/record/spectrum-fields.ts";
import {
  DECIBELS,
  DEGREES,
  DURATION,
  FREQUENCY,
  formatPower,
  formatPowerLimit,
  formatQuantity,
  LENGTH,
  PERCENT,
  parseLatitude,
  parseLongitude,
  parsePower,
  parsePowerLimit,
  parseQuantity,
  type Quantity,
  RATIO,
} from "../../src/profile/units.ts";

const read = <T>(result: Result<T>): T | string =>
  result.ok ? result.value : (result.rejections[0]?.code ?? "");
const ALL: readonly Quantity[] = [FREQUENCY, LENGTH, DURATION, DEGREES, RATIO, PERCENT, DECIBELS];

describe("a quantity", () => {
  test.each<[string, Quantity, number]>([
    ["433.92MHz", FREQUENCY, 433_920_000],
    ["433.92 MHz", FREQUENCY, 433_920_000],
    ["25kHz", FREQUENCY, 25_000],
    ["0Hz", FREQUENCY, 0],
    ["3.7GHz", FREQUENCY, 3_700_000_000],
    ["3000GHz", FREQUENCY, 3_000_000_000_000],
    ["0.000001MHz", FREQUENCY, 1],
    ["+1.500kHz", FREQUENCY, 1500],
    ["250m", LENGTH, 250_000],
    ["-3.5cm", LENGTH, -35],
    ["1.000001km", LENGTH, 1_000_001],
    ["2s", DURATION, 2_000_000],
    ["0.5min", DURATION, 30_000_000],
    ["1.5h", DURATION, 5_400_000_000],
    ["1d", DURATION, 86_400_000_000],
    ["7us", DURATION, 7],
    ["7\u00b5s", DURATION, 7],
    ["7\u03bcs", DURATION, 7],
    ["1.25ms", DURATION, 1250],
    ["48.1234567deg", DEGREES, 481_234_567],
    ["-0.0000001°", DEGREES, -1],
    ["2.5ppm", RATIO, 2500],
    ["10%", PERCENT, 1000],
    ["0.01%", PERCENT, 1],
    ["-6.02dB", DECIBELS, -602],
  ])("is read: %s", (text, quantity, value) => {
    expect(parseQuantity(quantity, text)).toEqual({ ok: true, value });
  });

  test.each<[string, Quantity, string]>([
    ["433.92", FREQUENCY, "unit-missing"],
    ["433920000", FREQUENCY, "unit-missing"],
    ["1mhz", FREQUENCY, "unit-unknown"],
    ["1mHz", FREQUENCY, "unit-unknown"],
    ["1m", FREQUENCY, "unit-unknown"],
    ["1toString", FREQUENCY, "unit-unknown"],
    ["MHz", FREQUENCY, "number-malformed"],
    ["", FREQUENCY, "number-malformed"],
    [".5MHz", FREQUENCY, "number-malformed"],
    ["5.MHz", FREQUENCY, "number-malformed"],
    ["4e5Hz", FREQUENCY, "number-malformed"],
    ["1,5MHz", FREQUENCY, "number-malformed"],
    ["1_000Hz", FREQUENCY, "number-malformed"],
    ["0x10Hz", FREQUENCY, "unit-unknown"],
    ["1  MHz", FREQUENCY, "number-malformed"],
    [" 1MHz", FREQUENCY, "number-malformed"],
    ["1MHz 2", FREQUENCY, "number-malformed"],
    ["1MHz\n", FREQUENCY, "number-malformed"],
    ["--1Hz", FREQUENCY, "number-malformed"],
    ["\u0661MHz", FREQUENCY, "number-malformed"],
    ["NaNHz", FREQUENCY, "number-malformed"],
    [`${"0".repeat(62)}1MHz`, FREQUENCY, "number-malformed"],
    ["0.5Hz", FREQUENCY, "number-not-exact"],
    ["1.0000001MHz", FREQUENCY, "number-not-exact"],
    ["48.12345678deg", DEGREES, "number-not-exact"],
    ["0.00000001min", DURATION, "number-not-exact"],
    ["-1Hz", FREQUENCY, "field-range"],
    ["3000000000001Hz", FREQUENCY, "field-range"],
    ["180.0000001deg", DEGREES, "field-range"],
    ["100.01%", PERCENT, "field-range"],
  ])("is refused: %j", (text, quantity, code) => {
    expect(read(parseQuantity(quantity, text))).toBe(code);
  });

  test("is refused with what was written, and with units, range and an example", () => {
    expect(parseQuantity(FREQUENCY, "433.92", "radio.centre")).toEqual({
      ok: false,
      rejections: [
        {
          code: "unit-missing",
          field: "radio.centre",
          measured: { text: "433.92" },
          required: {
            quantity: "frequency",
            base: "Hz",
            units: "Hz kHz MHz GHz",
            min: 0,
            max: 3_000_000_000_000,
            example: "433.92MHz",
          },
        },
      ],
    });
  });

  test("takes its own example", () => {
    for (const quantity of ALL) expect(parseQuantity(quantity, quantity.example).ok).toBe(true);
  });

  test("loses nothing: parsing what was formatted gives the same integer", () => {
    for (const quantity of ALL) {
      const { min, max } = quantity;
      const value = fc.oneof(
        fc.integer({ min, max }),
        fc.integer({ min: Math.max(min, -2000), max: Math.min(max, 2000) }),
        fc
          .constantFrom(...Object.values(quantity.units))
          .chain((unit) => fc.nat(500).map((n) => Math.min(n * unit, max))),
      );
      fc.assert(
        fc.property(value, (each) => {
          expect(parseQuantity(quantity, formatQuantity(quantity, each))).toEqual({
            ok: true,
            value: each + 0,
          });
        }),
        { numRuns: 2000 },
      );
    }
  });

  test("never throws, whatever is written", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[0-9+. -]{0,9}[a-zA-Z%°/ ]{0,9}$/),
    );
    fc.assert(
      fc.property(texts, (text) => {
        for (const quantity of ALL) {
          const result = parseQuantity(quantity, text);
          if (result.ok) expect(Number.isSafeInteger(result.value)).toBe(true);
        }
        for (const parse of [parsePower, parsePowerLimit, parseLatitude, parseLongitude])
          expect(parse(text)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, Quantity, number]>([
    ["433.92 MHz", FREQUENCY, 433_920_000],
    ["0 Hz", FREQUENCY, 0],
    ["999 Hz", FREQUENCY, 999],
    ["12.3 m", LENGTH, 12_300],
    ["-50 mm", LENGTH, -50],
    ["90 s", DURATION, 90_000_000],
    ["90 min", DURATION, 5_400_000_000],
    ["1 d", DURATION, 86_400_000_000],
    ["1.5 ms", DURATION, 1500],
    ["-0.0000005°", DEGREES, -5],
    ["48.1234567°", DEGREES, 481_234_567],
    ["0.5 ppm", RATIO, 500],
    ["10%", PERCENT, 1000],
    ["-0.5 dB", DECIBELS, -50],
  ])("is written for people: %s", (text, quantity, value) => {
    expect(formatQuantity(quantity, value)).toBe(text);
  });
});

describe("a power", () => {
  test.each<[string, number | string]>([
    ["47dBm", 4700],
    ["-13 dBm", -1300],
    ["19.15dBm", 1915],
    ["19.151dBm", "number-not-exact"],
    ["1mW", 0],
    ["50mW", 1698],
    ["50 mW", 1698],
    ["0.05W", 1698],
    ["4W", 3602],
    ["1kW", 6000],
    ["100\u00b5W", -1000],
    ["100uW", -1000],
    ["25mW", 1397],
    ["1nW", -6000],
    ["0.1nW", "number-not-exact"],
    ["0mW", "field-range"],
    ["-1mW", "field-range"],
    ["10kkW", "unit-unknown"],
    ["1MW", "unit-unknown"],
    ["20", "unit-missing"],
    ["20dB", "unit-unknown"],
    ["20dBW", "unit-unknown"],
    ["301dBm", "field-range"],
  ])("%s is %s centi-dBm: watts are rounded down", (text, expected) => {
    expect(read(parsePower(text))).toBe(expected);
  });

  test("names both ways of writing it where the unit is wrong", () => {
    const result = parsePower("20");
    expect(result.ok ? "" : result.rejections[0]?.required["units"]).toBe(
      "dBm nW \u00b5W \u03bcW uW mW W kW",
    );
  });

  test("loses nothing in centi-dBm", () => {
    fc.assert(
      fc.property(fc.integer({ min: -30_000, max: 30_000 }), (each) => {
        expect(read(parsePower(formatPower(each)))).toBe(each);
      }),
    );
  });
});

describe("a power limit", () => {
  const limit = (centiDbm: number, referenceHz: number, kind: Partial<PowerLimit> = {}): PowerLimit => ({
    centiDbm,
    referenceHz,
    measure: "eirp",
    detector: "rms",
    ...kind,
  });

  test.each<[string, PowerLimit | string]>([
    ["47dBm/10MHz", limit(4700, 10_000_000)],
    ["20dBm/MHz", limit(2000, 1_000_000)],
    ["-13dBm/MHz", limit(-1300, 1_000_000)],
    ["50mW ERP", limit(1698, 0, { measure: "erp" })],
    ["10dBm EIRP", limit(1000, 0)],
    ["10dBm", limit(1000, 0)],
    ["47 dBm/10 MHz TRP peak", limit(4700, 10_000_000, { measure: "trp", detector: "peak" })],
    ["47dBm / 10MHz conducted rms", limit(4700, 10_000_000, { measure: "conducted" })],
    ["10dBm peak", limit(1000, 0, { detector: "peak" })],
    ["47dBm/0.5MHz", limit(4700, 500_000)],
    ["47dBm/.5MHz", "number-malformed"],
    ["47dBm/-5MHz", "field-range"],
    ["47dBm/0Hz", "field-range"],
    ["47dBm/10", "unit-missing"],
    ["47dBm/m", "unit-unknown"],
    ["47/10MHz", "unit-missing"],
    ["47dBm/", "number-malformed"],
    ["/10MHz", "number-malformed"],
    ["47dBm/10MHz/MHz", "number-malformed"],
    ["10dBm EIRP/MHz", "number-malformed"],
    ["10dBm peak EIRP", "number-malformed"],
    ["10dBm AVERAGE", "number-malformed"],
    ["", "number-malformed"],
  ])("%s", (text, expected) => {
    expect(read(parsePowerLimit(text))).toEqual(expected);
  });

  test("is written the way it is read", () => {
    expect(formatPowerLimit(limit(4700, 10_000_000))).toBe("47 dBm/10 MHz EIRP");
    expect(formatPowerLimit(limit(1698, 0, { measure: "erp" }))).toBe("16.98 dBm ERP");
    expect(formatPowerLimit(limit(0, 0, { measure: "conducted", detector: "peak" }))).toBe(
      "0 dBm conducted peak",
    );
    const any: fc.Arbitrary<PowerLimit> = fc.record({
      centiDbm: fc.integer({ min: -30_000, max: 30_000 }),
      referenceHz: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000_000_000_000 })),
      measure: fc.constantFrom("eirp" as const, "erp" as const, "trp" as const, "conducted" as const),
      detector: fc.constantFrom("rms" as const, "peak" as const),
    });
    fc.assert(
      fc.property(any, (each) => {
        expect(read(parsePowerLimit(formatPowerLimit(each)))).toEqual(each);
      }),
    );
  });
});

describe("latitude and longitude", () => {
  test("take a sign or a letter, not both, and keep to their own range", () => {
    expect(read(parseLatitude("48.1234567degN"))).toBe(481_234_567);
    expect(read(parseLatitude("48.1234567°S"))).toBe(-481_234_567);
    expect(read(parseLatitude("48.1234567° S"))).toBe(-481_234_567);
    expect(read(parseLatitude("-48.1deg"))).toBe(-481_000_000);
    expect(read(parseLongitude("179.9999999° W"))).toBe(-1_799_999_999);
    expect(read(parseLongitude("11.5°E"))).toBe(115_000_000);
    expect(read(parseLatitude("-48.1degS"))).toBe("number-malformed");
    expect(read(parseLatitude("48.1N"))).toBe("unit-missing");
    expect(read(parseLatitude("48.1degE"))).toBe("unit-unknown");
    expect(read(parseLatitude("90.0000001deg"))).toBe("field-range");
    expect(read(parseLongitude("90.0000001deg"))).toBe(900_000_001);
    expect(read(parseLongitude("180.0000001°W"))).toBe("field-range");
  });

  test("tell a failure of what was written, letter and all", () => {
    const result = parseLatitude("91°S", "site.latitude");
    expect(result.ok ? null : result.rejections).toMatchObject([
      {
        code: "field-range",
        field: "site.latitude",
        measured: { text: "91°S" },
        required: { quantity: "latitude" },
      },
    ]);
  });
});
