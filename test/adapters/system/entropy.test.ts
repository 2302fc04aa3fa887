import { describe, expect, it } from "vitest";
import { systemEntropy } from "../../../src/adapters/system/entropy.ts";
import { seededEntropy } from "../../../src/adapters/system/seeded-entropy.ts";
import { ascii, concat, toHex } from "../../../src/core/base/bytes.ts";

for (const [name, make] of [
  ["system entropy", systemEntropy],
  ["seeded entropy", () => seededEntropy(ascii("seed"))],
] as const) {
  describe(name, () => {
    it("gives as many bytes as asked, from 0 to 1024, and never the same 16 twice", () => {
      const entropy = make();
      expect([0, 1, 31, 32, 33, 1024].map((length) => entropy.bytes(length).length)).toEqual([
        0, 1, 31, 32, 33, 1024,
      ]);
      expect(new Set(Array.from({ length: 1000 }, () => toHex(entropy.bytes(16)))).size).toBe(1000);
    });

    it("refuses lengths outside the port's bounds", () => {
      for (const length of [-1, 1025, 0.5, Number.NaN]) expect(() => make().bytes(length)).toThrow("bounded");
    });

    it("hands out bytes that are the caller's own", () => {
      const entropy = make();
      const first = entropy.bytes(40);
      const before = toHex(first);
      entropy.bytes(1024).fill(0);
      expect(toHex(first)).toBe(before);
    });
  });
}

describe("seeded entropy", () => {
  it("is SHA-256 of the seed's length, the seed and a counter", () => {
    // printf '\0\0\0\0\0\0\0\0\0\0\0\0' | sha256sum
    const first = "15ec7bf0b50732b49f8228e07d24365338f9e3ab994b00af08e5a3bffe55fd8b";
    expect(toHex(seededEntropy(new Uint8Array(0)).bytes(32))).toBe(first);
  });

  it("gives one stream for one seed, however it is cut", () => {
    const whole = seededEntropy(ascii("a")).bytes(1000);
    const cut = seededEntropy(ascii("a"));
    const pieces = [0, 1, 7, 24, 32, 64, 500, 372].map((length) => cut.bytes(length));
    expect(toHex(concat(...pieces))).toBe(toHex(whole));
    expect(toHex(seededEntropy(ascii("b")).bytes(1000))).not.toBe(toHex(whole));
  });
});
