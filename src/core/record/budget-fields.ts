/** Budgets: how much a subject may do in a window, and how much it may hold at one time (PROTOCOL §7). */
import { choice, type Field, integer, list, nilable, struct } from "./field.ts";
import { counter, word } from "./shared-fields.ts";
import { area, type Vertex } from "./spectrum-fields.ts";

/**
 * What is counted: `settlements` bound as holder; `hertz-seconds` of their blocks, width in Hz × duration in seconds, a
 * begun second whole. The other three are of directives, which nothing here issues yet.
 */
export type BudgetUnit = "settlements" | "hertz-seconds" | "directives" | "leases-hit" | "silence-us";

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
export const BUDGET_TERMS_MAX = 8;

export const budgetTerm: Field<BudgetTerm> = struct<BudgetTerm>({
  unit: choice("settlements", "hertz-seconds", "directives", "leases-hit", "silence-us"),
  level: nilable(word),
  commodityClass: nilable(word),
  leaseClass: nilable(word),
  area: nilable(area),
  windowUs: integer(1, BUDGET_WINDOW_US_MAX),
  window: choice("sliding", "fixed"),
  allowed: counter,
});

export const budgetTerms: Field<readonly BudgetTerm[]> = list(budgetTerm, 0, BUDGET_TERMS_MAX);
