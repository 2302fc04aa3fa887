/** When an authority of a world silences somebody's tenants: rightfully, or not; in some worlds never. */
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { Host } from "./host.ts";
import type { Manner } from "./incumbent.ts";
import type { Licensing } from "./licensing.ts";

export type Preempting = { readonly act: () => void };

export type PreemptingParts = {
  readonly hosts: readonly Host[];
  readonly licensing: Pick<Licensing, "preempt">;
  readonly chance: Chance;
  readonly counts: FaultCounts;
};

/** So many worlds have an incumbent that ever comes back. */
const COMES_PERMILLE = 400;
const LONG_PERMILLE = 150;
const LASTS_US_MIN = 2_000_000;
const LASTS_US_MAX = 12_000_000;
/** Longer than any grant of these worlds: what it hits ends. */
const LASTING_US = 45_000_000;
const MANNERS = ["rightful", "rightful", "rightful", "beyond", "unentitled", "low"] as const;

export function newPreempting({ hosts, licensing, chance, counts }: PreemptingParts): Preempting {
  const comes = chance.hits(COMES_PERMILLE);
  const holders = hosts.filter(({ spec }) => spec.role === "holder");
  return {
    act() {
      const host = holders[chance.below(Math.max(1, holders.length))];
      const manner: Manner = chance.pick(MANNERS);
      const isLong = chance.hits(LONG_PERMILLE);
      const lastsUs = isLong ? LASTING_US : chance.between(LASTS_US_MIN, LASTS_US_MAX);
      if (!comes || host === undefined) return;
      counts.count("preempted");
      licensing.preempt(host, lastsUs, manner);
    },
  };
}
