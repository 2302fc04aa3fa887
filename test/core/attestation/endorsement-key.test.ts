import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listedEndorsementKey, parseEndorsementKey } from "../../../src/core/attestation/endorsement-key.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { assertTold } from "../../support/told.ts";
import { EK_ATTRIBUTES, type EkParts, eccTail, ekPublic, rsaTail } from "./endorsement.ts";
import { testKey, u16 } from "./evidence.ts";

const { point } = testKey();
const MODULUS = new Uint8Array(256).fill(0xc7);
const P256 = ekPublic(0x23, eccTail(point));
const RSA = ekPublic(0x01, rsaTail(MODULUS));

function refusals(bytes: Uint8Array): string[] {
  const parsed = parseEndorsementKey(bytes, "ekPublic");
  if (parsed.ok) return [];
  assertTold(parsed.rejections);
  return parsed.rejections.map(({ code, field }) => `${code} ${field}`);
}

describe("parseEndorsementKey", () => {
  test("reads the two default templates", () => {
    expect(parseEndorsementKey(P256, "ekPublic")).toEqual({ ok: true, value: { kind: "p-256", point } });
    const rsa = { kind: "rsa-2048", modulus: MODULUS };
    expect(parseEndorsementKey(RSA, "ekPublic")).toEqual({ ok: true, value: rsa });
  });

  const words: readonly (readonly [string, Partial<EkParts>])[] = [
    ["tpm-ek-algorithm ekPublic.nameAlg", { nameAlg: 0x0c }],
    ["tpm-ek-algorithm ekPublic.symmetric", { symmetric: u16(0x10) }],
    ["tpm-ek-algorithm ekPublic.cipherBits", { symmetric: concat(u16(6), u16(256), u16(0x43)) }],
    ["tpm-ek-algorithm ekPublic.mode", { symmetric: concat(u16(6), u16(128), u16(0x44)) }],
    ["tpm-ek-algorithm ekPublic.scheme", { scheme: 0x15 }],
    ["tpm-ek-policy ekPublic.authPolicy", { policy: new Uint8Array(32) }],
    ["tpm-ek-policy ekPublic.authPolicy", { policy: new Uint8Array(0) }],
  ];
  test.each(words)("says %s and nothing else", (expected, parts) => {
    expect(refusals(ekPublic(0x23, eccTail(point), parts))).toEqual([expected]);
    expect(refusals(ekPublic(0x01, rsaTail(MODULUS), parts))).toEqual([expected]);
  });

  test.each([
    ["not fixedTPM", 0x2],
    ["not fixedParent", 0x10],
    ["made outside", 0x20],
    ["not restricted", 0x10000],
    ["not decrypting", 0x20000],
    ["also signing", 0x40000],
    ["opened by a password", 0x40],
    ["without policy for its administrator", 0x80],
  ])("refuses a key that is %s", (_what, bit) => {
    const area = ekPublic(0x23, eccTail(point), { attributes: EK_ATTRIBUTES ^ bit });
    expect(refusals(area)).toEqual(["tpm-ek-attributes ekPublic.attributes"]);
  });

  test.each([
    ["type", ekPublic(0x08, eccTail(point))],
    ["curve", ekPublic(0x23, eccTail(point, 4))],
    ["kdf", ekPublic(0x23, eccTail(point, 3, 0x20))],
    ["keyBits", ekPublic(0x01, rsaTail(MODULUS, 3072))],
    ["exponent", ekPublic(0x01, rsaTail(MODULUS, 2048, 3))],
    ["modulusBytes", ekPublic(0x01, rsaTail(MODULUS.slice(1)))],
    ["yBytes", ekPublic(0x23, eccTail(point.slice(0, 64)))],
  ])("refuses another %s and names it", (what, area) => {
    expect(refusals(area)).toEqual([`tpm-ek-algorithm ekPublic.${what}`]);
  });

  test("refuses a byte more and every cut, and never throws on a good one with any byte replaced", () => {
    for (const good of [P256, RSA]) {
      expect(refusals(concat(good, Uint8Array.of(0)))).toEqual(["tpm-ek-malformed ekPublic"]);
      for (let length = 0; length < good.length; length++)
        expect(refusals(good.slice(0, length))).not.toEqual([]);
      for (let i = 0; i < good.length; i++) {
        const changed = good.slice();
        changed[i] = (changed[i] ?? 0) ^ 0xff;
        refusals(changed);
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => refusals(garbage).length > 0));
  });
});

describe("listedEndorsementKey", () => {
  const { sha256 } = nodePrimitives;

  test("finds the hash of the public area, wherever it stands in the list", () => {
    const list = [sha256(P256), sha256(RSA)];
    expect(listedEndorsementKey(RSA, list, sha256)).toEqual([]);
    expect(listedEndorsementKey(P256, list, sha256)).toEqual([]);
  });

  test("refuses a key that is not listed, the same key with other attributes among them", () => {
    const other = ekPublic(0x23, eccTail(point), { attributes: EK_ATTRIBUTES ^ 0x40 });
    const found = listedEndorsementKey(other, [sha256(P256)], sha256);
    assertTold(found);
    expect(found).toMatchObject([{ code: "tpm-ek-not-listed", required: { listed: 1 } }]);
    expect(listedEndorsementKey(P256, [], sha256).length).toBe(1);
  });
});
