/** What holders have left to let, counted apart from their books and budgets: nobody can be asked to buy anything else. */
import { equalBytes, idText } from "../core/base/bytes.ts";
import type { BudgetTerm } from "../core/record/budget-fields.ts";
import type { Schema } from "../core/record/kinds/schema.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Block } from "../core/record/spectrum-fields.ts";
import type { Lease } from "../core/settlement/lease.ts";
import type { Host } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { collides } from "./invariants/collision.ts";
import type { Timeline } from "./timeline.ts";

export type Openings = {
  /** The offer is long enough to be bought, stands, and neither its block nor the budget has gone to anybody but `consumer`. */
  isOpen(offer: RecordOf<"offer">, between: Between): boolean;
  /** Of what the holder offers by itself, one block could be let from now on, if not for long. */
  hasRoom(holder: Host): boolean;
};

export type Between = { readonly holder: Host; readonly consumer: Host | null };

export type OpeningsParts = {
  readonly timeline: Pick<Timeline, "nowUs">;
  readonly schema: Pick<Schema, "steps" | "guardBandHz">;
  /** What the holder may bind, by its present credential. */
  readonly budgetsOf: (holder: Host) => readonly BudgetTerm[];
};

/** By so much a holder's own count may lag behind: its clocks err, and it resumes by a record. */
const RESUMES_WITHIN_US = 2_000_000;

export function newOpenings({ timeline, schema, budgetsOf }: OpeningsParts): Openings {
  const utcUs = (): number => WORLD_BEGAN_US + timeline.nowUs();

  /** A fixed window is never longer than a sliding one. */
  function hasBudget(holder: Host, bound: readonly Lease[]): boolean {
    return budgetsOf(holder).every(({ windowUs, allowed }) => {
      const sinceUs = utcUs() - windowUs - RESUMES_WITHIN_US;
      return bound.filter((lease) => boundUs(lease) > sinceUs).length < allowed;
    });
  }

  /** A lease that ended early counts to the end of its grant: when its block is free again the holder's book knows alone. */
  function isFree(block: Block, bound: readonly Lease[]): boolean {
    return !bound.some(({ derived }) => collides(derived.artifact.block, block, schema.guardBandHz));
  }

  return {
    isOpen(offer, { holder, consumer }) {
      const { block } = offer.body;
      const own = holder.agent()?.durable.offers.get(idText(offer.id));
      if (own === undefined || own.withdrawn) return false;
      if (block.untilUs - block.fromUs < schema.steps.timeMinimumUs) return false;
      const others = boundBy(holder).filter((lease) => !isOf(lease, offer, consumer));
      return isFree(block, others) && hasBudget(holder, others);
    },
    hasRoom(holder) {
      const bound = boundBy(holder);
      const span = { fromUs: utcUs(), untilUs: utcUs() + schema.steps.timeMinimumUs };
      const standing = holder.spec.settings.offers.map(({ offer }) => ({ ...offer.block, ...span }));
      return hasBudget(holder, bound) && standing.some((block) => isFree(block, bound));
    },
  };
}

function boundBy(holder: Host): readonly Lease[] {
  return [...(holder.agent()?.durable.leases.values() ?? [])].filter(({ role }) => role === "holder");
}

function boundUs({ holderSettlement }: Lease): number {
  return holderSettlement.header.time?.latestUs ?? 0;
}

function isOf({ offer, acceptance }: Lease, { id }: RecordOf<"offer">, consumer: Host | null): boolean {
  return (
    consumer !== null && equalBytes(offer.id, id) && equalBytes(acceptance.header.lineage, consumer.lineage())
  );
}
