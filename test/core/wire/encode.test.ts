import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/wire/encode.ts";
import type { Value } from "../../../src/core/wire/value.ts";

describe("our own mistakes are assertions, not bytes", () => {
  test.each<[string, Value, string]>([
    ["a fraction", 0.5, "safe integers"],
    ["a number beyond the safe ones", 2 ** 53, "safe integers"],
    ["not a number", Number.NaN, "safe integers"],
    ["an integer above 64 bits", 2n ** 64n, "at most 64 bits"],
    ["an integer below 64 bits", -(2n ** 63n) - 1n, "at most 64 bits"],
    ["a lone high surrogate", "a\ud800", "well formed"],
    ["a lone low surrogate", "\udc00b", "well formed"],
    ["nine arrays in each other", [[[[[[[[[1]]]]]]]]], "depth"],
    ["an array of 1025", new Array<Value>(1025).fill(0), "length"],
  ])("%s", (_, value, why) => {
    expect(() => encode(value)).toThrow(why);
  });

  test("the greatest that it writes are just inside", () => {
    expect(encode([[[[[[[[1]]]]]]]])).toHaveLength(9);
    expect(encode(new Array<Value>(1024).fill(0))).toHaveLength(1027);
    expect(encode(2n ** 64n - 1n)).toHaveLength(9);
    expect(encode(-(2n ** 63n))).toHaveLength(9);
  });
});

test("a bigint is written as the number that it equals", () => {
  for (const value of [0, 1, 127, 128, 65_536, 2 ** 40, -1, -32, -33, -129, -32_769, -(2 ** 40)]) {
    expect(encode(BigInt(value))).toEqual(encode(value));
  }
});

test("negative zero is written as zero", () => {
  expect(encode(-0)).toEqual(Uint8Array.of(0));
});
