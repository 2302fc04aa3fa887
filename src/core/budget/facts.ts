/** What budgets read of a pair: the same from an agent's own log as from another's records (PROTOCOL §7). */
import { toHex } from "../base/bytes.ts";
import type { Offer } from "../record/kinds/offer.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { type Facts, hertzSecondsOf } from "./use-book.ts";

/** What budgets read of an offer. */
export type OfferTerms = Pick<Offer, "eligibility" | "leaseClass">;

/** The deed as budgets of that credential's issuer look at it. */
export function factsOf(
  deed: Facts["deed"],
  { eligibility, leaseClass }: OfferTerms,
  block: Block,
  credential: RecordOf<"credential">,
): Facts {
  return {
    deed,
    authority: toHex(credential.header.lineage),
    level: eligibility.level,
    leaseClass,
    commodityClass: block.commodityClass,
    area: block.area,
    hertzSeconds: hertzSecondsOf(block),
  };
}
