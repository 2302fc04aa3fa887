/** DER as X.690 §8-11 has it, against OpenSSL and JavaScript's own calendar. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import {
  bits,
  integer,
  octets,
  sequence,
  setOfOne,
  TRUE,
  text,
  time,
  unsigned,
} from "../../../src/core/x509/der.ts";

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe("DER", () => {
  test.each([
    [0, "020100"],
    [127, "02017f"],
    [128, "02020080"],
    [16_384, "02024000"],
    [2 ** 31 - 1, "02047fffffff"],
  ])("writes the integer %i as short as it can be", (value, hex) => {
    expect(toHex(integer(value))).toBe(hex);
  });

  test("writes a number of many bytes without leading zeros, and never as a negative one", () => {
    expect(toHex(unsigned(Uint8Array.of(0, 0, 0x7f, 1)))).toBe("02027f01");
    expect(toHex(unsigned(Uint8Array.of(0, 0x80, 1)))).toBe("0203008001");
    expect(toHex(unsigned(new Uint8Array(3)))).toBe("020100");
  });

  test.each([
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65_535, "0482ffff"],
  ])("gives a string of %i bytes the shortest length", (length, hex) => {
    const written = octets(new Uint8Array(length));
    expect(toHex(written.subarray(0, written.length - length))).toBe(hex);
  });

  test("writes the other types by their tags", () => {
    expect(toHex(sequence(TRUE, text("a")))).toBe("30060101ff0c0161");
    expect(toHex(setOfOne(bits(Uint8Array.of(4), 2)))).toBe("31040302020" + "4");
  });

  test("writes any instant as JavaScript's calendar has it, by UTCTime before 2050 and by GeneralizedTime from then on", () => {
    const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: last }), (ms) => {
        const written = time(ms * 1000);
        const all = new Date(ms).toISOString().replace(/[.].*/, "").replaceAll(/[-:T]/g, "");
        const isLate = ms >= Date.UTC(2050, 0, 1);
        expect(written[0]).toBe(isLate ? 0x18 : 0x17);
        expect(ascii(written.subarray(2))).toBe(`${isLate ? all : all.slice(2)}Z`);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["2000-02-29T00:00:00Z", "000229000000Z"],
    ["2049-12-31T23:59:59Z", "491231235959Z"],
    ["2050-01-01T00:00:00Z", "20500101000000Z"],
    ["2100-02-28T23:59:59Z", "21000228235959Z"],
    ["2100-03-01T00:00:00Z", "21000301000000Z"],
  ])("writes %s as %s", (instant, written) => {
    expect(ascii(time(Date.parse(instant) * 1000).subarray(2))).toBe(written);
  });
});
