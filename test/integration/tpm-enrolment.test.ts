/** Enrolment by credential activation, and every way to cheat it that go-attestation checks for (FACTS "TPM"). */
import { X509Certificate } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawSignature } from "../../hardware/tpm/client/ecdsa.ts";
import { attestationKey, signingKey } from "../../hardware/tpm/client/templates.ts";
import * as commands from "../../hardware/tpm/codec/commands.ts";
import { ALG, HIERARCHY, OBJECT, RC, SESSION, TAG_HASHCHECK } from "../../hardware/tpm/codec/constants.ts";
import { encoded } from "../../hardware/tpm/codec/field.ts";
import * as policy from "../../hardware/tpm/codec/policy-commands.ts";
import { publicArea } from "../../hardware/tpm/codec/structures.ts";
import { ekCertificateChain } from "../../src/adapters/attestation/ek-certificate.ts";
import { makeCredential } from "../../src/adapters/attestation/make-credential.ts";
import { type CertificationClaim, checkCertification } from "../../src/core/attestation/certification.ts";
import { listedEndorsementKey } from "../../src/core/attestation/endorsement-key.ts";
import { checkQuote } from "../../src/core/attestation/quote.ts";
import { parseTpmPublic, tpmName } from "../../src/core/attestation/tpm-public.ts";
import { ascii } from "../../src/core/base/bytes.ts";
import type { Result } from "../../src/core/base/rejection.ts";
import type { SealedCredential, Tpm, TpmIdentity } from "../../src/ports/tpm.ts";
import { nodePrimitives, seededEntropy } from "../conformance/tpm-context.ts";
import { swtpmMissing } from "../support/swtpm.ts";
import { assertTold } from "../support/told.ts";
import { simulatedPlace, swtpmPlace, type TpmPlace } from "./tpm-benches.ts";

const { sha256 } = nodePrimitives;
const NOTHING = new Uint8Array(0);
const SECRET = ascii("what the issuer knows");
const PCR_DEBUG = 16;
const SESSION_SLOTS = 3;

type Pair = () => Promise<readonly [TpmPlace, TpmPlace]>;
const pairs: readonly (readonly [string, string | null, Pair])[] = [
  ["two swtpm as bought (RSA)", swtpmMissing(), async () => [await swtpmPlace(true), await swtpmPlace(true)]],
  [
    "two swtpm that nobody provisioned (P-256)",
    swtpmMissing(),
    async () => [await swtpmPlace(false), await swtpmPlace(false)],
  ],
  ["two simulated TPMs", null, async () => [await simulatedPlace("one"), await simulatedPlace("two")]],
];

for (const [what, missing, pair] of pairs) {
  describe.skipIf(missing !== null)(`${what}${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
    const rig: { places: readonly TpmPlace[] } = { places: [] };
    const place = (n: 0 | 1): TpmPlace => {
      const found = rig.places[n];
      if (found === undefined) throw new Error("the places were not set up");
      return found;
    };
    beforeAll(async () => {
      rig.places = await pair();
    });
    afterAll(async () => {
      for (const each of rig.places) await each.stop();
    });
    enrolmentTests(place);
    certificationTests(place);
    quoteTests(place);
    strangerTests(place);
  });
}

type PlaceOf = (n: 0 | 1) => TpmPlace;

async function opened<T>(place: TpmPlace, work: (tpm: Tpm) => Promise<T>): Promise<T> {
  const tpm = await place.open();
  try {
    return await work(tpm);
  } finally {
    await tpm.close();
  }
}

function sealedFor(ekPublic: Uint8Array, akName: Uint8Array): SealedCredential {
  const made = makeCredential({ ekPublic, akName, secret: SECRET }, seededEntropy("enrolment"));
  if (!made.ok) throw new Error(JSON.stringify(made.rejections));
  return made.value;
}

function refusals(result: Result<unknown>): string[] {
  if (result.ok) return [];
  assertTold(result.rejections);
  return result.rejections.map(({ code }) => code).sort();
}

function enrolmentTests(place: PlaceOf): void {
  test("a sound device is enrolled: known EK, certified key, and the secret comes back", async () => {
    await opened(place(0), async (tpm) => {
      const { ekPublic, akName, akPublic, signingPublic, certification } = tpm.identity;
      expect(listedEndorsementKey(ekPublic, [sha256(ekPublic)], sha256)).toEqual([]);
      const claim = { akName, akPublic, signingPublic, signingKey: tpm.signer.publicKey, ...certification };
      expect(refusals(checkCertification(claim, nodePrimitives))).toEqual([]);
      expect(await tpm.activateCredential(sealedFor(ekPublic, tpmName(akPublic, sha256)))).toEqual(SECRET);
    });
  });

  test("a client that died in the midst of policies leaves no session in the way", async () => {
    const plain = { salt: NOTHING, type: SESSION.POLICY, symmetric: ALG.NULL, hash: ALG.SHA256 };
    const start = { nonce: new Uint8Array(16), ...plain };
    const nobody = [HIERARCHY.NULL, HIERARCHY.NULL];
    await place(0).raw(async (talk) => {
      for (let i = 0; i < SESSION_SLOTS; i++) await talk.run(policy.startAuthSession, nobody, start);
      const another = await talk.ask(policy.startAuthSession, nobody, start);
      expect(another).toEqual({ kind: "code", code: RC.SESSION_MEMORY });
    });
    await opened(place(0), async (tpm) => {
      const { ekPublic, akName } = tpm.identity;
      expect(await tpm.activateCredential(sealedFor(ekPublic, akName))).toEqual(SECRET);
    });
  });

  test("its maker vouches for the EK, and for no other's", async (context) => {
    const { authority } = place(0);
    if (authority === null) return context.skip("this TPM holds no certificate");
    const [mine, other] = [await identityOf(place(0)), await identityOf(place(1))];
    const certificate = (name: string): Uint8Array =>
      new Uint8Array(new X509Certificate(readFileSync(join(authority, name))).raw);
    const claim = {
      ekPublic: mine.ekPublic,
      certificate: mine.ekCertificate ?? NOTHING,
      roots: [certificate("swtpm-localca-rootca-cert.pem")],
      intermediates: [certificate("issuercert.pem")],
      nowUs: Date.now() * 1000,
    };
    const codes = (change: Partial<typeof claim>): string[] =>
      ekCertificateChain({ ...claim, ...change }).map(({ code }) => code);
    expect(codes({})).toEqual([]);
    expect(codes({ ekPublic: other.ekPublic })).toEqual(["tpm-ek-certificate-key"]);
    expect(codes({ certificate: other.ekCertificate ?? NOTHING })).toEqual([
      "tpm-ek-certificate-key",
      "tpm-ek-certificate-untrusted",
    ]);
  });
}

function identityOf(place: TpmPlace): Promise<TpmIdentity> {
  return opened(place, async ({ identity }) => identity);
}

type Template = commands.CreateParameters;
const withAttributes = (template: Template, attributes: number): Template => ({
  ...template,
  public: { ...template.public, attributes },
});
const AK = attestationKey.public.attributes;
const SIGNING = signingKey.public.attributes;
const MOVABLE = ~(OBJECT.FIXED_TPM | OBJECT.FIXED_PARENT);

/** What the TPM certifies of keys of these templates, whatever a verifier thinks of them. */
async function certified(place: TpmPlace, ak: Template, signing: Template): Promise<CertificationClaim> {
  return place.raw(async (talk) => {
    const attester = await talk.run(commands.createPrimary, [HIERARCHY.ENDORSEMENT], ak);
    const key = await talk.run(commands.createPrimary, [HIERARCHY.OWNER], signing);
    const handles = [key.handle, attester.handle];
    const parameters = { qualifying: NOTHING, scheme: null };
    const { response } = await talk.run(commands.certify, handles, parameters);
    const signingPublic = encoded(publicArea, key.response.public);
    const parsed = parseTpmPublic(signingPublic, "signingPublic");
    return {
      akName: attester.response.name,
      akPublic: encoded(publicArea, attester.response.public),
      signingPublic,
      signingKey: parsed.ok ? parsed.value.key : NOTHING,
      attestation: response.attestation,
      signature: rawSignature(response.signature),
    };
  });
}

function certificationTests(place: PlaceOf): void {
  const cases: readonly (readonly [string, Template, Template, readonly string[]])[] = [
    ["nothing wrong", attestationKey, signingKey, []],
    [
      "an unrestricted attestation key",
      withAttributes(attestationKey, AK & ~OBJECT.RESTRICTED),
      signingKey,
      ["tpm-ak-not-restricted"],
    ],
    [
      "a restricted signing key",
      attestationKey,
      withAttributes(signingKey, SIGNING | OBJECT.RESTRICTED),
      ["tpm-signing-key-restricted"],
    ],
    [
      "a signing key that may leave its TPM",
      attestationKey,
      withAttributes(signingKey, SIGNING & MOVABLE),
      ["tpm-key-not-fixed-parent", "tpm-key-not-fixed-tpm"],
    ],
    [
      "an attestation key that may leave its TPM",
      withAttributes(attestationKey, AK & MOVABLE),
      signingKey,
      ["tpm-key-not-fixed-parent", "tpm-key-not-fixed-tpm"],
    ],
  ];
  test.each(cases)("what it certifies with %s", async (_what, ak, signing, expected) => {
    const claim = await certified(place(0), ak, signing);
    expect(refusals(checkCertification(claim, nodePrimitives))).toEqual(expected);
  });

  test("a wrong Name: of the other TPM's attestation key, or over another signing key", async () => {
    const [mine, other] = [
      await certified(place(0), attestationKey, signingKey),
      await certified(place(1), attestationKey, signingKey),
    ];
    const codes = (change: Partial<CertificationClaim>): string[] =>
      refusals(checkCertification({ ...mine, ...change }, nodePrimitives));
    expect(codes({ akName: other.akName })).toEqual(["tpm-ak-name"]);
    expect(codes({ signingPublic: other.signingPublic, signingKey: other.signingKey })).toEqual([
      "tpm-certified-name",
    ]);
    expect(codes({ akName: other.akName, akPublic: other.akPublic })).toEqual(["tpm-attest-signature"]);
  });

  test("a wrong magic: the attestation key refuses to sign it, and from another key it is refused", async () => {
    const loose = withAttributes(attestationKey, AK & ~OBJECT.RESTRICTED);
    const claim = await certified(place(0), loose, signingKey);
    const forged = claim.attestation.slice();
    forged[0] = 0;
    const signed = async (template: Template): Promise<Uint8Array | number> =>
      place(0).raw(async (talk) => {
        const { handle } = await talk.run(commands.createPrimary, [HIERARCHY.ENDORSEMENT], template);
        const validation = { tag: TAG_HASHCHECK, hierarchy: HIERARCHY.NULL, digest: NOTHING };
        const parameters = { digest: sha256(forged), scheme: { hash: ALG.SHA256 }, validation };
        const answer = await talk.ask(commands.sign, [handle], parameters);
        return answer.kind === "code" ? answer.code : rawSignature(answer.response.signature);
      });
    expect(await signed(attestationKey)).toBe(0x3e0);
    const signature = await signed(loose);
    if (typeof signature === "number") throw new Error(`Sign answered ${signature}`);
    const made = { ...claim, attestation: forged, signature };
    expect(refusals(checkCertification(made, nodePrimitives))).toEqual(["tpm-attest-magic"]);
  });
}

function quoteTests(place: PlaceOf): void {
  test("a quote with a stale nonce, wrong PCR values, or of other PCRs", async () => {
    await opened(place(0), async (tpm) => {
      const pcrs = [0, PCR_DEBUG];
      const before = [await tpm.readPcr(0), await tpm.readPcr(PCR_DEBUG)];
      const [stale, qualifying] = [ascii("yesterday"), ascii("today")];
      const old = await tpm.quote(stale, pcrs);
      await tpm.extendPcr(PCR_DEBUG, sha256(ascii("an update")));
      const values = [await tpm.readPcr(0), await tpm.readPcr(PCR_DEBUG)];
      const fresh = await tpm.quote(qualifying, pcrs);
      const { akPublic } = tpm.identity;
      const codes = (claim: object): string[] =>
        refusals(checkQuote({ akPublic, ...fresh, qualifying, pcrs, values, ...claim }, nodePrimitives));
      expect(codes({})).toEqual([]);
      expect(codes({ ...old, values: before })).toEqual(["tpm-quote-challenge"]);
      expect(codes({ ...old })).toEqual(["tpm-quote-challenge", "tpm-quote-pcr-digest"]);
      expect(codes({ values: before })).toEqual(["tpm-quote-pcr-digest"]);
      expect(codes({ pcrs: [0] })).toContain("tpm-quote-selection");
      expect(codes({ signature: old.signature })).toEqual(["tpm-attest-signature"]);
    });
  });
}

const REFUSED = { port: "tpm", code: "tpm-credential-refused", retryable: false };

function strangerTests(place: PlaceOf): void {
  test("another TPM's EK, and another TPM's attestation key, open nothing on either", async () => {
    const [mine, other] = [await identityOf(place(0)), await identityOf(place(1))];
    expect(other.ekPublic).not.toEqual(mine.ekPublic);
    for (const n of [0, 1] as const) {
      const [own, foreign] = n === 0 ? [mine, other] : [other, mine];
      await opened(place(n), async (tpm) => {
        const swapped = [
          sealedFor(foreign.ekPublic, own.akName),
          sealedFor(own.ekPublic, foreign.akName),
          sealedFor(foreign.ekPublic, foreign.akName),
        ];
        for (const each of swapped) await expect(tpm.activateCredential(each)).rejects.toMatchObject(REFUSED);
        expect(await tpm.activateCredential(sealedFor(own.ekPublic, own.akName))).toEqual(SECRET);
      });
    }
  });

  test("a credential for an unrestricted key of the same TPM is none for its attestation key", async () => {
    const { ekPublic } = await identityOf(place(0));
    const loose = await certified(
      place(0),
      withAttributes(attestationKey, AK & ~OBJECT.RESTRICTED),
      signingKey,
    );
    await opened(place(0), async (tpm) => {
      const sealed = sealedFor(ekPublic, loose.akName);
      await expect(tpm.activateCredential(sealed)).rejects.toMatchObject(REFUSED);
    });
  });

  test("a cloned state directory does not load on another TPM, and its credential does not activate there", async () => {
    const enrolled = await identityOf(place(0));
    const clone = `${place(1).keys}-clone`;
    cpSync(place(0).keys, clone, { recursive: true });
    await expect(place(1).open(clone)).rejects.toMatchObject({
      code: "tpm-identity-changed",
      retryable: false,
    });
    await opened(place(1), async (tpm) => {
      expect(tpm.identity.akName).not.toEqual(enrolled.akName);
      const sealed = sealedFor(enrolled.ekPublic, enrolled.akName);
      await expect(tpm.activateCredential(sealed)).rejects.toMatchObject(REFUSED);
    });
  });
}
