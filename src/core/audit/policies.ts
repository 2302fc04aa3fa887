/** No pair is settled past the end that a successor states for its policy (PROTOCOL §4 Common policy). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";

/**
 * By the successor that its author wrote last, of those that are here; without one nothing is asked, since its own end is
 * evaluation's. Past it nothing is passed, and nothing failed: a party may never have heard of the successor.
 */
export function usablePolicy(
  evidence: Evidence,
  { offer, settlements, artifact }: Deal,
): readonly AuditCheck[] {
  const policy = find(evidence, "policy", offer?.header.policy ?? null);
  const successor = policy === undefined ? undefined : successorOf(evidence, policy);
  const endUs = successor?.body.succeeds?.endUs;
  if (successor === undefined || endUs === undefined) return [];
  const found = settlements
    .filter(({ body }) => body.context.interval.latestUs >= endUs)
    .map(({ id, body }) =>
      notCheckable("settlement-policy", { subject: toHex(id), artifact }, UNHEARD, {
        untilUs: body.context.interval.latestUs,
        endUs,
        successor: toHex(successor.id),
      }),
    );
  return orPassed("settlement-policy", { subject: artifact, artifact }, settlements.length, found);
}

const UNHEARD =
  "It was made past the end that its policy's successor states; whether its author had heard of that is not in the records.";

function successorOf(evidence: Evidence, policy: RecordOf<"policy">): RecordOf<"policy"> | undefined {
  const { lineage } = policy.header;
  return ofKind(evidence, "policy")
    .filter(({ header, body }) => {
      const named = body.succeeds?.predecessor;
      return named !== undefined && equalBytes(named, policy.id) && equalBytes(header.lineage, lineage);
    })
    .toSorted((a, b) => a.header.epoch - b.header.epoch || a.header.seq - b.header.seq)
    .at(-1);
}
