/** A consumer accepts (a part of) an offered block (PROTOCOL §6 Bodies). */

import { bytes, type Field, integer, list, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import { type Deadman, deadman, digest, durationUs, instantUs, word } from "../shared-fields.ts";
import { type Block, block } from "../spectrum-fields.ts";
import { type PriceTerms, priceTerms } from "./offer.ts";

/** Own holdings at a lineage position: confirmed leases and pending acceptances (PROTOCOL §7). */
export type Holding = {
  readonly artifactOrAcceptance: Uint8Array;
  readonly lowerHz: number;
  readonly upperHz: number;
};

export type Acceptance = {
  readonly offer: Uint8Array;
  readonly resource: string;
  readonly block: Block;
  readonly price: Sealable<PriceTerms>;
  readonly rulesVersion: number;
  /** One for each rule of the offer, in order; empty for content-match. */
  readonly answers: readonly Uint8Array[];
  readonly confirmByUs: number;
  readonly effectiveByUs: number;
  readonly clockDriftPpm: number;
  readonly deadman: Deadman;
  readonly muteLatencyUs: number;
  readonly holdings: readonly Holding[];
  readonly nonce: Uint8Array;
};

const holding: Field<Holding> = struct<Holding>({
  artifactOrAcceptance: digest,
  lowerHz: integer(0, 3_000_000_000_000),
  upperHz: integer(0, 3_000_000_000_000),
});

const body: Field<Acceptance> = struct<Acceptance>({
  offer: digest,
  resource: word,
  block,
  price: sealable(priceTerms),
  rulesVersion: integer(1, 65_535),
  answers: list(bytes(0, 32), 1, 4),
  confirmByUs: instantUs,
  effectiveByUs: instantUs,
  clockDriftPpm: integer(0, 10_000),
  deadman,
  muteLatencyUs: durationUs,
  holdings: list(holding, 0, 64),
  nonce: bytes(16),
});

export const acceptance: Kind<Acceptance> = {
  name: "acceptance",
  summary: "A consumer takes up an offer, with its answer to the recognition rule and its deadlines.",
  body,
  mayBeNil: MARKET,
};
