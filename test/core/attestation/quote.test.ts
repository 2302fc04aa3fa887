import { describe, expect, test } from "vitest";
import { checkQuote, type QuoteClaim } from "../../../src/core/attestation/quote.ts";
import { concat } from "../../../src/core/base/bytes.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { assertTold } from "../../support/told.ts";
import {
  attest,
  certifyBody,
  FREE_SIGN,
  quoteBody,
  RESTRICTED_SIGN,
  signed,
  testKey,
  tpmPublic,
} from "./evidence.ts";

const TYPE_QUOTE = 0x8018;
const ak = testKey();
const pcrs = [0, 7, 16];
const select = Uint8Array.of(0x81, 0x00, 0x01);
const values = pcrs.map((index) => new Uint8Array(32).fill(index));
const qualifying = new Uint8Array(32).fill(9);
const digest = nodePrimitives.sha256(concat(...values));

function claimed(attestation?: Uint8Array): QuoteClaim {
  const bytes =
    attestation ?? attest({ type: TYPE_QUOTE, extraData: qualifying, body: quoteBody(select, digest) });
  const akPublic = tpmPublic(ak.point, RESTRICTED_SIGN);
  return { akPublic, attestation: bytes, signature: signed(ak, bytes, "high"), qualifying, pcrs, values };
}

function codes(claim: QuoteClaim): string[] {
  const checked = checkQuote(claim, nodePrimitives);
  if (checked.ok) return [];
  assertTold(checked.rejections);
  expect(checked.rejections.map(({ field }) => field)).not.toContain("");
  return checked.rejections.map((each) => each.code);
}

describe("checkQuote", () => {
  test("accepts a quote of the asked PCRs with the asked values, and one whose values are left open", () => {
    expect(codes(claimed())).toEqual([]);
    expect(codes({ ...claimed(), values: null })).toEqual([]);
  });

  test("refuses another challenge", () => {
    expect(codes({ ...claimed(), qualifying: new Uint8Array(32) })).toEqual(["tpm-quote-challenge"]);
  });

  test("refuses other PCRs than the asked ones, one more or one less", () => {
    expect(codes({ ...claimed(), pcrs: [0, 7], values: null })).toEqual(["tpm-quote-selection"]);
    expect(codes({ ...claimed(), pcrs: [0, 7, 16, 23], values: null })).toEqual(["tpm-quote-selection"]);
  });

  test("refuses another bank", () => {
    const body = quoteBody(select, digest);
    body[5] = 0x0c;
    const attestation = attest({ type: TYPE_QUOTE, extraData: qualifying, body });
    expect(codes(claimed(attestation))).toEqual(["tpm-quote-selection"]);
  });

  test("refuses PCR values that differ in one", () => {
    const other = values.map((value, i) => (i === 1 ? new Uint8Array(32).fill(0xee) : value));
    expect(codes({ ...claimed(), values: other })).toEqual(["tpm-quote-pcr-digest"]);
  });

  test("refuses a certification in a quote's place", () => {
    const attestation = attest({ extraData: qualifying, body: certifyBody(new Uint8Array(34)) });
    expect(codes(claimed(attestation))).toEqual(["tpm-attest-type"]);
  });

  test("refuses a key that is not restricted, though its signature is right", () => {
    const claim = { ...claimed(), akPublic: tpmPublic(ak.point, FREE_SIGN) };
    expect(codes(claim)).toEqual(["tpm-ak-not-restricted"]);
  });

  test("refuses bytes that are no attestation or no key", () => {
    expect(codes({ ...claimed(), attestation: new Uint8Array(0) })).toEqual([
      "tpm-attest-magic",
      "tpm-attest-type",
    ]);
    expect(codes({ ...claimed(), akPublic: new Uint8Array(5) }).length).toBeGreaterThan(0);
  });

  test("refuses a good quote with any one byte of it changed", () => {
    const claim = claimed();
    for (let i = 0; i < claim.attestation.length; i++) {
      const attestation = claim.attestation.slice();
      attestation[i] = (attestation[i] ?? 0) ^ 0x80;
      expect(codes({ ...claim, attestation }).length, `byte ${i}`).toBeGreaterThan(0);
    }
  });
});
