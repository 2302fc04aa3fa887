/** When an authority of a world silences somebody's tenants: rightfully, or not; in some worlds never. */
import type { Block } from "../core/record/spectrum-fields.ts";
import { isOver } from "../core/settlement/lease.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts } from "./fault-counts.ts";
import type { Host } from "./host.ts";
import type { Manner } from "./incumbent.ts";
import type { Band, Licensing } from "./licensing.ts";

export type Preempting = { readonly act: () => void };

export type PreemptingParts = {
  readonly hosts: readonly Host[];
  readonly licensing: Pick<Licensing, "preempt" | "hasAbroad">;
  readonly chance: Chance;
  readonly counts: FaultCounts;
};

/** So many worlds have an incumbent that ever comes back. */
const COMES_PERMILLE = 750;
const LONG_PERMILLE = 150;
const LASTS_US_MIN = 2_000_000;
const LASTS_US_MAX = 12_000_000;
/** Longer than any grant of these worlds: what it hits ends. */
const LASTING_US = 45_000_000;
const RIGHTFUL_PERMILLE = 600;
const WRONG_MANNERS = ["beyond", "unentitled", "low", "hushed"] as const;
/** In worlds of two roots: of what is let here the root abroad silences none but its own tenants. */
const ABROAD_PERMILLE = 300;
/** So often all that a holder lets is silenced, and not one block of it. */
const WHOLE_PERMILLE = 300;

export function newPreempting({ hosts, licensing, chance, counts }: PreemptingParts): Preempting {
  const comes = chance.hits(COMES_PERMILLE);
  const holders = hosts.filter(({ spec }) => spec.role === "holder");
  return {
    act() {
      // Over empty blocks a directive silences nobody: it comes where something stands let, if anything does.
      const letting = holders.filter((each) => letBy(each).length > 0);
      const among = letting.length > 0 ? letting : holders;
      const host = among[chance.below(Math.max(1, among.length))];
      const manner: Manner = chance.hits(RIGHTFUL_PERMILLE) ? "rightful" : chance.pick(WRONG_MANNERS);
      const isLong = chance.hits(LONG_PERMILLE);
      const lastsUs = isLong ? LASTING_US : chance.between(LASTS_US_MIN, LASTS_US_MAX);
      if (!comes || host === undefined) return;
      const band = bandOf(host, chance);
      if (band === null) return;
      counts.count("preempted");
      const isAbroad = licensing.hasAbroad() && chance.hits(ABROAD_PERMILLE);
      licensing.preempt(band, lastsUs, manner, isAbroad ? "abroad" : "home");
    },
  };
}

/** Blocks of its leases that are not over. */
function letBy(host: Host): readonly Block[] {
  const leases = [...(host.agent()?.durable.leases.values() ?? [])].filter((lease) => !isOver(lease));
  return leases.map(({ derived }) => derived.artifact.block);
}

function bandOf(host: Host, chance: Chance): Band | null {
  const standing = letBy(host);
  const offered = host.spec.settings.offers.map(({ offer }) => offer.block);
  const isWhole = chance.hits(WHOLE_PERMILLE);
  const among = standing.length > 0 && !isWhole ? standing : offered;
  const block = among[chance.below(Math.max(1, among.length))];
  if (block === undefined) return null;
  if (!isWhole) return { lowerHz: block.lowerHz, upperHz: block.upperHz };
  const [lower, upper] = [among.map(({ lowerHz }) => lowerHz), among.map(({ upperHz }) => upperHz)];
  return { lowerHz: Math.min(...lower), upperHz: Math.max(...upper) };
}
