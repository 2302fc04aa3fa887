import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ascii,
  compareBytes,
  concat,
  equalBytes,
  fromHex,
  sortedUnique,
  toHex,
  u32be,
} from "../../../src/core/base/bytes.ts";

const some = fc.uint8Array({ maxLength: 6, max: 3 });
const any = fc.uint8Array({ maxLength: 40 });

test("concat joins the parts, as Buffer does", () => {
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), (parts) => {
      expect(toHex(concat(...parts))).toBe(Buffer.concat(parts).toString("hex"));
    }),
    { numRuns: 50 },
  );
});

test("equality and order are those of Buffer", () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      expect(equalBytes(a, b)).toBe(Buffer.from(a).equals(b));
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
    }),
    { numRuns: 500 },
  );
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0);
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
});

describe("hex", () => {
  test("there and back is the same", () => {
    fc.assert(
      fc.property(any, (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
      }),
      { numRuns: 50 },
    );
  });

  test.each(["0", "0A", "0g", "a b0", "0x00", " 00", "00\n", "é0"])("%j is none", (text) => {
    expect(fromHex(text)).toBeNull();
  });

  test("of nothing is nothing", () => {
    expect(fromHex("")).toEqual(new Uint8Array(0));
    expect(toHex(new Uint8Array(0))).toBe("");
  });
});

test("ascii keeps seven bits of each letter", () => {
  expect(ascii("sa/1\0~")).toEqual(Uint8Array.of(0x73, 0x61, 0x2f, 0x31, 0, 0x7e));
  expect(ascii("")).toEqual(new Uint8Array(0));
});

test.each<[number, readonly number[]]>([
  [0, [0, 0, 0, 0]],
  [1, [0, 0, 0, 1]],
  [0x01020304, [1, 2, 3, 4]],
  [0xffffffff, [255, 255, 255, 255]],
])("u32be of %i is big-endian", (value, bytes) => {
  expect(u32be(value)).toEqual(Uint8Array.from(bytes));
});

test("sortedUnique keeps each id once, in bytewise order, and leaves its argument alone", () => {
  fc.assert(
    fc.property(fc.array(some, { maxLength: 12 }), (ids) => {
      const before = ids.map(toHex);
      const expected = [...new Set(before)].map((hex) => Buffer.from(hex, "hex")).sort(Buffer.compare);
      expect(sortedUnique(ids).map(toHex)).toEqual(expected.map((each) => each.toString("hex")));
      expect(ids.map(toHex)).toEqual(before);
    }),
    { numRuns: 200 },
  );
});
