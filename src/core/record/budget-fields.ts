/** Budgets: how much a subject may do in a window, and how much it may hold at one time (PROTOCOL §7). */
import { choice, type Field, integer, list, nilable, struct } from "./field.ts";
import { bootIdentity, bootUs, counter, digest, durationUs, word } from "./shared-fields.ts";
import { area, type Vertex } from "./spectrum-fields.ts";

/**
 * What is counted: `settlements` bound as holder; `hertz-seconds` of their blocks, width in Hz × duration in seconds, a
 * begun second whole; `acceptances` appended as consumer, whatever becomes of them. The other three are of directives,
 * which nothing here issues yet.
 */
export type BudgetUnit =
  | "settlements"
  | "acceptances"
  | "hertz-seconds"
  | "directives"
  | "leases-hit"
  | "silence-us";

/** nil: any. All that is named holds together, so each combination of them is one term. */
export type BudgetTerm = {
  readonly unit: BudgetUnit;
  /** The level that the offer asks for. */
  readonly level: string | null;
  readonly commodityClass: string | null;
  readonly leaseClass: string | null;
  /** A block counts where its area meets this one. */
  readonly area: readonly Vertex[] | null;
  readonly windowUs: number;
  /** `fixed` windows begin at multiples of their length since 1970 UTC. */
  readonly window: "sliding" | "fixed";
  readonly allowed: number;
};

/** 31 days: as long as a use can count in any window, and so as long as it is kept. */
export const BUDGET_WINDOW_US_MAX = 2_678_400_000_000;
const BUDGET_TERMS_MAX = 8;

export const budgetTerm: Field<BudgetTerm> = struct<BudgetTerm>({
  unit: choice("settlements", "acceptances", "hertz-seconds", "directives", "leases-hit", "silence-us"),
  level: nilable(word),
  commodityClass: nilable(word),
  leaseClass: nilable(word),
  area: nilable(area),
  windowUs: integer(1, BUDGET_WINDOW_US_MAX),
  window: choice("sliding", "fixed"),
  allowed: counter,
});

export const budgetTerms: Field<readonly BudgetTerm[]> = list(budgetTerm, 0, BUDGET_TERMS_MAX);

/** Its author's statement of one of its budgets that a record uses, at a position of its lineage (PROTOCOL §7). */
export type BudgetStatement = {
  /** The live credential that gives the number, and which of its terms. */
  readonly credential: Uint8Array;
  readonly term: number;
  readonly windowUs: number;
  /** What the statement is made for counted. */
  readonly used: number;
  readonly allowed: number;
  /** Records of the author that the count goes over. */
  readonly seq: number;
  /** The author's boot clock as it counted: later uses are held against it, so that no clock step empties the window. */
  readonly bootId: Uint8Array;
  readonly bootUs: number;
};

/** Terms that one record can use: more of them, by several live credentials, are refused. */
export const BUDGET_STATEMENTS_MAX = 16;

export const budgetStatements: Field<readonly BudgetStatement[]> = list(
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
);
