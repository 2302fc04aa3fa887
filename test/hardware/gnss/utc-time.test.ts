import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isoTime, nmeaTime } from "../../../hardware/gnss/utc-time.ts";

describe("an ISO time", () => {
  test("becomes microseconds exactly, with fractions of any length", () => {
    expect(isoTime("1980-01-06T00:00:00Z")?.timeUs).toBe(315_964_800_000_000);
    expect(isoTime("2021-02-23T18:04:30.000Z")?.timeUs).toBe(1_614_103_470_000_000);
    expect(isoTime("2021-02-23T18:04:30.1Z")?.timeUs).toBe(1_614_103_470_100_000);
    expect(isoTime("2021-02-23T18:04:30.123456Z")?.timeUs).toBe(1_614_103_470_123_456);
    expect(isoTime("2021-02-23T18:04:30.123456999999999999Z")?.timeUs).toBe(1_614_103_470_123_456);
  });

  test("agrees with the language's calendar for every millisecond of the years that it takes", () => {
    const span = {
      min: new Date("1980-01-01T00:00:00Z"),
      max: new Date("2254-12-31T23:59:59Z"),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(span), (date) => {
        expect(isoTime(date.toISOString())).toEqual({ timeUs: date.getTime() * 1000, leapSecond: false });
        expect(Number.isSafeInteger(date.getTime() * 1000)).toBe(true);
      }),
    );
  });

  test("is refused when it is no time", () => {
    for (const text of [
      "",
      "2021-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z",
      "2021-13-01T00:00:00Z",
      "2021-00-01T00:00:00Z",
      "2021-01-00T00:00:00Z",
      "2021-01-01T24:00:00Z",
      "2021-01-01T00:60:00Z",
      "2021-01-01T00:00:61Z",
      "2021-01-01T12:00:60Z",
      "1979-12-31T23:59:59Z",
      "2255-01-01T00:00:00Z",
      "9999-01-01T00:00:00Z",
      "2021-01-01T00:00:00",
      "2021-01-01T00:00:00.Z",
      "2021-01-01 00:00:00Z",
      "+2021-01-01T00:00:00Z",
      `2021-01-01T00:00:00.${"0".repeat(65)}Z`,
    ]) {
      expect(isoTime(text), text).toBeNull();
    }
    expect(isoTime("2000-02-29T00:00:00Z")).not.toBeNull();
  });

  test("names a leap second, and gives it the number of the next second", () => {
    const leap = isoTime("2016-12-31T23:59:60.5Z");
    expect(leap).toEqual({ timeUs: isoTime("2017-01-01T00:00:00.5Z")?.timeUs, leapSecond: true });
  });
});

describe("an NMEA time", () => {
  test("takes two digits of the year from 1980 to 2079, or four", () => {
    expect(nmeaTime("311214", "030719.000")).toEqual(isoTime("2014-12-31T03:07:19Z"));
    expect(nmeaTime("010180", "000000")).toEqual(isoTime("1980-01-01T00:00:00Z"));
    expect(nmeaTime("010179", "000000")).toEqual(isoTime("2079-01-01T00:00:00Z"));
    expect(nmeaTime("19072017", "085001.20")).toEqual(isoTime("2017-07-19T08:50:01.200Z"));
  });

  test("is refused without a date or a time, or with a broken one", () => {
    for (const [date, time] of [
      ["", "030719"],
      ["311214", ""],
      ["311314", "030719"],
      ["3112140", "030719"],
      ["311214", "0307"],
      ["311214", "030719,1"],
      ["-11214", "030719"],
    ] as const) {
      expect(nmeaTime(date, time)).toBeNull();
    }
  });
});
