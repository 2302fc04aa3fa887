/** A consumer's refusal of a holder's settlement: its gates and its own evaluation, from the records. */
import { equalBytes, toHex } from "../base/bytes.ts";
import { rejection as finding, type Rejection } from "../base/rejection.ts";
import type { RecordOf } from "../record/record.ts";
import { type Evidence, find } from "./evidence.ts";
import { rederive } from "./rederive.ts";
import { DIRECTIVE_UNTOLD, differs, type Recomputed, SAME, same, unknown } from "./refusal-recomputed.ts";

export function recomputedByConsumer(
  evidence: Evidence,
  rejection: RecordOf<"rejection">,
  settlement: RecordOf<"settlement">,
): (finding: Rejection) => Recomputed {
  const again = rederive(evidence, settlement);
  const found = [
    ...(again.kind === "refused" ? again.findings : []),
    ...(again.kind === "derived" ? artifact(settlement, again.derived.id) : []),
    ...crossed(evidence, settlement),
    ...interval(evidence, rejection, settlement),
  ];
  return (recorded) => {
    if (recorded.code === "opening-missing")
      return unknown("What the consumer could open then stands in no record.");
    if (found.some((each) => same(each, recorded))) return SAME;
    if (LOCAL_TRUST.has(recorded.code)) return unknown("Whom the consumer trusted is not in the records.");
    if (recorded.code === "policy-superseded" || recorded.code === "policy-mismatch")
      return unknown("Which policies counted for the consumer then is not in the records.");
    if (recorded.code === "not-assured")
      return unknown("Whether the consumer had time assured then is not in the records.");
    if (recorded.code === "identifier-missing")
      return unknown("Which identifiers the consumer could open then stands in no record.");
    if (BY_WHAT_WAS_SEEN.has(recorded.code))
      return unknown("What the consumer had seen of the holder's budgets then is not told apart here.");
    if (recorded.code === "preempted") return unknown(DIRECTIVE_UNTOLD);
    if (again.kind === "missing") return unknown("Records that the context names are not here.");
    if (again.kind === "sealed") return unknown("A sealed field that evaluation reads is not opened here.");
    return differs(found, recorded);
  };
}

const LOCAL_TRUST: ReadonlySet<string> = new Set(["root-untrusted", "policy-untrusted", "schema-untrusted"]);

const BY_WHAT_WAS_SEEN: ReadonlySet<string> = new Set(["budget-statement", "budget-overrun-seen"]);

/** The settlement names another offer than the consumer accepted. */
function crossed(evidence: Evidence, { body }: RecordOf<"settlement">): readonly Rejection[] {
  const accepted = find(evidence, "acceptance", body.acceptance)?.body.offer;
  if (accepted === undefined || equalBytes(accepted, body.offer)) return [];
  const measured = { offer: toHex(body.offer) };
  return [finding("artifact-mismatch", "settlement.offer", measured, { offer: toHex(accepted) })];
}

function artifact({ body }: RecordOf<"settlement">, derived: Uint8Array): readonly Rejection[] {
  if (equalBytes(body.artifact, derived)) return [];
  const measured = { artifact: toHex(body.artifact) };
  return [finding("artifact-mismatch", "settlement.artifact", measured, { artifact: toHex(derived) })];
}

/** The consumer's own interval at its refusal against the holder's. */
function interval(
  evidence: Evidence,
  { header }: RecordOf<"rejection">,
  { body }: RecordOf<"settlement">,
): readonly Rejection[] {
  const policy = find(evidence, "policy", find(evidence, "offer", body.offer)?.header.policy ?? null);
  if (policy === undefined || header.time === null) return [];
  const skewMaxUs = policy.body.contextSkewMaxUs;
  const { earliestUs, latestUs } = header.time;
  const theirs = body.context.interval;
  if (theirs.earliestUs - skewMaxUs <= latestUs && theirs.latestUs + skewMaxUs >= earliestUs) return [];
  const measured = { earliestUs: theirs.earliestUs, latestUs: theirs.latestUs };
  return [
    finding("context-interval", "settlement.context.interval", measured, { earliestUs, latestUs, skewMaxUs }),
  ];
}
