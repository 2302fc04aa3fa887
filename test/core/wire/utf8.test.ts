import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../../src/core/wire/utf8.ts";
import { anyText } from "./random-value.ts";

/** The platform's own, which does not repair and keeps a byte order mark. */
const oracle = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodedByOracle(bytes: Uint8Array): string | null {
  try {
    return oracle.decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes next to which a decision changes (RFC 3629 §4). */
const EDGES = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];

describe("decoding agrees with TextDecoder", () => {
  test("for every sequence of one or two bytes", () => {
    const differing: string[] = [];
    for (let first = 0; first < 256; first++) {
      const one = Uint8Array.of(first);
      if (decodeUtf8(one) !== decodedByOracle(one)) differing.push(`${first}`);
      for (let second = 0; second < 256; second++) {
        const two = Uint8Array.of(first, second);
        if (decodeUtf8(two) !== decodedByOracle(two)) differing.push(`${first} ${second}`);
      }
    }
    expect(differing).toEqual([]);
  });

  test("for every first byte of a longer sequence before every edge of the next three", () => {
    const differing: string[] = [];
    let valid = 0;
    const compare = (...sequence: readonly number[]): void => {
      const bytes = Uint8Array.from(sequence);
      const text = decodeUtf8(bytes);
      if (text !== decodedByOracle(bytes)) differing.push(sequence.join(" "));
      if (text !== null) valid += 1;
    };
    for (let first = 0xe0; first < 0x100; first++) {
      for (const second of EDGES) {
        for (const third of EDGES) {
          compare(first, second, third);
          if (first >= 0xef) for (const fourth of EDGES) compare(first, second, third, fourth);
        }
      }
    }
    expect(differing).toEqual([]);
    expect(valid).toBeGreaterThan(500);
  });

  test("for random bytes among text", () => {
    const part = fc.oneof(
      anyText.map((text) => [...new TextEncoder().encode(text)]),
      fc.array(fc.nat(255), { maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const bytes = Uint8Array.from(parts.flat());
        expect(decodeUtf8(bytes)).toBe(decodedByOracle(bytes));
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, readonly number[]]>([
    ["a slash in two bytes", [0xc0, 0xaf]],
    ["a slash in three", [0xe0, 0x80, 0xaf]],
    ["a slash in four", [0xf0, 0x80, 0x80, 0xaf]],
    ["the greatest that two bytes hold, in three", [0xe0, 0x9f, 0xbf]],
    ["the greatest that three bytes hold, in four", [0xf0, 0x8f, 0xbf, 0xbf]],
    ["a high surrogate", [0xed, 0xa0, 0x80]],
    ["a low surrogate", [0xed, 0xbf, 0xbf]],
    ["a pair of surrogates (CESU-8)", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ["the point after the last", [0xf4, 0x90, 0x80, 0x80]],
    ["five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ["a lone continuation", [0x80]],
    ["a beginning without its end", [0xe2, 0x82]],
  ])("refuses %s", (_, bytes) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toBeNull();
  });

  test("keeps a byte order mark and does not normalise", () => {
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe("\ufeff");
    expect(decodeUtf8(encodeUtf8("e\u0301") as Uint8Array)).toBe("e\u0301");
    expect(decodeUtf8(new Uint8Array(0))).toBe("");
  });
});

describe("encoding agrees with TextEncoder", () => {
  test("for every point of a plane's edge", () => {
    for (const point of [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff]) {
      const text = String.fromCodePoint(point);
      expect(encodeUtf8(text)).toEqual(new Uint8Array(new TextEncoder().encode(text)));
    }
  });

  test("for random text, and refuses each lone surrogate, which TextEncoder would replace", () => {
    const units = fc.array(
      fc.oneof(fc.integer({ min: 0xd7f0, max: 0xe010 }), fc.integer({ min: 0, max: 0xffff })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(units, (codes) => {
        const text = String.fromCharCode(...codes);
        const expected = new TextEncoder().encode(text);
        const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(expected) === text;
        expect(encodeUtf8(text)).toEqual(wellFormed ? new Uint8Array(expected) : null);
      }),
      { numRuns: 500 },
    );
  });
});
