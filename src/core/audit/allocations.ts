/** No exclusive block is let twice while the earlier lease stands, as far as the logs here tell (PROTOCOL §6, §9). */
import { equalBytes, toHex } from "../base/bytes.ts";
import { blocksConflict } from "../commodity/block.ts";
import type { DerivedArtifact } from "../settlement/artifact.ts";
import { widestGuardHz } from "../settlement/collision.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import { budgetChecks } from "./budgets.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { type Occupancy, occupancyAt } from "./occupancy.ts";
import { whole } from "./settlements.ts";

/** Pairs of blocks that are compared, and collisions that are looked into; a bundle with more is told so. */
const PAIRS_MAX = 4_000_000;
const COLLISIONS_MAX = 1_000;

export function allocationChecks(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  return [...doubles(evidence, deals), ...books(evidence, deals)];
}

type Settled = Deal & {
  readonly derived: DerivedArtifact;
  readonly holderSettlement: NonNullable<Deal["holderSettlement"]>;
};

function doubles(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const settled = deals
    .filter((deal): deal is Settled => deal.derived !== null && deal.holderSettlement !== null)
    .sort((a, b) => a.derived.artifact.block.lowerHz - b.derived.artifact.block.lowerHz);
  const found: AuditCheck[] = [];
  let pairs = 0;
  let collisions = 0;
  for (const [i, one] of settled.entries()) {
    const { block, terms } = one.derived.artifact;
    for (let j = i + 1; j < settled.length; j++) {
      const other = settled[j] as Settled;
      const { block: otherBlock, terms: otherTerms } = other.derived.artifact;
      const guardHz = widestGuardHz(terms, otherTerms);
      pairs += 1;
      if (pairs > PAIRS_MAX || collisions > COLLISIONS_MAX) return [...found, tooMany(settled.length)];
      if (!block.exclusive && !otherBlock.exclusive) continue;
      if (!blocksConflict(block, otherBlock, guardHz)) continue;
      collisions += 1;
      found.push(...conflict(evidence, one, other));
    }
  }
  return orPassed("double-allocation", "bundle", settled.length, found);
}

function tooMany(settlements: number): AuditCheck {
  const reason = "There are more pairs of settlements than are compared in one run.";
  return notCheckable("double-allocation", "bundle", reason, { settlements, pairsMax: PAIRS_MAX });
}

/** Two blocks that collide: the earlier lease has to be free where the later one was settled. */
function conflict(evidence: Evidence, one: Settled, other: Settled): readonly AuditCheck[] {
  const sameHolder = equalBytes(one.holderSettlement.header.lineage, other.holderSettlement.header.lineage);
  const firstIsOne = sameHolder
    ? precedes(one.holderSettlement, other.holderSettlement)
    : timeOf(one) <= timeOf(other);
  const [earlier, later] = firstIsOne ? [one, other] : [other, one];
  const occupancy = occupancyAt(evidence, earlier, later.holderSettlement);
  const measured = measuredBy(earlier, later, occupancy);
  switch (occupancy.state) {
    case "free":
      return [];
    case "standing":
      return [failed("double-allocation", whole(later), measured, { earlier: "free" })];
    case "unknown":
      return [notCheckable("allocation-boot-clock", whole(later), occupancy.why, measured)];
  }
}

function timeOf({ holderSettlement }: Settled): number {
  return holderSettlement.header.time?.latestUs ?? 0;
}

function measuredBy(earlier: Settled, later: Settled, occupancy: Occupancy): AuditCheck["measured"] {
  const { lowerHz, upperHz } = later.derived.artifact.block;
  return { lowerHz, upperHz, earlier: earlier.artifact, earlierIs: occupancy.why.slice(0, 200) };
}

/** A book is as whole as the log that it is folded from, and so are the budgets of both sides. */
function books(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const holders = new Map<string, number>();
  for (const { holderSettlement } of deals) {
    if (holderSettlement === null) continue;
    const lineage = toHex(holderSettlement.header.lineage);
    holders.set(lineage, (holders.get(lineage) ?? 0) + 1);
  }
  const consumers = ofKind(evidence, "acceptance")
    .filter(({ body }) => body.budgets.length > 0)
    .map(({ header }) => toHex(header.lineage))
    .filter((lineage) => !holders.has(lineage));
  const used = [...new Set(consumers)].flatMap((lineage) => budgetChecks(evidence, lineage));
  const let_ = [...holders].flatMap(([lineage, settlements]) => {
    const log = evidence.gapless.has(lineage) && evidence.exported.has(lineage);
    const book = log
      ? "The holder's log is here up to its last record; what it may have let later, or kept from this log, is not."
      : "The holder's full log is not here: what else it let cannot be seen.";
    return [notCheckable("book-whole", lineage, book, { settlements }), ...budgetChecks(evidence, lineage)];
  });
  return [...let_, ...used];
}
