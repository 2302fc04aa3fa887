/** Every record about a lease is by the party whose it is, and speaks of a lease that was settled (PROTOCOL §6). */
import { toHex } from "../base/bytes.ts";
import type { AnyRecord } from "../record/record.ts";
import { type AuditCheck, failed, orPassed } from "./audit-check.ts";
import { type Deal, isParty, leaseOf } from "./deals.ts";
import type { Evidence } from "./evidence.ts";
import { about, whole } from "./settlements.ts";

export function leasePartyChecks(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  return [...deals.flatMap(strangers), ...unsettled(evidence, deals)];
}

function strangers(deal: Deal): readonly AuditCheck[] {
  // An acknowledgement may be of either side, or of a level above both: whose it has to be is asked where it counts.
  const holders: readonly AnyRecord[] = [...deal.renewals, ...deal.terminations];
  const consumers: readonly AnyRecord[] = [
    ...deal.requests,
    ...deal.actuations,
    ...deal.outcomes,
    ...deal.relinquishments,
  ];
  const strange = deal.leaseStates.filter(
    (each) => !isParty(deal.offer?.header.lineage, each) && !isParty(deal.acceptance?.header.lineage, each),
  );
  const found = [
    ...strange,
    ...holders.filter((each) => !isParty(deal.offer?.header.lineage, each)),
    ...consumers.filter((each) => !isParty(deal.acceptance?.header.lineage, each)),
  ].map((each) => {
    const measured = { kind: each.kind, author: toHex(each.header.lineage) };
    const either = each.kind === "lease-state" ? "one of the two" : "the consumer";
    const required = { author: holders.includes(each) ? "the holder" : either };
    return failed("lease-party", about(deal, each), measured, required);
  });
  return orPassed(
    "lease-party",
    whole(deal),
    holders.length + consumers.length + deal.leaseStates.length,
    found,
  );
}

function unsettled(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const settled = new Set(deals.map((deal) => deal.artifact));
  return evidence.records.flatMap((record) => {
    const artifact = leaseOf(evidence, record);
    if (artifact === null || settled.has(toHex(artifact))) return [];
    const measured = { kind: record.kind, artifact: toHex(artifact), settlements: 0 };
    return [failed("lease-party", toHex(record.id), measured, { settlementsMin: 1 })];
  });
}
