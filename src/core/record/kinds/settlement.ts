/** One side's signed settlement of a pair: it names the artifact, which both derive (PROTOCOL §6). */
import { limits } from "../../wire/limits.ts";
import { BUDGET_TERMS_MAX } from "../budget-fields.ts";
import { type Field, integer, list, struct } from "../field.ts";
import { type Kind, MARKET } from "../kind.ts";
import { type Sealable, sealable } from "../sealed.ts";
import {
  bootIdentity,
  bootUs,
  counter,
  digest,
  digests,
  durationUs,
  type Interval,
  interval,
  type PlaceEvidence,
  placeEvidence,
} from "../shared-fields.ts";

/** The holder's statement of one of its budgets that the pair uses, at a position of its lineage (PROTOCOL §7). */
export type BudgetStatement = {
  /** The live credential that gives the number, and which of its terms. */
  readonly credential: Uint8Array;
  readonly term: number;
  readonly windowUs: number;
  /** This pair counted. */
  readonly used: number;
  readonly allowed: number;
  /** Records of the holder that the count goes over. */
  readonly seq: number;
  /** The holder's boot clock as it counted: later uses are held against it, so that no clock step empties the window. */
  readonly bootId: Uint8Array;
  readonly bootUs: number;
};

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
  readonly corroborations: readonly Uint8Array[];
  readonly reputations: readonly Uint8Array[];
  readonly budgets: readonly BudgetStatement[];
};

const ids: Field<readonly Uint8Array[]> = digests(limits.CONTEXT_IDS_MAX);

/** Terms that one pair can use: more of them, by several live credentials, are refused. */
export const BUDGET_STATEMENTS_MAX = 16;

export const context: Field<Context> = struct<Context>({
  interval,
  holderPlace: sealable(placeEvidence),
  roots: ids,
  recognitions: ids,
  credentials: ids,
  snapshots: ids,
  attestations: ids,
  corroborations: ids,
  reputations: ids,
  budgets: list(
    struct<BudgetStatement>({
      credential: digest,
      term: integer(0, BUDGET_TERMS_MAX - 1),
      windowUs: durationUs,
      used: counter,
      allowed: counter,
      seq: counter,
      bootId: bootIdentity,
      bootUs,
    }),
    0,
    BUDGET_STATEMENTS_MAX,
  ),
});

export type Settlement = {
  readonly offer: Uint8Array;
  readonly acceptance: Uint8Array;
  readonly context: Context;
  /** SHA-256(0x04 ‖ artifact bytes). */
  readonly artifact: Uint8Array;
};

const body: Field<Settlement> = struct<Settlement>({
  offer: digest,
  acceptance: digest,
  context,
  artifact: digest,
});

export const settlement: Kind<Settlement> = {
  name: "settlement",
  summary: "One party binds itself to the artifact of a pair: first the holder, then the consumer.",
  body,
  mayBeNil: MARKET,
};
