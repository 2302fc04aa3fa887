import { describe, expect, test } from "vitest";
import { concat, toHex } from "../../../../src/core/base/bytes.ts";
import type { Primitives } from "../../../../src/core/base/primitives.ts";
import { checkEvidence } from "../../../../src/core/pairing/checks/attested.ts";
import { evaluate } from "../../../../src/core/pairing/evaluate.ts";
import type { Attestation } from "../../../../src/core/record/kinds/attestation.ts";
import type { Credential } from "../../../../src/core/record/kinds/credential.ts";
import type { RecordOf } from "../../../../src/core/record/record.ts";
import {
  named,
  type PairChange,
  type Party,
  pairOf,
  primitives,
  record,
} from "../../../support/pair-builder.ts";
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
} from "../../attestation/evidence.ts";
import { checksOf, failedOf } from "../findings.ts";

const QUOTE = 0x8018;
const ak = testKey();
const akPublic = tpmPublic(ak.point, RESTRICTED_SIGN);
const akName = nameOf(akPublic);
const { holder, consumer } = pairOf().cast;

/** What the TPM of `author` would attest. */
function evidenceOf(author: Party, change: Partial<Attestation> = {}): Attestation {
  const signingPublic = tpmPublic(author.publicKey, FREE_SIGN);
  const certification = attest({ body: certifyBody(nameOf(signingPublic)) });
  const [head, bootId] = [named("head"), named("boot").slice(0, 16)];
  const quote = attest({
    type: QUOTE,
    extraData: primitives.sha256(concat(head, bootId)),
    body: quoteBody(Uint8Array.of(0x80, 0, 0), named("pcrs")),
  });
  return {
    akPublic,
    signingPublic,
    certification,
    certificationSignature: signed(ak, certification, "low"),
    quote,
    quoteSignature: signed(ak, quote, "high"),
    pcrs: [7],
    head,
    bootId,
    ...change,
  };
}

const sound = record("attestation", holder, evidenceOf(holder));
const consumers = record("attestation", consumer, evidenceOf(consumer));

/** The holder's credential is bound to the attestation key, and its offer names `evidence`. */
function bound(evidence: RecordOf<"attestation"> | null, change: PairChange = {}): PairChange {
  return {
    holderLink: { akName, tier: "tpm" },
    offerRecord: { header: { attestation: evidence?.id ?? null } },
    attestations: evidence === null ? [] : [evidence],
    ...change,
  };
}

describe("a credential that names an attestation key", () => {
  test("is not asked for evidence where it names none", () => {
    expect(checksOf().filter(({ code }) => code.startsWith("attestation"))).toEqual([]);
    expect(failedOf({ ...bound(sound), holderLink: {} })).toEqual([]);
  });

  test("holds with evidence of that key for this one, on either side", () => {
    expect(failedOf(bound(sound))).toEqual([]);
    expect(checksOf(bound(sound)).filter(({ code }) => code === "attestation-certifies")).toMatchObject([
      { field: "offer.attestation", passed: true },
    ]);
    const both = bound(sound, {
      consumerLink: { akName, tier: "tpm" },
      acceptanceRecord: { header: { attestation: consumers.id } },
      attestations: [consumers, sound],
    });
    expect(failedOf(both)).toEqual([]);
    expect(checksOf(both).filter(({ code }) => code === "attestation-certifies")).toHaveLength(2);
  });

  const missing = {
    code: "attestation-missing",
    field: "offer.attestation",
    passed: false,
    measured: { found: "none" },
    required: { akName: toHex(akName) },
    otherwise: "refuse",
  };
  test.each<[string, PairChange]>([
    ["the offer names none", bound(null)],
    ["the context names none", bound(sound, { attestations: [] })],
    ["the context names another", bound(sound, { attestations: [consumers] })],
    ["the named one is another lineage's", bound(consumers)],
  ])("is refused where %s", (_, change) => {
    expect(failedOf(change)).toEqual([missing]);
  });

  test("is refused with evidence of another attestation key, and of another signing key", () => {
    const others = {
      ...bound(sound),
      holderLink: { akName: new Uint8Array(34).fill(3), tier: "tpm" as const },
    };
    expect(failedOf(others)).toMatchObject([
      {
        code: "tpm-ak-name",
        measured: { name: toHex(akName) },
        required: { name: "03".repeat(34) },
        otherwise: "refuse",
      },
    ]);
    const stranger = record("attestation", holder, evidenceOf(consumer));
    expect(failedOf(bound(stranger))).toMatchObject([
      {
        code: "attestation-other-key",
        field: "signingPublic",
        required: { signerKey: toHex(holder.keyId) },
      },
    ]);
  });
});

/** The credential was issued to the key before, which the lineage has replaced since (PROTOCOL §2, §3 device binding). */
describe("a credential of the lineage's key before", () => {
  const before = { subjectKey: named("key before") };

  function findings(change: PairChange): readonly string[] {
    const { offer, acceptance, context, bodies } = pairOf(change);
    const evaluation = evaluate(offer, acceptance, context, bodies, primitives);
    return "findings" in evaluation ? evaluation.findings.map(({ code }) => code) : [];
  }

  function of(evidence: RecordOf<"attestation"> | null, link: Partial<Credential>): PairChange {
    const { holderLink, ...rest } = bound(evidence);
    return { ...rest, holderLink: { ...holderLink, ...before, ...link } };
  }

  test("holds for a key that the attestation key which it names certifies", () => {
    expect(findings(of(sound, {}))).toEqual([]);
  });

  test("holds for no other lineage of the same device", () => {
    expect(findings(of(sound, { subjectLineage: consumer.lineage }))).toContain("credential-subject");
  });

  test("holds without evidence for nobody, nor with that of another device, nor with that of another key", () => {
    expect(findings(of(null, {}))).toEqual(["attestation-missing"]);
    expect(findings(of(sound, { akName: new Uint8Array(34).fill(3) }))).toContain("tpm-ak-name");
    const others = record("attestation", holder, evidenceOf(consumer));
    expect(findings(of(others, {}))).toContain("attestation-other-key");
  });

  test("ends with that key where it names no attestation key", () => {
    expect(findings(of(sound, { akName: null }))).toEqual(["credential-subject"]);
  });
});

test("what was judged once is judged anew by others, and by whoever checks signatures in another way", () => {
  const { offer, acceptance, context, bodies } = pairOf(bound(sound));
  const judged = (by: Primitives) =>
    evaluate(offer, acceptance, context, bodies, by).checks.filter(({ code }) => code.startsWith("tpm-"));
  expect(judged(primitives)).toEqual([]);
  expect(judged({ ...primitives, verifySignature: () => false })).not.toEqual([]);
  expect(judged(primitives)).toEqual([]);
});

describe("evidence", () => {
  const codes = (change: Partial<Attestation>) =>
    checkEvidence(evidenceOf(holder, change), akName, { suite: 1, signerKey: holder.keyId }, primitives).map(
      ({ code }) => code,
    );
  const { certification, quote } = evidenceOf(holder);
  const broken = (bytes: Uint8Array) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);

  test.each<[string, Partial<Attestation>, readonly string[]]>([
    ["as it is", {}, []],
    ["a signing key that is no TPMT_PUBLIC", { signingPublic: Uint8Array.of(1) }, ["tpm-public-algorithm"]],
    [
      "a certification with a changed byte",
      { certification: broken(certification) },
      ["tpm-attest-signature"],
    ],
    ["a quote with a changed byte", { quote: broken(quote) }, ["tpm-attest-signature"]],
    ["another head than the quoted one", { head: named("another") }, ["tpm-quote-challenge"]],
    ["another boot than the quoted one", { bootId: new Uint8Array(16) }, ["tpm-quote-challenge"]],
    ["other PCRs than the quoted ones", { pcrs: [7, 8] }, ["tpm-quote-selection"]],
    ["an attestation key that is free", { akPublic: tpmPublic(ak.point, FREE_SIGN) }, []],
  ])("%s", (what, change, expected) => {
    const found = codes(change);
    if (what.startsWith("an attestation key")) expect(found).toContain("tpm-ak-not-restricted");
    else for (const code of expected) expect(found).toContain(code);
    expect(found.length === 0).toBe(what === "as it is");
  });

  test("is wrong in everything at once", () => {
    const found = codes({ head: named("another"), pcrs: [], certification: broken(certification) });
    expect(found).toEqual(
      expect.arrayContaining(["tpm-quote-challenge", "tpm-quote-selection", "tpm-attest-signature"]),
    );
  });
});
