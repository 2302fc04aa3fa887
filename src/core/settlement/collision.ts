/** Whether two blocks may stand side by side in one book: a holder's leases, or an issuer's credentials (PROTOCOL §3, §6). */
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import { blocksConflict } from "../commodity/block.ts";
import type { Schema, Tdd } from "../record/kinds/schema.ts";
import type { Block } from "../record/spectrum-fields.ts";

/** What its commodity wants kept free beside a block. */
export type Spacing = Pick<Schema, "guardBandHz" | "tdd">;

/** Of what nobody described. */
export const NO_SPACING: Spacing = { guardBandHz: 0, tdd: null };

export type Spaced = { readonly block: Block; readonly spacing: Spacing };

/**
 * `already-allocated` where `one` and `taken` need the same spectrum, place and time, guard band counted; `tdd-guard`
 * where only the guard between networks that are not synchronised is missing; null where they may stand side by side, or
 * both are shared. `holder` says who has `taken`.
 */
export function collision(one: Spaced, taken: Spaced, holder: Measure): Rejection | null {
  const [block, other] = [one.block, taken.block];
  if (!block.exclusive && !other.exclusive) return null;
  const guardHz = Math.max(one.spacing.guardBandHz, taken.spacing.guardBandHz);
  if (blocksConflict(block, other, guardHz)) {
    return rejection(
      "already-allocated",
      "acceptance.block",
      spanOf(block),
      standing(other, holder, guardHz),
    );
  }
  const tddHz = tddGuardHz(one.spacing.tdd, taken.spacing.tdd);
  if (tddHz <= guardHz || !blocksConflict(block, other, tddHz)) return null;
  const measured = { ...spanOf(block), tddClass: one.spacing.tdd?.class ?? "none stated" };
  const required = { ...standing(other, holder, tddHz), tddClass: taken.spacing.tdd?.class ?? "none stated" };
  return rejection("tdd-guard", "acceptance.block", measured, required);
}

/** The most that has to be free between two blocks, whatever they are. */
export function widestGuardHz(one: Spacing, other: Spacing): number {
  return Math.max(one.guardBandHz, other.guardBandHz, tddGuardHz(one.tdd, other.tdd));
}

/** Who says nothing of TDD is not known to be synchronised with anybody who does. */
function tddGuardHz(one: Tdd | null, other: Tdd | null): number {
  if (one?.class === other?.class) return 0;
  return Math.max(one?.guardHz ?? 0, other?.guardHz ?? 0);
}

function spanOf({ lowerHz, upperHz, fromUs, untilUs }: Block): Measure {
  return { lowerHz, upperHz, fromUs, untilUs };
}

function standing(taken: Block, holder: Measure, guardHz: number): Measure {
  return {
    ...holder,
    notLowerHz: taken.lowerHz,
    notUpperHz: taken.upperHz,
    notFromUs: taken.fromUs,
    notUntilUs: taken.untilUs,
    guardHz,
  };
}
