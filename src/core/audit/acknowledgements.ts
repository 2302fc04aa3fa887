/** What the holder says it keeps is the consumer's word about this lease (PROTOCOL §6: a relinquishment in hand). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, orPassed } from "./audit-check.ts";
import { type Deal, isParty } from "./deals.ts";
import type { Evidence } from "./evidence.ts";
import { about, whole } from "./settlements.ts";

export function acknowledgementChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { acknowledgements } = deal;
  const found = acknowledgements.flatMap((each) => named(evidence, deal, each));
  return orPassed("acknowledgement-sound", whole(deal), acknowledgements.length, found);
}

/** Whether it names something that is here at all is asked of every reference. */
function named(
  evidence: Evidence,
  deal: Deal,
  acknowledgement: RecordOf<"acknowledgement">,
): readonly AuditCheck[] {
  const kept = evidence.byId.get(toHex(acknowledgement.body.record));
  if (kept?.kind !== "settlement" && kept?.kind !== "relinquishment") return [];
  const measured = {
    sameLease: equalBytes(kept.body.artifact, acknowledgement.body.artifact),
    consumers: isParty(deal.acceptance?.header.lineage, kept),
  };
  if (measured.sameLease && measured.consumers) return [];
  const required = { sameLease: true, consumers: true };
  return [failed("acknowledgement-sound", about(deal, acknowledgement), measured, required)];
}
