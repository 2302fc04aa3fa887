/** A credential that names an attestation key holds only with evidence of it (RFC 9334; PROTOCOL §3 device binding). */
import { checkCertification } from "../../attestation/certification.ts";
import { checkQuote } from "../../attestation/quote.ts";
import { parseTpmPublic } from "../../attestation/tpm-public.ts";
import type { Chain } from "../../authority/chain.ts";
import { concat, equalBytes, toHex } from "../../base/bytes.ts";
import { type Check, check, checkAll } from "../../base/check.ts";
import type { Primitives } from "../../base/primitives.ts";
import { type Rejection, rejection } from "../../base/rejection.ts";
import type { Header } from "../../record/header.ts";
import { keyId } from "../../record/identity.ts";
import type { Attestation } from "../../record/kinds/attestation.ts";
import type { RecordOf } from "../../record/record.ts";
import type { Candidate } from "../candidate.ts";

export function attested(pair: Candidate, primitives: Primitives): readonly Check[] {
  return [
    ...side(pair, { name: "offer", author: pair.offer.header, chain: pair.sellerChain }, primitives),
    ...side(pair, { name: "acceptance", author: pair.acceptance.header, chain: pair.buyerChain }, primitives),
  ];
}

type Side = { readonly name: string; readonly author: Header; readonly chain: Chain };

function side(pair: Candidate, { name, author, chain }: Side, primitives: Primitives): readonly Check[] {
  const akName = chain.links[0]?.body.akName ?? null;
  if (akName === null) return [];
  const field = `${name}.attestation`;
  const evidence = latestOf(pair.attestations, author);
  if (evidence === null) {
    return [check("attestation-missing", field, false, { found: "none" }, { akName: toHex(akName) })];
  }
  return checkAll("attestation-certifies", field, evidenceFaults(evidence, akName, author, primitives));
}

/**
 * `checkEvidence`, once for each attestation: an author names the same one from offer to offer. A memo, not a state: it
 * is keyed by the record, which nobody changes once it is decoded, and holds for the AK and the key that it was asked of
 * and the primitives that judged it alone; and it is bounded by the records that are held.
 */
export function evidenceFaults(
  evidence: RecordOf<"attestation">,
  akName: Uint8Array,
  { suite, signerKey }: Pick<Header, "suite" | "signerKey">,
  primitives: Primitives,
): readonly Rejection[] {
  const known = JUDGED.get(evidence);
  if (
    known !== undefined &&
    known.primitives === primitives &&
    known.suite === suite &&
    equalBytes(known.akName, akName) &&
    equalBytes(known.signerKey, signerKey)
  )
    return known.faults;
  const faults = checkEvidence(evidence.body, akName, { suite, signerKey }, primitives);
  JUDGED.set(evidence, { akName, suite, signerKey, primitives, faults });
  return faults;
}

type Judged = Pick<Header, "suite" | "signerKey"> & {
  readonly akName: Uint8Array;
  readonly primitives: Primitives;
  readonly faults: readonly Rejection[];
};

const JUDGED: WeakMap<RecordOf<"attestation">, Judged> = new WeakMap();

/** All that is wrong with one attestation of `author`; empty when its AK certifies its signing key and quoted the head. */
export function checkEvidence(
  evidence: Attestation,
  akName: Uint8Array,
  author: Pick<Header, "suite" | "signerKey">,
  primitives: Primitives,
): readonly Rejection[] {
  const signing = parseTpmPublic(evidence.signingPublic, "signingPublic");
  if (!signing.ok) return signing.rejections;
  const signingKey = signing.value.key;
  const found: Rejection[] = [];
  if (!equalBytes(keyId(author.suite, signingKey, primitives.sha256), author.signerKey)) {
    const required = { signerKey: toHex(author.signerKey) };
    found.push(rejection("attestation-other-key", "signingPublic", {}, required));
  }
  const { akPublic, signingPublic, pcrs } = evidence;
  const certified = checkCertification(
    {
      akName,
      akPublic,
      signingPublic,
      signingKey,
      attestation: evidence.certification,
      signature: evidence.certificationSignature,
    },
    primitives,
  );
  const qualifying = primitives.sha256(concat(evidence.head, evidence.bootId));
  const quoted = checkQuote(
    {
      akPublic,
      attestation: evidence.quote,
      signature: evidence.quoteSignature,
      qualifying,
      pcrs,
      values: null,
    },
    primitives,
  );
  return [...found, ...[certified, quoted].flatMap((each) => (each.ok ? [] : each.rejections))];
}

function latestOf(
  attestations: readonly RecordOf<"attestation">[],
  author: Header,
): RecordOf<"attestation"> | null {
  const named = author.attestation;
  if (named === null) return null;
  return (
    attestations.find(
      (each) => equalBytes(each.id, named) && equalBytes(each.header.lineage, author.lineage),
    ) ?? null
  );
}
