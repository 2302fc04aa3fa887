/** Who else saw a party take part: admissions of it by authorities with which neither side shares anything (PROTOCOL §3, §4). */
import { checkChain } from "../authority/chain.ts";
import { areDisjoint, mostDisjoint } from "../authority/disjoint.ts";
import { checkSnapshots } from "../authority/snapshots.ts";
import { equalBytes } from "../base/bytes.ts";
import { leaseClassOf, levelOf } from "../policy/taxonomy.ts";
import type { Candidate, Corroboration } from "./candidate.ts";

/** Independent authorities that admitted `lineage`. The two sides of a pair never corroborate each other. */
export function corroborationsOf(pair: Candidate, lineage: Uint8Array): number {
  const standing = pair.corroborations.filter(
    ({ admission }) => admission.body.verdict === "admitted" && equalBytes(admission.body.peer, lineage),
  );
  return mostDisjoint(standing.filter((each) => isIndependent(pair, each)).map(({ chain }) => chain));
}

function isIndependent(pair: Candidate, each: Corroboration): boolean {
  const sides = [pair.sellerChain, pair.buyerChain];
  return sides.every((side) => areDisjoint(each.chain, side)) && isEntitled(pair, each);
}

/** What would fail an observation of the pair's own fails this one too; here it only counts for nothing. */
function isEntitled(pair: Candidate, { admission, chain }: Corroboration): boolean {
  const { policy, context, snapshots, offer } = pair;
  const level = chain.links[0]?.body.level ?? "";
  if (levelOf(policy, level) === null) return false;
  const { lineage, signerKey } = admission.header;
  const subject = { lineage, signerKey };
  const side = "corroboration";
  const demand = { subject, roots: context.roots, policy, interval: context.interval, side };
  const checks = [
    ...checkChain(chain, demand),
    ...checkSnapshots(chain, {
      snapshots,
      atUs: context.interval.latestUs,
      ageMaxUs: leaseClassOf(policy, offer.body.leaseClass)?.snapshotAgeMaxUs ?? 0,
      clockBoundUs: policy.clockBoundUs,
      side,
    }),
  ];
  return checks.every(({ passed }) => passed);
}
