/** What directives take of their author's budgets: counted alike by author, receivers and auditors (PROTOCOL §7). */
import { numberOf, termKey } from "../authority/budgets.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { leavesUs, saturated } from "../budget/use-book.ts";
import { areasMeet } from "../commodity/block.ts";
import type { BudgetTerm } from "../record/budget-fields.ts";
import type { Credential } from "../record/kinds/credential.ts";
import type { Exposure, Preemption } from "../record/kinds/preemption.ts";

type Budgeted = Pick<Credential, "budgets" | "level" | "untilUs">;
type Counted = Pick<Preemption, "zones" | "issuedUs" | "untilUs" | "leasesMax">;

/**
 * The budgets of `credential` that `directive` uses, with what it and `others` of the same author use together in the
 * window that holds its time of issue. Times are those that the author signed.
 */
export function exposureOf(
  credential: Budgeted,
  directive: Counted,
  others: readonly Counted[],
): readonly Exposure[] {
  return credential.budgets.flatMap((term, i) => {
    const own = amountOf(term, credential, directive);
    if (own === 0) return [];
    const within = others.filter(
      ({ issuedUs }) => leavesUs(term, issuedUs) > directive.issuedUs && issuedUs <= directive.issuedUs,
    );
    const used = within.reduce((sum, each) => saturated(sum + amountOf(term, credential, each)), own);
    return [{ term: i, used, allowed: numberOf(credential, termKey(term)) ?? term.allowed }];
  });
}

/** 0 where the term is about others. A directive names no lease class: a term of one counts it all the same. */
function amountOf(term: BudgetTerm, credential: Budgeted, directive: Counted): number {
  const { level, commodityClass, area } = term;
  if (level !== null && level !== credential.level) return 0;
  const { zones } = directive;
  const isOf = zones.some(
    (zone) =>
      (commodityClass === null || commodityClass === zone.commodityClass) &&
      (area === null || areasMeet(area, zone.area)),
  );
  return isOf ? amountOfUnit(term.unit, credential, directive) : 0;
}

function amountOfUnit(unit: BudgetTerm["unit"], { untilUs: lastUs }: Budgeted, directive: Counted): number {
  const { issuedUs, untilUs, leasesMax } = directive;
  // Without a number nobody knows how many it hits: no budget of leases or silence has room for that.
  const leases = leasesMax ?? Number.MAX_SAFE_INTEGER;
  switch (unit) {
    case "directives":
      return 1;
    case "leases-hit":
      return leases;
    case "silence-us":
      return saturated(leases * Math.max(0, (untilUs ?? lastUs) - issuedUs));
    default:
      return 0;
  }
}

/** `preemption-over-budget` for each budget without room for it. */
export function overBudget(credential: Budgeted, exposed: readonly Exposure[]): readonly Rejection[] {
  return exposed.flatMap(({ term, used, allowed }) => {
    if (used <= allowed) return [];
    const budget = credential.budgets[term];
    const required = { allowed, unit: budget?.unit ?? "none", windowUs: budget?.windowUs ?? 0 };
    return [rejection("preemption-over-budget", "preemption.budgets", { used }, required)];
  });
}

/** `preemption-budget` for what a directive does not say of a budget that it uses, or says too low. */
export function understated(stated: readonly Exposure[], found: readonly Exposure[]): readonly Rejection[] {
  return found.flatMap(({ term, used, allowed }) => {
    const said = stated.find((each) => each.term === term);
    if (said !== undefined && said.used >= used && said.allowed === allowed) return [];
    const measured = { term, used: said?.used ?? "none", allowed: said?.allowed ?? "none" };
    return [rejection("preemption-budget", "preemption.budgets", measured, { usedMin: used, allowed })];
  });
}
