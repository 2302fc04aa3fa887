import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/core/wire/encode.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { isWant, readWant, writeWant } from "../../../src/core/wire/want.ts";

const id = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

test("what is asked for is read as it was written, up to 16 ids", () => {
  const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(digest, fc.array(digest, { minLength: 1, maxLength: 16 }), (lineage, ids) => {
      const bytes = writeWant({ lineage, ids });
      expect(isWant(bytes)).toBe(true);
      expect(readWant(bytes)).toEqual({ ok: true, value: { lineage, ids } });
    }),
    { numRuns: 50 },
  );
});

test("its first byte tells it from an envelope", () => {
  expect(isWant(encode([1, "offer", id(1), [], []]))).toBe(false);
  expect(isWant(new Uint8Array(0))).toBe(false);
});

describe("bad wants are refused", () => {
  const malformed = { ok: false, rejections: [{ code: "want-malformed", field: "" }] };

  test.each<[string, Value]>([
    ["no array", "want"],
    ["two parts", ["want", id(1)]],
    ["four parts", ["want", id(1), [id(2)], null]],
    ["another tag", ["wants", id(1), [id(2)]]],
    ["a lineage of 31 bytes", ["want", id(1).slice(1), [id(2)]]],
    ["a lineage in text", ["want", "me", [id(2)]]],
    ["no ids", ["want", id(1), []]],
    ["17 ids", ["want", id(1), new Array<Value>(17).fill(id(2))]],
    ["an id of 33 bytes", ["want", id(1), [id(2), new Uint8Array(33)]]],
    ["an id that is nil", ["want", id(1), [null]]],
    ["ids that are no array", ["want", id(1), id(2)]],
  ])("%s", (_, value) => {
    expect(readWant(encode(value))).toMatchObject(malformed);
  });

  test("bytes that are no MessagePack", () => {
    expect(readWant(Uint8Array.of(0x93))).toMatchObject({ rejections: [{ code: "wire-truncated" }] });
    expect(readWant(new Uint8Array(24_577))).toMatchObject({ rejections: [{ code: "wire-too-long" }] });
  });
});
