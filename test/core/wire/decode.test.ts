import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, equalBytes } from "../../../src/core/base/bytes.ts";
import { decode } from "../../../src/core/wire/decode.ts";
import { encode } from "../../../src/core/wire/encode.ts";
import { limits } from "../../../src/core/wire/limits.ts";
import type { Value } from "../../../src/core/wire/value.ts";
import { encodeWith, longerForms, tagged } from "./loose-encoding.ts";
import { anyValue } from "./random-value.ts";

const MAX = limits.ARTIFACT_BYTES_MAX;

function refused(bytes: Uint8Array): string {
  const decoded = decode(bytes, MAX);
  return decoded.ok ? "taken" : decoded.rejections.map(({ code }) => code).join(" ");
}

function nested(levels: number, inner: Value): Value {
  let value = inner;
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

describe("what it takes, it gives back byte for byte", () => {
  test("decode(encode(value)) is the value, for every value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const decoded = decode(encode(value), MAX * 4);
        expect(decoded).toStrictEqual({ ok: true, value });
      }),
      { numRuns: 200 },
    );
  });

  test("encode(decode(bytes)) is the bytes, for damaged encodings and random bytes that it takes", () => {
    let taken = 0;
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255), how: fc.constantFrom("set", "insert", "cut") });
    const damaged = fc.tuple(anyValue, fc.array(edit, { maxLength: 3 })).map(([value, edits]) => {
      const bytes = [...encode(value)];
      for (const { at, byte, how } of edits) {
        const index = at % bytes.length;
        bytes.splice(index, how === "insert" ? 0 : 1, ...(how === "cut" ? [] : [byte]));
        if (bytes.length === 0) bytes.push(byte);
      }
      return Uint8Array.from(bytes);
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 12 })), (bytes) => {
        const decoded = decode(bytes, MAX);
        if (decoded.ok) {
          taken += 1;
          expect(equalBytes(encode(decoded.value), bytes)).toBe(true);
          return;
        }
        const [only, ...more] = decoded.rejections;
        expect(more).toEqual([]);
        expect(only?.code).toMatch(/^wire-/);
        for (const said of Object.values(only?.required ?? { form: "" })) expect(said).not.toBe("");
        expect(only?.measured["offset"]).toBeGreaterThanOrEqual(0);
        expect(only?.measured["offset"]).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 700 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

describe("each value has one form", () => {
  test("every longer form, anywhere in a tree, is refused as not minimal", () => {
    let tried = 0;
    fc.assert(
      fc.property(anyValue, fc.array(anyValue, { maxLength: 3 }), (value, beside) => {
        for (const form of longerForms(value)) {
          tried += 1;
          const { encoded, offset } = encodeWith([beside, value], [1], form);
          const decoded = decode(encoded, MAX * 4);
          expect(decoded.ok).toBe(false);
          if (decoded.ok) return;
          expect(decoded.rejections[0]).toMatchObject({
            code: "wire-not-minimal",
            required: { form: "the shortest form" },
          });
          expect(decoded.rejections[0]?.measured["offset"]).toBeGreaterThanOrEqual(offset);
        }
      }),
      { numRuns: 200 },
    );
    expect(tried).toBeGreaterThan(200);
  });

  test.each<[string, Uint8Array, Value]>([
    ["uint 8", tagged(0xcc, 0x80n, 1), 0x80],
    ["uint 16", tagged(0xcd, 0x100n, 2), 0x100],
    ["uint 32", tagged(0xce, 0x10000n, 4), 0x10000],
    ["uint 64", tagged(0xcf, 0x100000000n, 8), 0x100000000],
    ["uint 64 as a bigint", tagged(0xcf, 2n ** 53n, 8), 2n ** 53n],
    ["uint 64 as a number", tagged(0xcf, 2n ** 53n - 1n, 8), 2 ** 53 - 1],
    ["the greatest", tagged(0xcf, 2n ** 64n - 1n, 8), 2n ** 64n - 1n],
    ["int 8", tagged(0xd0, -33n, 1), -33],
    ["int 8's least", tagged(0xd0, -0x80n, 1), -0x80],
    ["int 16", tagged(0xd1, -0x81n, 2), -0x81],
    ["int 16's least", tagged(0xd1, -0x8000n, 2), -0x8000],
    ["int 32", tagged(0xd2, -0x8001n, 4), -0x8001],
    ["int 32's least", tagged(0xd2, -0x80000000n, 4), -0x80000000],
    ["int 64", tagged(0xd3, -0x80000001n, 8), -0x80000001],
    ["int 64 as a number", tagged(0xd3, 1n - 2n ** 53n, 8), 1 - 2 ** 53],
    ["int 64 as a bigint", tagged(0xd3, -(2n ** 53n), 8), -(2n ** 53n)],
    ["the least", tagged(0xd3, -(2n ** 63n), 8), -(2n ** 63n)],
    ["fixint", Uint8Array.of(0x7f), 0x7f],
    ["negative fixint", Uint8Array.of(0xe0), -32],
    ["nil", Uint8Array.of(0xc0), null],
  ])("%s begins where the shorter form ends", (_, bytes, value) => {
    expect(decode(bytes, MAX)).toStrictEqual({ ok: true, value });
    expect(encode(value)).toEqual(bytes);
  });

  test.each<[string, Uint8Array]>([
    ["uint 8", tagged(0xcc, 0x7fn, 1)],
    ["uint 16", tagged(0xcd, 0xffn, 2)],
    ["uint 32", tagged(0xce, 0xffffn, 4)],
    ["uint 64", tagged(0xcf, 0xffffffffn, 8)],
    ["int 8", tagged(0xd0, -32n, 1)],
    ["int 8, positive", tagged(0xd0, 1n, 1)],
    ["int 16", tagged(0xd1, -0x80n, 2)],
    ["int 16, positive", tagged(0xd1, 0x7fffn, 2)],
    ["int 32", tagged(0xd2, -0x8000n, 4)],
    ["int 32, positive", tagged(0xd2, 0x7fffffffn, 4)],
    ["int 64", tagged(0xd3, -0x80000000n, 8)],
    ["int 64, positive", tagged(0xd3, 2n ** 62n, 8)],
    ["str 8", concat(tagged(0xd9, 31n, 1), new Uint8Array(31).fill(0x61))],
    ["str 16", concat(tagged(0xda, 255n, 2), new Uint8Array(255).fill(0x61))],
    ["str 32", concat(tagged(0xdb, 65535n, 4), new Uint8Array(65535).fill(0x61))],
    ["bin 16", concat(tagged(0xc5, 255n, 2), new Uint8Array(255))],
    ["bin 32", concat(tagged(0xc6, 65535n, 4), new Uint8Array(65535))],
    ["array 16", concat(tagged(0xdc, 15n, 2), new Uint8Array(15))],
  ])("%s one below its least is refused", (_, bytes) => {
    expect(decode(bytes, MAX * 2)).toMatchObject({ ok: false, rejections: [{ code: "wire-not-minimal" }] });
  });

  test.each<[string, number, number]>([
    ["fixstr and str 8", 31, 32],
    ["str 8 and str 16", 255, 256],
    ["str 16 and str 32", 65535, 65536],
  ])("%s meet without a gap", (_, below, above) => {
    for (const length of [below, above]) {
      const value = "x".repeat(length);
      expect(decode(encode(value), MAX * 2)).toStrictEqual({ ok: true, value });
      const bytes = new Uint8Array(length);
      const decoded = decode(encode(bytes), MAX * 2);
      expect(decoded.ok && equalBytes(decoded.value as Uint8Array, bytes)).toBe(true);
    }
  });
});

describe("what the profile leaves out is refused by name", () => {
  test.each<[string, readonly number[]]>([
    ["fixmap", [0x80]],
    ["a full fixmap", [0x8f]],
    ["the byte that MessagePack never uses", [0xc1]],
    ["false", [0xc2]],
    ["true", [0xc3]],
    ["ext 8", [0xc7, 1, 0, 0]],
    ["ext 16", [0xc8, 0, 1, 0, 0]],
    ["ext 32", [0xc9, 0, 0, 0, 1, 0, 0]],
    ["float 32", [0xca, 0, 0, 0, 0]],
    ["float 64", [0xcb, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["fixext 1", [0xd4, 0, 0]],
    ["fixext 2", [0xd5, 0, 0, 0]],
    ["fixext 4", [0xd6, 0, 0, 0, 0, 0]],
    ["fixext 8", [0xd7, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["fixext 16", [0xd8, ...new Array<number>(17).fill(0)]],
    ["array 32", [0xdd, 0, 0, 0, 0]],
    ["map 16", [0xde, 0, 0]],
    ["map 32", [0xdf, 0, 0, 0, 0]],
  ])("%s", (_, bytes) => {
    expect(decode(Uint8Array.from(bytes), MAX)).toEqual({
      ok: false,
      rejections: [
        {
          code: "wire-type-forbidden",
          field: "",
          measured: { offset: 0 },
          required: { form: "nil, integer, text, bytes or array" },
        },
      ],
    });
    expect(refused(Uint8Array.of(0x91, ...bytes))).toBe("wire-type-forbidden");
  });
});

describe("bounds", () => {
  test("eight arrays in each other are taken, nine are refused", () => {
    expect(decode(encode(nested(8, 1)), MAX).ok).toBe(true);
    const nine = concat(Uint8Array.of(0x91), encode(nested(8, 1)));
    expect(decode(nine, MAX)).toEqual({
      ok: false,
      rejections: [
        { code: "wire-too-deep", field: "", measured: { offset: 9 }, required: { form: "at most 8 levels" } },
      ],
    });
    expect(refused(new Uint8Array(60_000).fill(0x91))).toBe("wire-too-deep");
  });

  test("an array of 1024 is taken, one of 1025 is refused before its items are read", () => {
    const most = concat(tagged(0xdc, 1024n, 2), new Uint8Array(1024));
    expect(decode(most, MAX).ok).toBe(true);
    expect(refused(concat(tagged(0xdc, 1025n, 2), new Uint8Array(1025)))).toBe("wire-array-too-long");
    expect(refused(tagged(0xdc, 0xffffn, 2))).toBe("wire-array-too-long");
  });

  test("the length is judged first, with both numbers", () => {
    expect(decode(new Uint8Array(9), 8)).toEqual({
      ok: false,
      rejections: [{ code: "wire-too-long", field: "", measured: { bytes: 9 }, required: { bytesMax: 8 } }],
    });
    expect(decode(encode("1234567"), 8).ok).toBe(true);
  });

  test("bytes after the value are refused, with the offset at which it ended", () => {
    expect(decode(Uint8Array.of(0x92, 1, 2, 0xc0), MAX)).toEqual({
      ok: false,
      rejections: [
        {
          code: "wire-trailing-bytes",
          field: "",
          measured: { offset: 3, bytes: 4 },
          required: { trailing: 0 },
        },
      ],
    });
  });

  test("every beginning of an encoding is refused as truncated", () => {
    const whole = encode([
      "text of some length, more than 31",
      new Uint8Array(300),
      [-40, 2 ** 40, -(2 ** 40)],
      null,
    ]);
    for (let length = 0; length < whole.length; length++) {
      expect(refused(whole.slice(0, length))).toBe("wire-truncated");
    }
    expect(refused(whole)).toBe("taken");
  });

  test("a length that no input could have costs nothing", () => {
    expect(refused(tagged(0xc6, 0xffffffffn, 4))).toBe("wire-truncated");
    expect(refused(tagged(0xdb, 0xffffffffn, 4))).toBe("wire-truncated");
  });

  test("malformed UTF-8 is refused, not repaired", () => {
    expect(refused(Uint8Array.of(0xa2, 0xc0, 0x80))).toBe("wire-text-malformed");
    expect(refused(Uint8Array.of(0xa3, 0xed, 0xa0, 0x80))).toBe("wire-text-malformed");
    expect(refused(Uint8Array.of(0xa1, 0xff))).toBe("wire-text-malformed");
  });

  test("bytes that it gives do not change with its input", () => {
    const input = encode(Uint8Array.of(1, 2, 3));
    const decoded = decode(input, MAX);
    input.fill(9);
    expect(decoded).toStrictEqual({ ok: true, value: Uint8Array.of(1, 2, 3) });
  });
});
