/** Verifies a bundle from its records alone: pure, offline, and taking nothing from it on trust (PROTOCOL §9). */
import { toHex } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import type { AnyRecord } from "../record/record.ts";
import { acknowledgementChecks } from "./acknowledgements.ts";
import { allocationChecks } from "./allocations.ts";
import { type AuditCheck, type CheckResult, failed, notCheckable } from "./audit-check.ts";
import { authorityChecks } from "./authorities.ts";
import type { BundleClaims, BundleRecord } from "./bundle.ts";
import { connectionChecks } from "./connection.ts";
import { type Deal, dealsOf } from "./deals.ts";
import { emissionChecks } from "./emissions.ts";
import { endingChecks } from "./endings.ts";
import { type Evidence, gatherEvidence, inceptionOf, type TrustedRoot } from "./evidence.ts";
import { holdingsChecks } from "./holdings.ts";
import { type Inventory, takeInventory } from "./inventory.ts";
import { leasePartyChecks } from "./lease-parties.ts";
import { lastSeq, lineageChecks, missingRanges } from "./lineages.ts";
import { identifiersOf, licenceOf, marksOf } from "./marks.ts";
import { outcomeChecks } from "./outcomes.ts";
import { preemptionChecks } from "./preemptions.ts";
import { referenceChecks } from "./references.ts";
import { refusalsOf } from "./refusals.ts";
import { renewalChecks } from "./renewals.ts";
import { sessionChecks } from "./sessions.ts";
import { settlementChecks } from "./settlements.ts";
import {
  type NumberedCheck,
  VERIFY_SCHEMA,
  type Verdict,
  type VerdictCounts,
  type VerifiedLineage,
  type VerifiedSettlement,
} from "./verdict.ts";

export type Verification = {
  readonly records: readonly BundleRecord[];
  /** What the bundle's first line says; the records are held to it. */
  readonly claims: BundleClaims;
  /** From the auditor alone. */
  readonly trustedRoots: readonly TrustedRoot[];
  readonly primitives: Primitives;
};

/** Peer-controlled records of any content: never throws for them, and whatever it could not check it says so. */
export function verifyBundle({ records, claims, trustedRoots, primitives }: Verification): Verdict {
  const inventory = takeInventory(records, claims, primitives);
  const { evidence, checks: authors } = gatherEvidence(inventory, trustedRoots, primitives);
  const deals = dealsOf(evidence);
  const { refusals, checks: refused } = refusalsOf(evidence, deals);
  const all = [
    ...inventory.checks,
    ...authors,
    ...lineageChecks(evidence),
    ...referenceChecks(evidence),
    ...connectionChecks(evidence, claims.lease ?? null),
    ...authorityChecks(evidence),
    ...sessionChecks(evidence, deals),
    ...settlementChecks(evidence, deals),
    ...leasePartyChecks(evidence, deals),
    ...deals.flatMap((deal) => [
      ...renewalChecks(evidence, deal),
      ...emissionChecks(evidence, deal),
      ...outcomeChecks(evidence, deal),
      ...endingChecks(evidence, deal),
      ...acknowledgementChecks(evidence, deal),
      ...preemptionChecks(evidence, deal),
    ]),
    ...allocationChecks(evidence, deals),
    ...holdingsChecks(evidence, deals),
    ...refused,
  ];
  const failing = new Set(all.flatMap((each) => (each.result === "failed" ? [each.artifact] : [])));
  const checks = listed(all);
  return {
    schema: VERIFY_SCHEMA,
    verdict: checks.some(({ result }) => result === "failed") ? "failed" : "passed",
    counts: counts(inventory, evidence, checks, { settlements: deals.length, refusals: refusals.length }),
    ...marksOf(evidence, claims.lease ?? null),
    lineages: [...evidence.lineages].map(([lineage, records]) => lineageOf(evidence, lineage, records)),
    settlements: deals.map((deal) => settlementOf(evidence, deal, failing.has(deal.artifact))),
    refusals,
    checks,
  };
}

/** Checks of one code and result that are listed one by one; what is beyond them is told as a number. */
const LISTED_MAX = 1_000;

function listed(checks: readonly AuditCheck[]): readonly NumberedCheck[] {
  const groups = new Map<string, number>();
  const kept = checks.filter(({ code, result }) => {
    const key = `${code} ${result}`;
    const size = (groups.get(key) ?? 0) + 1;
    groups.set(key, size);
    return size <= LISTED_MAX;
  });
  const cut = [...groups]
    .filter(([, size]) => size > LISTED_MAX)
    .map(([group, size]) => cutAfter(group, size));
  return [...kept, ...cut].map((check, i) => ({ number: i + 1, ...check }));
}

function cutAfter(group: string, size: number): AuditCheck {
  const measured = { checks: group, found: size, listed: LISTED_MAX };
  if (group.endsWith(" failed")) return failed("list-cut", "bundle", measured);
  return notCheckable("list-cut", "bundle", "There are more checks of this kind than are listed.", measured);
}

function counts(
  inventory: Inventory,
  evidence: Evidence,
  checks: readonly AuditCheck[],
  found: { readonly settlements: number; readonly refusals: number },
): VerdictCounts {
  const of = (result: CheckResult): number => checks.filter((each) => each.result === result).length;
  return {
    records: inventory.lines.length,
    duplicates: inventory.duplicates,
    unreadable: inventory.unreadable,
    verified: evidence.records.length,
    authorUnknown: evidence.unverified.size,
    lineages: evidence.lineages.size,
    ...found,
    passed: of("passed"),
    failed: of("failed"),
    notCheckable: of("not-checkable"),
  };
}

function lineageOf(evidence: Evidence, lineage: string, records: readonly AnyRecord[]): VerifiedLineage {
  const inception = inceptionOf(evidence, lineage);
  return {
    lineage,
    owner: inception.body.owner,
    tier: inception.body.tier,
    root: evidence.roots.has(lineage),
    exported: evidence.exported.has(lineage),
    records: records.length,
    lastSeq: lastSeq(records),
    missing: missingRanges(records),
  };
}

function settlementOf(evidence: Evidence, deal: Deal, failing: boolean): VerifiedSettlement {
  const { derived, offer, acceptance } = deal;
  const block = derived?.artifact.block ?? acceptance?.body.block;
  return {
    artifactId: deal.artifact,
    holder: offer === null ? "" : toHex(offer.header.lineage),
    consumer: acceptance === null ? "" : toHex(acceptance.header.lineage),
    resource: offer?.body.resource ?? "",
    lowerHz: block?.lowerHz ?? 0,
    upperHz: block?.upperHz ?? 0,
    fromUs: block?.fromUs ?? 0,
    untilUs: block?.untilUs ?? 0,
    exclusive: block?.exclusive ?? false,
    distanceMm: derived?.artifact.descriptor.proximity.distanceMm ?? null,
    skewUs: derived?.artifact.descriptor.proximity.skewUs ?? null,
    evaluation: derived?.artifact.verdict ?? null,
    countersigned: deal.consumerSettlement !== null,
    renewals: deal.renewals.length,
    actuations: deal.actuations.length,
    terminated: deal.terminations[0]?.body.reason ?? null,
    relinquished: deal.relinquishments[0]?.body.reason ?? null,
    leaseClass: offer?.body.leaseClass ?? "",
    identifiers: identifiersOf(evidence, deal),
    licence: licenceOf(evidence, deal),
    verdict: failing ? "failed" : derived === null ? "not-checkable" : "passed",
  };
}
