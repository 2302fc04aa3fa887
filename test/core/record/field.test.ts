import { describe, expect, test } from "vitest";
import type { Rejection } from "../../../src/core/base/rejection.ts";
import {
  amount,
  bytes,
  choice,
  type Field,
  fieldBytes,
  flag,
  identifier,
  integer,
  list,
  nilable,
  struct,
  text,
} from "../../../src/core/record/field.ts";
import { wireValue } from "../../support/wire-value.ts";

type Pair = { readonly left: number; readonly right: number };
const small = integer(-1, 1);
const pair: Field<Pair> = struct<Pair>({ left: small, right: small });

describe("writing asserts what reading would refuse", () => {
  test.each<[string, () => unknown, string]>([
    ["an integer one below", () => fieldBytes(small, -2), "integer in [-1, 1]"],
    ["an integer one above", () => fieldBytes(small, 2), "integer in [-1, 1]"],
    ["a fraction", () => fieldBytes(small, 0.5), "integer in [-1, 1]"],
    ["an amount below", () => fieldBytes(amount(0n, 9n), -1n), "amount"],
    ["an amount above", () => fieldBytes(amount(0n, 9n), 10n), "amount"],
    ["bytes too short", () => fieldBytes(bytes(2, 3), new Uint8Array(1)), "bytes of 2..3"],
    ["bytes too long", () => fieldBytes(bytes(2, 3), new Uint8Array(4)), "bytes of 2..3"],
    ["an empty identifier", () => fieldBytes(identifier(4), ""), "identifier"],
    ["an identifier outside ASCII", () => fieldBytes(identifier(4), "é"), "identifier"],
    ["a long identifier", () => fieldBytes(identifier(4), "abcde"), "identifier"],
    ["a long text", () => fieldBytes(text(4), "abcde"), "text"],
    ["another word", () => fieldBytes(choice("a", "b"), "c" as "a"), "one of a b"],
    ["too few items", () => fieldBytes(list(small, 1, 2), []), "list of 1..2"],
    ["too many items", () => fieldBytes(list(small, 1, 2), [0, 0, 0]), "list of 1..2"],
    ["bounds that are no integers", () => integer(0, 2 ** 53), "safe integers"],
  ])("%s", (_, write, why) => {
    expect(write).toThrow(why);
  });
});

describe("reading", () => {
  function rejections(
    field: Field<unknown>,
    value: Parameters<Field<unknown>["read"]>[0],
  ): readonly Rejection[] {
    const out: Rejection[] = [];
    expect(field.read(value, "at", out)).toBeUndefined();
    return out;
  }

  test("what is not there at all is absent, like nil", () => {
    for (const field of [
      small,
      amount(0n, 1n),
      bytes(1),
      text(1),
      choice("a"),
      list(small, 0, 1),
      pair,
      flag,
    ]) {
      expect(rejections(field, undefined)).toMatchObject([{ code: "field-absent", field: "at" }]);
      expect(rejections(field, null)).toMatchObject([{ code: "field-absent", field: "at" }]);
    }
  });

  test("all fields of a struct are read, whatever is wrong with the first", () => {
    expect(rejections(pair, [2, "x"])).toMatchObject([
      { code: "field-range", field: "at.left" },
      { code: "field-type", field: "at.right" },
    ]);
    const outermost: Rejection[] = [];
    pair.read([2, 0], "", outermost);
    expect(outermost).toMatchObject([{ field: "left" }]);
  });

  test("a list ends at its first bad item, which it names", () => {
    expect(
      rejections(list(pair, 0, 9), [
        [0, 0],
        [0, 5],
        [5, 0],
      ]),
    ).toMatchObject([{ field: "at[1].right" }]);
  });

  test("a flag is 0 or 1", () => {
    expect([flag.read(0, "", []), flag.read(1, "", [])]).toEqual([false, true]);
    expect(rejections(flag, 2)).toMatchObject([{ code: "field-range", required: { min: 0, max: 1 } }]);
    expect([wireValue(flag, true), wireValue(flag, false)]).toEqual([1, 0]);
  });

  test("nil is a value of a nilable field alone", () => {
    const field = nilable(small);
    expect(field.read(null, "", [])).toBeNull();
    expect([wireValue(field, null), wireValue(field, 1)]).toEqual([null, 1]);
    expect([field.json(null), field.json(1)]).toEqual([null, 1]);
  });

  test("what a word was is shown at most 40 units long", () => {
    expect(rejections(choice("a"), "z".repeat(99))).toMatchObject([{ measured: { value: "z".repeat(40) } }]);
  });
});

test("the view in JSON writes bytes in hex, amounts as text, the rest as it is", () => {
  const field = struct<{ id: Uint8Array; price: bigint; on: boolean; items: readonly number[]; kind: "a" }>({
    id: bytes(2),
    price: amount(0n, 2n ** 63n),
    on: flag,
    items: list(small, 0, 3),
    kind: choice("a"),
  });
  const value = {
    id: Uint8Array.of(0xab, 1),
    price: 2n ** 60n,
    on: true,
    items: [1, -1],
    kind: "a",
  } as const;
  expect(field.json(value)).toEqual({
    id: "ab01",
    price: "1152921504606846976",
    on: true,
    items: [1, -1],
    kind: "a",
  });
  expect(field.read(wireValue(field, value), "", [])).toEqual(value);
});
