/** Budgets of credentials and ceilings on holdings, as files write them: `window: 1h`, `allowed: 20` (PROTOCOL §7). */
import { checkPolygon } from "../core/geometry/polygon.ts";
import { type BudgetTerm, type BudgetUnit, budgetTerm as termField } from "../core/record/budget-fields.ts";
import { credential } from "../core/record/kinds/credential.ts";
import { type HoldingsCeiling, policy } from "../core/record/kinds/policy.ts";
import type { Vertex } from "../core/record/spectrum-fields.ts";
import { limits } from "../core/wire/limits.ts";
import { boundsOf } from "./field-bounds.ts";
import { choice, complain, count, list, map, type Piece, word } from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { place, quantity } from "./quantity.ts";
import { DURATION, FREQUENCY } from "./units.ts";

/** What nothing counts yet is not to be written either: it would be a bound that is kept by nobody. The last three are of directives. */
const UNITS: readonly BudgetUnit[] = [
  "settlements",
  "acceptances",
  "hertz-seconds",
  "directives",
  "leases-hit",
  "silence-us",
];

export function budgets(description: string): Piece<readonly BudgetTerm[]> {
  const { min, max } = boundsOf(credential.body, "budgets");
  return list(budgetTerm(), min, max, description);
}

function budgetTerm(): Piece<BudgetTerm> {
  const { min, max } = boundsOf(termField, "allowed");
  return map({
    unit: choice(UNITS, "what is counted").prefault("settlements"),
    level: word(64, "only for offers that ask for this level").optional(),
    commodity: word(64, "only of this commodity class").optional(),
    "lease-class": word(64, "only of this lease class").optional(),
    area: limitedArea("only for blocks whose area meets it").optional(),
    window: quantity(DURATION, "how long a use counts", boundsOf(termField, "windowUs")),
    counted: choice(["sliding", "fixed"], "fixed windows begin at multiples of their length, UTC").prefault(
      "sliding",
    ),
    allowed: count(min, max, "in a window"),
  }).transform(
    (written): BudgetTerm => ({
      unit: written.unit,
      level: written.level ?? null,
      commodityClass: written.commodity ?? null,
      leaseClass: written["lease-class"] ?? null,
      area: written.area ?? null,
      windowUs: written.window,
      window: written.counted,
      allowed: written.allowed,
    }),
  );
}

/** `40MHz`, over all sellers. */
export function holdingsMax(description: string): Piece<number> {
  return quantity(FREQUENCY, description, boundsOf(credential.body, "holdingsMaxHz"));
}

export function holdingsCeiling(): Piece<HoldingsCeiling> {
  return map({
    commodity: word(64, "of this commodity class"),
    "lease-class": word(64, "only of this lease class").optional(),
    area: limitedArea("only of blocks whose area meets it").optional(),
    "holdings-max": quantity(
      FREQUENCY,
      "bandwidth that one party may hold at one time",
      boundsOf(policy.body, "ceilings.holdingsMaxHz"),
    ),
  }).transform(
    (written): HoldingsCeiling => ({
      commodityClass: written.commodity,
      leaseClass: written["lease-class"] ?? null,
      area: written.area ?? null,
      holdingsMaxHz: written["holdings-max"],
    }),
  );
}

/** A polygon, no circle: an inscribed one would leave the circle's rim without a limit. */
function limitedArea(description: string): Piece<readonly Vertex[]> {
  const corners = list(
    place("a corner"),
    3,
    limits.AREA_VERTICES_MAX,
    "corners in order, the first not repeated",
  );
  return map({ polygon: corners }, description).transform(({ polygon }, context): readonly Vertex[] => {
    const checked = checkPolygon(polygon, "");
    for (const { code } of checked.ok ? [] : checked.rejections.slice(0, 1)) {
      const told = complaint("polygon", "a simple polygon away from poles and antimeridian", code);
      complain(context, ["polygon"], told);
    }
    return polygon;
  });
}
