/** One side's signed settlement of a pair: it names the artifact, which both derive (PROTOCOL §6). */
import { limits } from "../../wire/limits.ts";
import { type BudgetStatement, budgetStatements } from "../budget-fields.ts";
import { type Field, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import {
  digest,
  digests,
  type Interval,
  interval,
  type PlaceEvidence,
  placeEvidence,
} from "../shared-fields.ts";
import { identifiers, type RegisteredIdentifier } from "./credential.ts";

/** C: everything that evaluation reads besides the pair, fixed by the holder. The list is closed. */
export type Context = {
  readonly interval: Interval;
  readonly holderPlace: Sealable<PlaceEvidence>;
  /** Lineage ids of the trust roots of both chains. */
  readonly roots: readonly Uint8Array[];
  readonly recognitions: readonly Uint8Array[];
  readonly credentials: readonly Uint8Array[];
  readonly snapshots: readonly Uint8Array[];
  readonly attestations: readonly Uint8Array[];
  /** Admissions of either side by third parties. */
  readonly corroborations: readonly Uint8Array[];
  readonly reputations: readonly Uint8Array[];
  readonly budgets: readonly BudgetStatement[];
};

const ids: Field<readonly Uint8Array[]> = digests(limits.CONTEXT_IDS_MAX);

export const context: Field<Context> = struct<Context>({
  interval,
  holderPlace: sealable(placeEvidence),
  roots: ids,
  recognitions: ids,
  credentials: ids,
  snapshots: ids,
  attestations: ids,
  corroborations: digests(limits.CORROBORATIONS_MAX),
  reputations: ids,
  budgets: budgetStatements,
});

export type Settlement = {
  readonly offer: Uint8Array;
  readonly acceptance: Uint8Array;
  readonly context: Context;
  /** SHA-256(0x04 ‖ artifact bytes). */
  readonly artifact: Uint8Array;
  /** Of the author's side: call sign, FRN, FCC ID, lease id. No part of the artifact. */
  readonly identifiers: Sealable<readonly RegisteredIdentifier[]>;
};

const body: Field<Settlement> = struct<Settlement>({
  offer: digest,
  acceptance: digest,
  context,
  artifact: digest,
  identifiers: sealable(identifiers),
});

export const settlement: Kind<Settlement> = {
  name: "settlement",
  summary: "One party binds itself to the artifact of a pair: first the holder, then the consumer.",
  body,
  mayBeNil: MARKET,
};
