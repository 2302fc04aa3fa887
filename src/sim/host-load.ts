/** How busy hosts are: what a process asked its clock for comes late, as where others have the processor. */
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";

export type HostLoad = {
  /** How much later than asked for the next wake of a process comes, µs. */
  lateUs(): number;
  /** New rates, drawn. */
  change(): void;
  /** Every wake comes in time from now on. */
  calm(): void;
};

export const noLoad: Pick<HostLoad, "lateUs"> = { lateUs: () => 0 };

const LATE_PERMILLE_MAX = 500;
/** Most of the time a scheduler's share, at times a host that swaps. */
const LATE_US_MAX = 60_000;
const SWAPS_PERMILLE = 100;
const SWAPPING_US_MAX = 1_500_000;

/** `without`: where it names late wakes they never come, whatever is drawn. */
export function newHostLoad(chance: Chance, counts: FaultCounts, without: ReadonlySet<FaultName>): HostLoad {
  let [permille, mostUs] = [0, 1];
  return {
    lateUs() {
      if (permille === 0 || !chance.hits(permille) || without.has("late-wake")) return 0;
      counts.count("late-wake");
      return 1 + chance.below(mostUs);
    },
    change() {
      const swaps = chance.hits(SWAPS_PERMILLE);
      permille = chance.below(LATE_PERMILLE_MAX + 1);
      mostUs = swaps ? SWAPPING_US_MAX : LATE_US_MAX;
    },
    calm() {
      permille = 0;
    },
  };
}
