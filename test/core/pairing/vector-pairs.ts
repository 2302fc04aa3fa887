/** The pairs that are frozen as vectors of rules version 1; their keys and bytes are the same in every run. */
import { concat } from "../../../src/core/base/bytes.ts";
import { priceTerms } from "../../../src/core/record/kinds/offer.ts";
import type { RecordOf } from "../../../src/core/record/record.ts";
import { seal } from "../../../src/core/record/sealed.ts";
import { placeEvidence } from "../../../src/core/record/shared-fields.ts";
import type { Opening } from "../../../src/core/wire/envelope.ts";
import {
  named,
  type Pair,
  type PairChange,
  type Party,
  pairOf,
  party,
  primitives,
  record,
} from "../../support/pair-builder.ts";
import {
  attest,
  certifyBody,
  FREE_SIGN,
  nameOf,
  quoteBody,
  RESTRICTED_SIGN,
  tpmPublic,
} from "../attestation/evidence.ts";
import { block, placeAt, price } from "./pair-values.ts";

export type VectorPair = {
  readonly name: string;
  readonly pair: Pair;
  /** For the holder's settlement, where the context seals its place. */
  readonly contextOpenings: readonly Opening[];
};

export function vectorPairs(): readonly VectorPair[] {
  return [{ name: "content-match", pair: pairOf(), contextOpenings: [] }, sealedComposite(), attestedPart()];
}

const { sha256 } = primitives;
const salt = (name: string): Uint8Array => named(`salt of ${name}`).slice(0, 16);

/** Three rules, one owner on both sides (admitted on condition), and all that can be sealed sealed. */
function sealedComposite(): VectorPair {
  const offered = seal(priceTerms, price, salt("price"), sha256);
  const accepted = seal(priceTerms, price, salt("own price"), sha256);
  const [here, there] = [placeAt(0, 0), placeAt(1_000, 0)];
  const offerPlace = seal(placeEvidence, here, salt("offer"), sha256);
  const ownPlace = seal(placeEvidence, there, salt("acceptance"), sha256);
  const contextPlace = seal(placeEvidence, here, salt("context"), sha256);
  const pair = pairOf({
    consumerLink: { owner: "holder" },
    offer: { rules: ["content-match", "handshake", "derivation"], price: offered.sealed },
    offerRecord: { header: { place: offerPlace.sealed }, openings: [offered.opening, offerPlace.opening] },
    acceptance: { price: accepted.sealed },
    acceptanceRecord: { header: { place: ownPlace.sealed }, openings: [accepted.opening, ownPlace.opening] },
    context: { holderPlace: contextPlace.sealed },
  });
  return { name: "sealed-composite-on-condition", pair, contextOpenings: [contextPlace.opening] };
}

/** Both keys in TPMs, and a part of a shared block. */
function attestedPart(): VectorPair {
  const ak = party("attestation key");
  const akPublic = tpmPublic(ak.publicKey, RESTRICTED_SIGN);
  const akName = nameOf(akPublic);
  const { holder, consumer } = pairOf().cast;
  const [sellers, buyers] = [attestationOf(holder, ak, akPublic), attestationOf(consumer, ak, akPublic)];
  const shared = { ...block, exclusive: false };
  const change: PairChange = {
    holderLink: { akName, tier: "tpm" },
    consumerLink: { akName, tier: "tpm" },
    offer: { block: shared, rules: ["handshake"] },
    offerRecord: { header: { attestation: sellers.id } },
    acceptance: {
      block: { ...shared, lowerHz: block.lowerHz + 25_000, upperHz: block.lowerHz + 100_000 },
      deadman: "device",
    },
    acceptanceRecord: { header: { attestation: buyers.id } },
    attestations: [sellers, buyers],
  };
  return { name: "attested-part-of-a-shared-block", pair: pairOf(change), contextOpenings: [] };
}

function attestationOf(author: Party, ak: Party, akPublic: Uint8Array): RecordOf<"attestation"> {
  const signingPublic = tpmPublic(author.publicKey, FREE_SIGN);
  const certification = attest({ body: certifyBody(nameOf(signingPublic)) });
  const [head, bootId] = [named("head"), named("boot").slice(0, 16)];
  const quote = attest({
    type: 0x8018,
    extraData: sha256(concat(head, bootId)),
    body: quoteBody(Uint8Array.of(0x80, 0, 0), named("pcrs")),
  });
  return record("attestation", author, {
    akPublic,
    signingPublic,
    certification,
    certificationSignature: ak.sign(certification),
    quote,
    quoteSignature: ak.sign(quote),
    pcrs: [7],
    head,
    bootId,
  });
}
