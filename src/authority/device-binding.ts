/**
 * Is the key of a request inside a TPM that somebody vouches for? The certification ties the signing key to the attestation
 * key, an activation ties that one to the endorsement key, and a certificate or a list speaks for that (PROTOCOL §3 device
 * binding, RFC 9334). Where only the request is at hand, the first of these alone can be said.
 */
import { checkCertification } from "../core/attestation/certification.ts";
import { listedEndorsementKey } from "../core/attestation/endorsement-key.ts";
import type { ExpectedAnswer, TpmEvidence } from "../core/attestation/evidence.ts";
import { tpmName } from "../core/attestation/tpm-public.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { Endorsement } from "../ports/endorsement.ts";
import type { Entropy } from "../ports/entropy.ts";
import type { SealedCredential } from "../ports/tpm.ts";
import { type Claim, provenSubject, type Subject } from "./subject.ts";

/** Whose endorsement keys are taken for those of TPMs that keep their promises: by certificate, or one by one. */
export type EkTrust = {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  readonly intermediates: readonly Uint8Array[];
  /** SHA-256 of TPMT_PUBLIC. */
  readonly hashes: readonly Uint8Array[];
};

export type BindingParts = {
  readonly primitives: Primitives;
  readonly endorsement: Endorsement;
  readonly entropy: Entropy;
  readonly nowUs: number;
};

/** What a challenge came to: what the desk kept, and what came back. */
export type Answered = {
  readonly expected: ExpectedAnswer;
  readonly answer: { readonly lineage: Uint8Array; readonly secret: Uint8Array };
};

const SECRET_BYTES = 32;
const ANSWER_WITHIN_US = 7 * 86_400_000_000;

/** Nothing, or all in which the evidence does not show the request's signing key certified by the AK that it names. */
function evidenceFaults(claim: Claim, evidence: TpmEvidence, primitives: Primitives): readonly Rejection[] {
  const first = claim.records[0];
  const read = first === undefined ? null : recordOfBytes(first, primitives);
  const inception = read?.ok === true && read.value.kind === "key-event" ? read.value : null;
  if (inception === null || claim.akName === null) return [noTpm()];
  const { akPublic, signingPublic, attestation, signature } = evidence;
  const { signingKey, akName } = inception.body;
  const of = { akName, akPublic, signingPublic, signingKey, attestation, signature };
  const checked = checkCertification(of, primitives);
  return checked.ok ? [] : checked.rejections.map((each) => ({ ...each, field: `tpm ${each.field}` }));
}

/** A secret for the TPM of the request, once its evidence holds and somebody vouches for its endorsement key. */
export function challengeOf(
  claim: Claim,
  evidence: TpmEvidence | null,
  trust: EkTrust,
  parts: BindingParts,
): Result<{ readonly sealed: SealedCredential; readonly expected: ExpectedAnswer }> {
  if (evidence === null) return refuse(noTpm());
  const { primitives, endorsement, entropy, nowUs } = parts;
  const faults = [
    ...evidenceFaults(claim, evidence, primitives),
    ...vouchingFaults(evidence, trust, parts).map((each) => ({ ...each, field: `tpm ${each.field}` })),
  ];
  if (faults.length > 0) return refuse(...faults);
  const { sha256 } = primitives;
  const { ekPublic, akPublic } = evidence;
  // Of the key that was checked, never the name that the request says.
  const akName = tpmName(akPublic, sha256);
  const secret = entropy.bytes(SECRET_BYTES);
  const sealed = endorsement.makeCredential({ ekPublic, akName, secret }, entropy);
  if (!sealed.ok) return sealed;
  const hashes = { ekHash: sha256(ekPublic), secretHash: sha256(secret) };
  const { lineage, keyId } = claim;
  return accept({
    sealed: sealed.value,
    expected: { lineage, keyId, akName, ...hashes, untilUs: nowUs + ANSWER_WITHIN_US },
  });
}

/** One of the two is enough; where both fail, both are told. */
function vouchingFaults(
  { ekPublic, ekCertificate }: TpmEvidence,
  { roots, intermediates, hashes }: EkTrust,
  { primitives, endorsement, nowUs }: BindingParts,
): readonly Rejection[] {
  const listed = listedEndorsementKey(ekPublic, hashes, primitives.sha256);
  if (listed.length === 0) return [];
  if (ekCertificate === null || roots.length === 0) return listed;
  const certificate = ekCertificate;
  const certified = endorsement.checkCertificate({ ekPublic, certificate, roots, intermediates, nowUs });
  if (certified.length === 0) return [];
  return hashes.length > 0 ? [...certified, ...listed] : certified;
}

/** Whom a request proves, as far as it does: what evidence of a TPM there is has to hold, answered or not. */
export function subjectOfRequest(
  request: Claim & { readonly tpm: TpmEvidence | null },
  answered: Answered | null,
  parts: Pick<BindingParts, "primitives" | "nowUs">,
): Result<Subject> {
  const { primitives } = parts;
  const proven = provenSubject(request, primitives);
  const faults = proven.ok
    ? request.tpm === null
      ? []
      : evidenceFaults(request, request.tpm, primitives)
    : proven.rejections;
  if (!proven.ok || faults.length > 0)
    return refuse(...faults.map((each) => ({ ...each, field: `request ${each.field}` })));
  return answered === null ? proven : boundSubject(proven.value, answered, parts);
}

/**
 * The subject with the tier that the answer proves: it was this key's TPM that answered. A simulated TPM stays one, and
 * says so in its inception, whoever lists its endorsement key.
 */
function boundSubject(
  subject: Subject,
  { expected, answer }: Answered,
  { primitives, nowUs }: Pick<BindingParts, "primitives" | "nowUs">,
): Result<Subject> {
  const pairs = [
    ["lineage", answer.lineage, expected.lineage],
    ["request lineage", subject.lineage, expected.lineage],
    ["request key", subject.keyId, expected.keyId],
    ["request ak-name", subject.akName ?? new Uint8Array(), expected.akName],
    ["secret", primitives.sha256(answer.secret), expected.secretHash],
  ] as const;
  const faults = pairs
    .filter(([, found, wanted]) => !equalBytes(found, wanted))
    .map(([field, found, wanted]) =>
      rejection("challenge-answer", field, { found: toHex(found) }, { expected: toHex(wanted) }),
    );
  const { untilUs } = expected;
  if (nowUs >= untilUs) faults.push(rejection("challenge-late", "until", { nowUs }, { beforeUs: untilUs }));
  if (faults.length > 0) return refuse(...faults);
  return accept({ ...subject, tier: subject.tier === "simulated" ? "simulated" : "tpm-ek-verified" });
}

function noTpm(): Rejection {
  return rejection("request-without-tpm", "tpm", { tpm: "none" }, { tpm: "evidence of the key's TPM" });
}
