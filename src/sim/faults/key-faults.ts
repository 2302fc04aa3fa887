/** Keys that are rolled in mid-run, for good or because they were stolen; whoever rolls one may die at any effect. */
import type { Host } from "../host.ts";
import type { Fault, FaultParts } from "./fault.ts";

/** Of one lineage: each costs everybody who meets it two records more. */
const ROLLS_MAX = 5;
const GRACE_PERMILLE = 400;
const GRACE_US_MIN = 1_000_000;
const GRACE_US_MAX = 30_000_000;
const DIES_PERMILLE = 300;
/** What a roll asks for: the log, three conversations with the TPM, a signature, the mark, the flush. */
const EFFECTS = 12;
const CUT_PERMILLE = 200;
/** Within this time a roll is done, unless its disk is slow. */
const ROLLS_WITHIN_US = 40_000;

export function keyFaults({ chance, timeline }: FaultParts): readonly Fault[] {
  const rolls = new Map<Host, number>();
  return [
    {
      name: "key-rolled",
      weight: 12,
      strike(host) {
        const before = rolls.get(host) ?? 0;
        if (before >= ROLLS_MAX) return "in-vain";
        rolls.set(host, before + 1);
        const graceUs = chance.hits(GRACE_PERMILLE) ? chance.between(GRACE_US_MIN, GRACE_US_MAX) : 0;
        host.rollKey({ graceUs, diesAt: chance.hits(DIES_PERMILLE) ? chance.below(EFFECTS) : null });
        if (!chance.hits(CUT_PERMILLE)) return null;
        timeline.at(timeline.nowUs() + chance.below(ROLLS_WITHIN_US), () => host.powerCut());
        return () => host.start();
      },
    },
  ];
}
