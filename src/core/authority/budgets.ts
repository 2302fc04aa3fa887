/** Budgets and ceilings as they are split by delegation: each link within its parent, all children within it together (PROTOCOL §7). */
import { idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { areaOf } from "../geometry/area.ts";
import type { BudgetTerm } from "../record/budget-fields.ts";
import type { Credential } from "../record/kinds/credential.ts";
import type { Interval } from "../record/shared-fields.ts";

type Bounded = Pick<Credential, "budgets" | "holdingsMaxHz">;

/** What makes two terms the same budget: all but the number. */
export function termKey({
  unit,
  level,
  commodityClass,
  leaseClass,
  area,
  windowUs,
  window,
}: BudgetTerm): string {
  return JSON.stringify([unit, level, commodityClass, leaseClass, window, windowUs, area]);
}

/** One of an authority's budgets, whatever its number; `authority` in hex. */
export function budgetKey(authority: string, term: BudgetTerm): string {
  return `${authority} ${termKey(term)}`;
}

/** The number that one credential gives for a budget, the least of them where it names it twice; null: none. */
export function numberOf({ budgets }: Pick<Bounded, "budgets">, key: string): number | null {
  return budgets.reduce<number | null>((least, term) => {
    if (termKey(term) !== key) return least;
    return least === null ? term.allowed : Math.min(least, term.allowed);
  }, null);
}

/** `link-budget` for each term of the parent that the child lacks or exceeds, `link-ceiling`: what it may add, narrows. */
export function boundExcess(child: Bounded, parent: Bounded, field: string): readonly Rejection[] {
  const found: Rejection[] = [];
  for (const term of parent.budgets) {
    const allowed = numberOf(child, termKey(term));
    if (allowed !== null && allowed <= term.allowed) continue;
    const { unit, windowUs, window, allowed: allowedMax } = term;
    const measured = { allowed: allowed ?? "any" };
    found.push(
      rejection("link-budget", `${field}.budgets`, measured, { unit, windowUs, window, allowedMax }),
    );
  }
  const [heldHz, holdingsMaxHz] = [child.holdingsMaxHz, parent.holdingsMaxHz];
  if (holdingsMaxHz !== null && (heldHz === null || heldHz > holdingsMaxHz)) {
    const measured = { holdingsMaxHz: heldHz ?? "any" };
    found.push(rejection("link-ceiling", `${field}.holdingsMaxHz`, measured, { holdingsMaxHz }));
  }
  return found;
}

/** Why an area that a term names is no simple polygon. */
export function malformedTerms({ budgets }: Pick<Bounded, "budgets">, field: string): readonly Rejection[] {
  return budgets.flatMap(({ area }, i) => {
    const checked = area === null ? null : areaOf(area, `${field}.budgets[${i}].area`);
    return checked === null || checked.ok ? [] : checked.rejections;
  });
}

/** A credential that the issuer gave away. */
export type GivenAway = {
  readonly body: Pick<Credential, "subjectLineage" | "budgets" | "holdingsMaxHz" | "fromUs" | "untilUs">;
  /** From when on nobody can use it any more, though it has not ended; null: it was not revoked. */
  readonly revokedUs: number | null;
};

export type Left = {
  /** For each term of the issuer's own credential, in order. */
  readonly budgets: readonly { readonly term: BudgetTerm; readonly left: number }[];
  /** null: the issuer's own has no ceiling. */
  readonly holdingsHz: number | null;
};

/**
 * What an issuer may still give away over `span`: its own numbers less those of all who hold some of them then. Of one
 * subject's credentials the largest number counts, as it applies. A use counts for a window after it was made, so a
 * credential's number comes back a window after its end or revocation; a ceiling comes back at once.
 */
export function budgetsLeft(own: Bounded, given: readonly GivenAway[], span: Interval): Left {
  const budgets = own.budgets.map((term) => {
    const key = termKey(term);
    const numbers = given.filter((each) => isHeld(each, span, term.windowUs));
    const sum = sumOfLargest(numbers, ({ body }) => numberOf(body, key) ?? term.allowed);
    return { term, left: Math.max(0, term.allowed - sum) };
  });
  const ceilings = given.filter((each) => isHeld(each, span, 0));
  const max = own.holdingsMaxHz;
  const heldHz = max === null ? 0 : sumOfLargest(ceilings, ({ body }) => body.holdingsMaxHz ?? max);
  return { budgets, holdingsHz: max === null ? null : Math.max(0, max - heldHz) };
}

function isHeld({ body, revokedUs }: GivenAway, span: Interval, afterUs: number): boolean {
  const endUs = revokedUs === null ? body.untilUs : Math.min(body.untilUs, revokedUs);
  return body.fromUs <= span.latestUs && endUs + afterUs > span.earliestUs;
}

function sumOfLargest(given: readonly GivenAway[], number: (each: GivenAway) => number): number {
  const largest = new Map<string, number>();
  for (const each of given) {
    const subject = idText(each.body.subjectLineage);
    largest.set(subject, Math.max(largest.get(subject) ?? 0, number(each)));
  }
  let sum = 0;
  for (const each of largest.values()) sum += each;
  return sum;
}
