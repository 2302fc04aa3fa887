/** A consumer accepts (a part of) an offered block (PROTOCOL §6 Bodies). */

import type { Rectangle } from "../../geometry/polygon.ts";
import { type BudgetStatement, budgetStatements } from "../budget-fields.ts";
import { bytes, type Field, integer, list, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import { type Deadman, deadman, digest, durationUs, frequencyHz, instantUs, word } from "../shared-fields.ts";
import { type Block, block } from "../spectrum-fields.ts";
import { type PriceTerms, priceTerms } from "./offer.ts";

/** Own holdings at a lineage position: confirmed leases and pending acceptances (PROTOCOL §7). */
export type Holding = {
  readonly artifactOrAcceptance: Uint8Array;
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly commodityClass: string;
  readonly leaseClass: string;
  /** Outermost corners of its area: sixty-four whole polygons would fit in no record. */
  readonly extent: Rectangle;
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
  /** What it takes of its consumer's own budgets. */
  readonly budgets: readonly BudgetStatement[];
  readonly nonce: Uint8Array;
};

/** Who holds more accepts nothing more: a statement is never cut. */
export const HOLDINGS_MAX = 64;

const holding: Field<Holding> = struct<Holding>({
  artifactOrAcceptance: digest,
  lowerHz: frequencyHz,
  upperHz: frequencyHz,
  fromUs: instantUs,
  untilUs: instantUs,
  commodityClass: word,
  leaseClass: word,
  extent: struct<Rectangle>({
    southE7: integer(-900_000_000, 900_000_000),
    westE7: integer(-1_800_000_000, 1_800_000_000),
    northE7: integer(-900_000_000, 900_000_000),
    eastE7: integer(-1_800_000_000, 1_800_000_000),
  }),
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
  holdings: list(holding, 0, HOLDINGS_MAX),
  budgets: budgetStatements,
  nonce: bytes(16),
});

export const acceptance: Kind<Acceptance> = {
  name: "acceptance",
  summary: "A consumer takes up an offer, with its answer to the recognition rule and its deadlines.",
  body,
  mayBeNil: MARKET,
};
