/** A holder offers a block under its scope (PROTOCOL §6 Bodies; seed guide "Offer"). */

import { amount, bytes, choice, type Field, identifier, integer, list, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import { digest, instantUs, word } from "../shared-fields.ts";
import { type Block, block, type Steps, steps } from "../spectrum-fields.ts";

export type PriceTerms = {
  readonly form: "fixed";
  /** For the whole acceptance, in millionths of the currency's unit. */
  readonly microUnits: bigint;
  /** ISO 4217, or a private code. */
  readonly currency: string;
};

export type Eligibility = {
  readonly level: string;
  readonly verb: "acquire";
  readonly eligibilityClass: string;
};

export type RuleId = "content-match" | "handshake" | "derivation";

export type Offer = {
  /** Record id of the commodity's schema. */
  readonly schema: Uint8Array;
  readonly resource: string;
  readonly block: Block;
  readonly steps: Steps;
  readonly price: Sealable<PriceTerms>;
  readonly eligibility: Eligibility;
  /** In order; more than one is the composite rule. */
  readonly rules: readonly RuleId[];
  readonly challenge: Uint8Array;
  readonly leaseClass: string;
  readonly rulesVersions: readonly number[];
  /** No acceptance after this. */
  readonly endUs: number;
};

export const priceTerms: Field<PriceTerms> = struct<PriceTerms>({
  form: choice("fixed"),
  microUnits: amount(0n, 2n ** 63n - 1n),
  currency: identifier(8),
});

const body: Field<Offer> = struct<Offer>({
  schema: digest,
  resource: word,
  block,
  steps,
  price: sealable(priceTerms),
  eligibility: struct<Eligibility>({
    level: word,
    verb: choice("acquire"),
    eligibilityClass: identifier(32),
  }),
  rules: list(choice("content-match", "handshake", "derivation"), 1, 4),
  challenge: bytes(32),
  leaseClass: word,
  rulesVersions: list(integer(1, 65_535), 1, 4),
  endUs: instantUs,
});

export const offer: Kind<Offer> = {
  name: "offer",
  summary: "A block of spectrum that a holder lets, on which terms and to whom.",
  body,
  mayBeNil: MARKET,
};
