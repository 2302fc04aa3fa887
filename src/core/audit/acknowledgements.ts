/** Who says that it has a record about a lease in hand, and RF that had to wait for such a word (PROTOCOL §6). */
import { acknowledgementFaults, type Overseen, oversightOf } from "../authority/oversight.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, orPassed } from "./audit-check.ts";
import { type Deal, isParty } from "./deals.ts";
import { type Evidence, find } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { bodiesOf } from "./rederive.ts";
import { termsUnknown } from "./renewals.ts";
import { about, whole } from "./settlements.ts";

type Acknowledgement = RecordOf<"acknowledgement">;

export function acknowledgementChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { acknowledgements } = deal;
  const found = acknowledgements.flatMap((each) => named(evidence, deal, each));
  return [
    ...orPassed("acknowledgement-sound", whole(deal), acknowledgements.length, found),
    ...armedUnheard(evidence, deal),
  ];
}

/** Whether it names something that is here at all is asked of every reference. */
function named(evidence: Evidence, deal: Deal, acknowledgement: Acknowledgement): readonly AuditCheck[] {
  const kept = evidence.byId.get(toHex(acknowledgement.body.record));
  if (kept?.kind !== "settlement" && kept?.kind !== "relinquishment" && kept?.kind !== "acknowledgement")
    return [];
  const measured = {
    sameLease: equalBytes(kept.body.artifact, acknowledgement.body.artifact),
    others: isOthers(deal, acknowledgement, kept),
  };
  if (measured.sameLease && measured.others) return [];
  const required = { sameLease: true, others: true };
  return [failed("acknowledgement-sound", about(deal, acknowledgement), measured, required)];
}

/** The holder keeps what the consumer sent, the consumer what a third one said, a third one what the holder signed. */
function isOthers(
  deal: Deal,
  acknowledgement: Acknowledgement,
  kept: RecordOf<"settlement"> | RecordOf<"relinquishment"> | Acknowledgement,
): boolean {
  const [holder, consumer] = [deal.offer?.header.lineage, deal.acceptance?.header.lineage];
  if (isParty(holder, acknowledgement)) return kept.kind !== "acknowledgement" && isParty(consumer, kept);
  if (isParty(consumer, acknowledgement))
    return kept.kind === "acknowledgement" && !isParty(holder, kept) && !isParty(consumer, kept);
  return kept.kind === "settlement" && isParty(holder, kept);
}

/** Where its class asks for it, no actuation stands before the consumer's record that keeps a sound acknowledgement. */
function armedUnheard(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { actuations, derived } = deal;
  if (actuations.length === 0) return [];
  const policy = find(evidence, "policy", deal.offer?.header.policy ?? null);
  if (derived === null || policy === undefined)
    return actuations.map((each) => termsUnknown("actuation-acknowledged", deal, each));
  const oversight = oversightOf(policy.body, derived.artifact.terms.leaseClass);
  if (oversight?.duty !== "acknowledged") return [];
  const kept = deal.acknowledgements.filter((each) => isParty(deal.acceptance?.header.lineage, each));
  const found = actuations.flatMap((actuation) => {
    const before = kept.filter((each) => precedes(each, actuation));
    const faults = before.map((each) => faultOf(evidence, deal, each));
    if (faults.includes(null)) return [];
    const measured = { kept: before.length, found: faults[0] ?? "no record of it" };
    const required = { level: oversight.level, keptMin: 1 };
    return [failed("actuation-acknowledged", about(deal, actuation), measured, required)];
  });
  return orPassed("actuation-acknowledged", whole(deal), actuations.length, found);
}

/** What a word about the lease has to be about; null where its artifact does not come out again, or a record is missing. */
export function overseenOf(
  evidence: Evidence,
  { derived, holderSettlement, acceptance, offer }: Deal,
): Overseen | null {
  const policy = find(evidence, "policy", offer?.header.policy ?? null);
  if (derived === null || holderSettlement === null || acceptance === null || policy === undefined)
    return null;
  return {
    artifact: derived.id,
    holderSettlement,
    consumer: acceptance.header.lineage,
    block: derived.artifact.block,
    leaseClass: derived.artifact.terms.leaseClass,
    policy: policy.body,
  };
}

/** Null: what `keeping` names is the word of the level that policy asks for, as it stood when it was stored. */
function faultOf(evidence: Evidence, deal: Deal, keeping: Acknowledgement): string | null {
  const given = find(evidence, "acknowledgement", keeping.body.record);
  const overseen = overseenOf(evidence, deal);
  if (given === undefined || overseen === null) return "no record of it";
  const interval = keeping.header.time ?? overseen.holderSettlement.body.context.interval;
  const [first] = acknowledgementFaults(given, overseen, interval, bodiesOf(evidence));
  return first?.code ?? null;
}
