/** Whether two blocks may stand side by side in one book: a holder's leases, or an issuer's credentials (PROTOCOL §3, §6). */
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import { blocksConflict } from "../commodity/block.ts";
import type { Block } from "../record/spectrum-fields.ts";

/**
 * `already-allocated` where `block` and `taken` need the same spectrum, place and time, guard band counted; null where
 * they do not, or both are shared. `holder` says who has `taken`.
 */
export function collision(block: Block, taken: Block, guardHz: number, holder: Measure): Rejection | null {
  if (!block.exclusive && !taken.exclusive) return null;
  if (!blocksConflict(block, taken, guardHz)) return null;
  const measured = {
    lowerHz: block.lowerHz,
    upperHz: block.upperHz,
    fromUs: block.fromUs,
    untilUs: block.untilUs,
  };
  const required = {
    ...holder,
    notLowerHz: taken.lowerHz,
    notUpperHz: taken.upperHz,
    notFromUs: taken.fromUs,
    notUntilUs: taken.untilUs,
    guardHz,
  };
  return rejection("already-allocated", "acceptance.block", measured, required);
}
