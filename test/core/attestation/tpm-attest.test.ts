import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTpmAttest } from "../../../src/core/attestation/tpm-attest.ts";
import { concat, u32be } from "../../../src/core/base/bytes.ts";
import { assertTold } from "../../support/told.ts";
import { attest, certifyBody, quoteBody, sized, u16 } from "./evidence.ts";

const CERTIFY = attest({ extraData: Uint8Array.of(1, 2), body: certifyBody(new Uint8Array(34).fill(8)) });
const QUOTE = attest({
  type: 0x8018,
  safe: 0,
  body: quoteBody(Uint8Array.of(0x81, 0, 0x80), new Uint8Array(32)),
});

function codesOf(bytes: Uint8Array): string[] {
  const parsed = parseTpmAttest(bytes, "attestation");
  if (parsed.ok) return [];
  assertTold(parsed.rejections);
  expect(parsed.rejections.map(({ field }) => field)).not.toContain("");
  return parsed.rejections.map((each) => each.code);
}

describe("parseTpmAttest", () => {
  test("reads a certification", () => {
    const parsed = parseTpmAttest(CERTIFY, "attestation");
    expect(parsed.ok && parsed.value).toEqual({
      qualifiedSigner: new Uint8Array(34).fill(5),
      extraData: Uint8Array.of(1, 2),
      clockMs: 123_456n,
      resetCount: 7,
      restartCount: 2,
      safe: true,
      firmwareVersion: 0x1_00000002n,
      attested: {
        kind: "certify",
        name: new Uint8Array(34).fill(8),
        qualifiedName: new Uint8Array(34).fill(6),
      },
    });
  });

  test("reads a quote with the PCR numbers of its bit map", () => {
    const parsed = parseTpmAttest(QUOTE, "attestation");
    expect(parsed.ok && [parsed.value.safe, parsed.value.attested]).toEqual([
      false,
      { kind: "quote", selections: [{ hash: 0x0b, pcrs: [0, 7, 23] }], pcrDigest: new Uint8Array(32) },
    ]);
  });

  test("refuses every cut of a good one, and one byte more", () => {
    for (const good of [CERTIFY, QUOTE]) {
      for (let length = 0; length < good.length; length++)
        expect(codesOf(good.slice(0, length))).not.toEqual([]);
      expect(codesOf(concat(good, Uint8Array.of(0)))).toEqual(["tpm-attest-malformed"]);
    }
  });

  test("refuses a safe flag that is neither yes nor no", () => {
    expect(codesOf(attest({ safe: 2, body: certifyBody(new Uint8Array(34)) }))).toEqual([
      "tpm-attest-malformed",
    ]);
  });

  test("refuses more PCR banks and longer bit maps than any TPM has", () => {
    const many = concat(u32be(0xffffffff), u16(0x0b), Uint8Array.of(3, 0, 0, 0), sized(new Uint8Array(32)));
    expect(codesOf(attest({ type: 0x8018, body: many }))).toEqual(["tpm-attest-malformed"]);
    const wide = quoteBody(new Uint8Array(5), new Uint8Array(32));
    expect(codesOf(attest({ type: 0x8018, body: wide }))).toEqual(["tpm-attest-malformed"]);
  });

  test("says what is wrong with the first word and with the type, both at once", () => {
    expect(codesOf(attest({ magic: 1, type: 2, body: new Uint8Array(0) }))).toEqual([
      "tpm-attest-magic",
      "tpm-attest-type",
    ]);
  });

  test("never throws on garbage, nor on garbage after a good beginning", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(CERTIFY.length), (garbage, kept) => {
        codesOf(garbage);
        codesOf(concat(CERTIFY.slice(0, kept), garbage));
        codesOf(concat(QUOTE.slice(0, kept), garbage));
      }),
    );
  });

  test("never throws on a good one with any byte replaced by any other", () => {
    for (let i = 0; i < QUOTE.length; i++) {
      for (let value = 0; value < 256; value++) {
        const changed = QUOTE.slice();
        changed[i] = value;
        expect(typeof parseTpmAttest(changed, "attestation").ok).toBe("boolean");
      }
    }
  });
});
