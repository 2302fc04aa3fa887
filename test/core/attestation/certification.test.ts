import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CertificationClaim, checkCertification } from "../../../src/core/attestation/certification.ts";
import { nodePrimitives } from "../../conformance/tpm-context.ts";
import { assertTold } from "../../support/told.ts";
import {
  attest,
  certifyBody,
  FREE_SIGN,
  nameOf,
  quoteBody,
  RESTRICTED_SIGN,
  signed,
  testKey,
  tpmPublic,
} from "./evidence.ts";

const FIXED_TPM = 0x02;
const FIXED_PARENT = 0x10;
const SENSITIVE_DATA_ORIGIN = 0x20;
const RESTRICTED = 0x10000;
const DECRYPT = 0x20000;
const SIGN = 0x40000;

const ak = testKey();
const signing = testKey();

/** A sound claim, but for what `wrong` replaces; name and signature follow what they are made over. */
function claimed(
  wrong: { ak?: number; signing?: number; attestation?: Uint8Array } = {},
): CertificationClaim {
  const akPublic = tpmPublic(ak.point, wrong.ak ?? RESTRICTED_SIGN);
  const signingPublic = tpmPublic(signing.point, wrong.signing ?? FREE_SIGN);
  const attestation = wrong.attestation ?? attest({ body: certifyBody(nameOf(signingPublic)) });
  return {
    akName: nameOf(akPublic),
    akPublic,
    signingPublic,
    signingKey: signing.point,
    attestation,
    signature: signed(ak, attestation, "low"),
  };
}

function codes(claim: CertificationClaim): string[] {
  const checked = checkCertification(claim, nodePrimitives);
  if (checked.ok) return [];
  assertTold(checked.rejections);
  expect(checked.rejections.map(({ field }) => field)).not.toContain("");
  return checked.rejections.map((each) => each.code);
}

describe("checkCertification", () => {
  test("accepts a certification whose signature is low-S, and one whose signature is high-S", () => {
    const claim = claimed();
    expect(codes(claim)).toEqual([]);
    expect(codes({ ...claim, signature: signed(ak, claim.attestation, "high") })).toEqual([]);
  });

  test("hands out what the TPM attested", () => {
    const checked = checkCertification(claimed(), nodePrimitives);
    expect(checked.ok && checked.value).toMatchObject({
      clockMs: 123_456n,
      resetCount: 7,
      restartCount: 2,
      safe: true,
    });
  });

  test("refuses an attestation that no TPM made (magic)", () => {
    const attestation = attest({ magic: 0xff544348, body: certifyBody(nameOf(claimed().signingPublic)) });
    expect(codes(claimed({ attestation }))).toEqual(["tpm-attest-magic"]);
  });

  test("refuses an attestation of something else than a key (type)", () => {
    const attestation = attest({ type: 0x8018, body: quoteBody(new Uint8Array(3), new Uint8Array(32)) });
    expect(codes(claimed({ attestation }))).toEqual(["tpm-attest-type"]);
    expect(codes(claimed({ attestation: attest({ type: 0x8019, body: new Uint8Array(9) }) }))).toEqual([
      "tpm-attest-type",
    ]);
  });

  test("refuses an attestation key that signs anything (not restricted), does not sign, or decrypts", () => {
    expect(codes(claimed({ ak: RESTRICTED_SIGN & ~RESTRICTED }))).toEqual(["tpm-ak-not-restricted"]);
    expect(codes(claimed({ ak: RESTRICTED_SIGN & ~SIGN }))).toEqual(["tpm-ak-not-restricted"]);
    expect(codes(claimed({ ak: RESTRICTED_SIGN | DECRYPT }))).toEqual(["tpm-ak-not-restricted"]);
  });

  test("refuses a signing key that is restricted, does not sign, or decrypts", () => {
    expect(codes(claimed({ signing: FREE_SIGN | RESTRICTED }))).toEqual(["tpm-signing-key-restricted"]);
    expect(codes(claimed({ signing: FREE_SIGN & ~SIGN }))).toEqual(["tpm-signing-key-restricted"]);
    expect(codes(claimed({ signing: FREE_SIGN | DECRYPT }))).toEqual(["tpm-signing-key-restricted"]);
  });

  test.each([
    ["fixedTPM", FIXED_TPM, "tpm-key-not-fixed-tpm"],
    ["fixedParent", FIXED_PARENT, "tpm-key-not-fixed-parent"],
    ["sensitiveDataOrigin", SENSITIVE_DATA_ORIGIN, "tpm-key-imported"],
  ])("refuses either key without %s", (_name, bit, code) => {
    expect(codes(claimed({ ak: RESTRICTED_SIGN & ~bit }))).toEqual([code]);
    expect(codes(claimed({ signing: FREE_SIGN & ~bit }))).toEqual([code]);
  });

  test("refuses an attestation of another key (Name)", () => {
    const other = tpmPublic(testKey().point, FREE_SIGN);
    const attestation = attest({ body: certifyBody(nameOf(other)) });
    expect(codes(claimed({ attestation }))).toEqual(["tpm-certified-name"]);
  });

  test("refuses an attestation key whose digest is not the one that was named", () => {
    const claim = claimed();
    expect(codes({ ...claim, akName: nameOf(tpmPublic(ak.point, FREE_SIGN)) })).toEqual(["tpm-ak-name"]);
  });

  test("refuses a certified key that is not the one that signs the records", () => {
    expect(codes({ ...claimed(), signingKey: testKey().point })).toEqual(["tpm-signing-key-mismatch"]);
  });

  test("refuses a signature by another key, of other bytes, of another length, and of zeros", () => {
    const claim = claimed();
    const bad = [
      signed(testKey(), claim.attestation, "low"),
      signed(ak, claim.akPublic, "high"),
      claim.signature.slice(1),
      new Uint8Array(64),
      new Uint8Array(64).fill(0xff),
    ];
    for (const signature of bad) expect(codes({ ...claim, signature })).toEqual(["tpm-attest-signature"]);
  });

  test("collects all that is wrong, each with what was measured and what is required", () => {
    const claim = { ...claimed({ ak: 0x40000 }), signingKey: testKey().point };
    const checked = checkCertification(claim, nodePrimitives);
    expect(codes(claim)).toEqual([
      "tpm-key-not-fixed-tpm",
      "tpm-key-not-fixed-parent",
      "tpm-key-imported",
      "tpm-ak-not-restricted",
      "tpm-signing-key-mismatch",
    ]);
    for (const each of checked.ok ? [] : checked.rejections) {
      expect(Object.keys(each.required).length).toBeGreaterThan(0);
      expect(each.field).not.toBe("");
    }
  });

  test("refuses a good claim with any one byte changed, whichever part it is in", () => {
    const claim = claimed();
    const parts = ["akName", "akPublic", "signingPublic", "signingKey", "attestation", "signature"] as const;
    for (const part of parts) {
      for (let i = 0; i < claim[part].length; i++) {
        const changed = claim[part].slice();
        changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
        expect(codes({ ...claim, [part]: changed }).length, `${part} byte ${i}`).toBeGreaterThan(0);
      }
    }
  });

  test("refuses garbage in every part and never throws", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (akPublic, signingPublic, attestation, signature) => {
        const claim = { ...claimed(), akPublic, signingPublic, attestation, signature };
        expect(codes(claim).length).toBeGreaterThan(0);
      }),
    );
  });
});
