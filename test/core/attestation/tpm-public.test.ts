import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTpmPublic, tpmName } from "../../../src/core/attestation/tpm-public.ts";
import { concat, u32be } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { assertTold } from "../../support/told.ts";
import { FREE_SIGN, nameOf, RESTRICTED_SIGN, sized, testKey, tpmPublic, u16 } from "./evidence.ts";

const { point } = testKey();
const GOOD = tpmPublic(point, RESTRICTED_SIGN);

function codesOf(bytes: Uint8Array): string[] {
  const parsed = parseTpmPublic(bytes, "akPublic");
  if (parsed.ok) return [];
  assertTold(parsed.rejections);
  expect(parsed.rejections.map(({ field }) => field)).not.toContain("");
  return parsed.rejections.map((each) => each.code);
}

describe("parseTpmPublic", () => {
  test("reads the point and the attributes of an attestation key", () => {
    const parsed = parseTpmPublic(GOOD, "akPublic");
    expect(parsed.ok && parsed.value).toEqual({
      attributes: {
        fixedTpm: true,
        fixedParent: true,
        sensitiveDataOrigin: true,
        restricted: true,
        decrypts: false,
        signs: true,
      },
      key: point,
    });
    const free = parseTpmPublic(tpmPublic(point, FREE_SIGN), "akPublic");
    expect(free.ok && free.value.attributes.restricted).toBe(false);
  });

  test("reads a storage key with its AES, and a key without a scheme of its own", () => {
    const head = concat(u16(0x23), u16(0x0b), u32be(0x30472), sized(new Uint8Array(32)));
    const tail = concat(u16(0x10), u16(3), u16(0x10), sized(point.slice(1, 33)), sized(point.slice(33)));
    const storage = concat(head, u16(6), u16(128), u16(0x43), tail);
    const parsed = parseTpmPublic(storage, "akPublic");
    expect(parsed.ok && parsed.value.attributes.decrypts).toBe(true);
    expect(codesOf(concat(head, u16(0x10), tail))).toEqual([]);
  });

  test.each([
    ["type", { type: 0x01 }],
    ["nameAlg", { nameAlg: 0x04 }],
    ["curve", { curve: 0x04 }],
    ["kdf", { kdf: 0x22 }],
    ["scheme", { scheme: 0x1a }],
    ["schemeHash", { hash: 0x0c }],
    ["symmetric", { symmetric: 0x05 }],
  ])("refuses another %s, and names it", (what, words) => {
    const parsed = parseTpmPublic(tpmPublic(point, RESTRICTED_SIGN, words), "akPublic");
    expect(parsed.ok ? [] : parsed.rejections.map((each) => [each.code, each.field])).toEqual([
      ["tpm-public-algorithm", `akPublic.${what}`],
    ]);
  });

  test("refuses coordinates of another length, a byte more, and every cut", () => {
    expect(codesOf(tpmPublic(point.slice(0, 64), RESTRICTED_SIGN))).toEqual(["tpm-public-malformed"]);
    expect(codesOf(concat(GOOD, Uint8Array.of(0)))).toEqual(["tpm-public-malformed"]);
    for (let length = 0; length < GOOD.length; length++)
      expect(codesOf(GOOD.slice(0, length))).not.toEqual([]);
  });

  test("names a key 000b ‖ SHA-256 of its public area", () => {
    expect(tpmName(GOOD, nodePrimitives.sha256)).toEqual(nameOf(GOOD));
  });

  test("never throws on garbage, nor on a good one with any byte replaced", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => void codesOf(garbage)));
    for (let i = 0; i < GOOD.length; i++) {
      for (let value = 0; value < 256; value++) {
        const changed = GOOD.slice();
        changed[i] = value;
        expect(typeof parseTpmPublic(changed, "akPublic").ok).toBe("boolean");
      }
    }
  });
});
