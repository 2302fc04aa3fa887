/** Worlds whose policy lets status snapshots age within a lease, and the rhythm in which their authority issues them. */
import type { Policy } from "../core/record/kinds/policy.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { FaultName } from "./faults/fault-names.ts";
import type { Licensing } from "./licensing.ts";
import { type Ground, WORLD_LEASE_CLASS } from "./market.ts";

export type Proclaiming = {
  /** µs from one snapshot to the next; null: the policy lets them age for longer than a world lasts. */
  readonly everyUs: number | null;
  /** The next snapshot. `isLate`: at times it fails to come, and leases run out with the one before. */
  act(isLate: boolean): void;
};

export type ProclaimingParts = {
  readonly policy: Policy;
  readonly licensing: Pick<Licensing, "proclaim">;
  readonly chance: Chance;
  readonly counts: FaultCounts;
  readonly without: ReadonlySet<FaultName>;
};

/** So many worlds have snapshots that age. */
const AGEING_PERMILLE = 500;
const AGE_US_MIN = 8_000_000;
const AGE_US_MAX = 24_000_000;
/** Whoever hears one of two is never without. */
const SNAPSHOTS_AN_AGE = 2.5;
/** Two in a row, and the one before is too old. */
const LATE_PERMILLE = 450;
/** Longer than any world of these: its authority need not hurry. */
const UNHURRIED_US = 3_600_000_000;

/** The shipped policy, or the same with a snapshot age that leases of a world outlast. */
export function worldGround({ policy, schema }: Ground, chance: Chance): Ground {
  const ageUs = chance.between(AGE_US_MIN, AGE_US_MAX);
  if (!chance.hits(AGEING_PERMILLE)) return { policy, schema };
  const leaseClasses = policy.leaseClasses.map((each) =>
    each.name === WORLD_LEASE_CLASS ? { ...each, snapshotAgeMaxUs: ageUs } : each,
  );
  return { policy: { ...policy, leaseClasses }, schema };
}

export function newProclaiming({
  policy,
  licensing,
  chance,
  counts,
  without,
}: ProclaimingParts): Proclaiming {
  const ageUs = policy.leaseClasses.find(({ name }) => name === WORLD_LEASE_CLASS)?.snapshotAgeMaxUs ?? 0;
  return {
    everyUs: ageUs === 0 || ageUs > UNHURRIED_US ? null : Math.floor(ageUs / SNAPSHOTS_AN_AGE),
    act(isLate) {
      const isDropped = isLate && chance.hits(LATE_PERMILLE) && !without.has("snapshot-late");
      if (isDropped) counts.count("snapshot-late");
      else licensing.proclaim();
    },
  };
}
