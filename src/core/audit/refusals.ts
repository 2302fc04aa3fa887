/** Each refusal's findings, computed again from the records where they allow it (PROTOCOL §6 Rejections). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Measure, Rejection } from "../base/rejection.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, orPassed, passed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, ofKind } from "./evidence.ts";
import { recomputedByConsumer } from "./refusal-consumer.ts";
import { recomputedByHolder } from "./refusal-holder.ts";
import { differs, type Recomputed, SAME, same, unknown } from "./refusal-recomputed.ts";

/** One finding of one rejection. */
export type Refusal = {
  /** The rejection record. */
  readonly rejection: string;
  readonly by: string;
  /** The refused record, or null in an aggregate. */
  readonly subject: string | null;
  readonly code: string;
  readonly field: string;
  readonly measured: Measure;
  readonly required: Measure;
  readonly recomputed: Recomputed["recomputed"];
  /** What came out, or why nothing did. */
  readonly reason: string;
};

export function refusalsOf(
  evidence: Evidence,
  deals: readonly Deal[],
): { readonly refusals: readonly Refusal[]; readonly checks: readonly AuditCheck[] } {
  const index = {
    deals: new Map(deals.map((deal) => [deal.artifact, deal])),
    rejections: new Map(
      ofKind(evidence, "rejection").map((each) => [keyOf(each.header.lineage, each), each]),
    ),
  };
  const refusals: Refusal[] = [];
  const checks: AuditCheck[] = [];
  for (const rejection of ofKind(evidence, "rejection")) {
    const made = judge(rejection, recomputation(evidence, index, rejection));
    refusals.push(...made);
    checks.push(...subject(evidence, rejection), ...recomputed(rejection, made));
  }
  return { refusals, checks };
}

type RejectionRecord = RecordOf<"rejection">;

type Index = {
  readonly deals: ReadonlyMap<string, Deal>;
  /** By author and subject. */
  readonly rejections: ReadonlyMap<string, RejectionRecord>;
};

function keyOf(author: Uint8Array, { body }: RejectionRecord): string {
  return `${toHex(author)} ${body.subject === null ? "" : toHex(body.subject)}`;
}

/** The refused record is here, by the peer that is named; a copy of a peer's refusal is of one's own record. */
function subject(evidence: Evidence, rejection: RejectionRecord): readonly AuditCheck[] {
  const { subject: id, peer } = rejection.body;
  const about = toHex(rejection.id);
  if (id === null) return [];
  const refused = evidence.byId.get(toHex(id)) ?? evidence.unverified.get(toHex(id));
  if (refused === undefined)
    return [failed("refusal-subject", about, { subject: toHex(id) }, { subject: "here" })];
  const own = equalBytes(refused.header.lineage, rejection.header.lineage);
  if (own || equalBytes(peer, refused.header.lineage))
    return [passed("refusal-subject", about, { kind: refused.kind })];
  return [failed("refusal-subject", about, { peer: toHex(peer) }, { peer: toHex(refused.header.lineage) })];
}

type Recompute = (finding: Rejection) => Recomputed;

function recomputation(
  evidence: Evidence,
  { deals, rejections }: Index,
  rejection: RejectionRecord,
): Recompute {
  const { subject: id, peer } = rejection.body;
  if (id === null) return () => unknown("An aggregate names no records: what it counted is not here.");
  const refused = evidence.byId.get(toHex(id));
  if (refused === undefined) {
    return () => unknown("The refused record is not here, or nobody can say who signed it.");
  }
  if (equalBytes(refused.header.lineage, rejection.header.lineage)) {
    return copied(rejections.get(keyOf(peer, rejection)));
  }
  if (refused.kind === "acceptance") return recomputedByHolder(evidence, deals, rejection, refused);
  if (refused.kind === "settlement") return recomputedByConsumer(evidence, rejection, refused);
  return () => unknown(`What led to refusing a record of kind ${refused.kind} is not in the records.`);
}

/** A consumer writes a holder's refusal down as its own record: the findings are the holder's. */
function copied(original: RejectionRecord | undefined): Recompute {
  if (original === undefined) return () => unknown("It was copied from a refusal that is not here.");
  const theirs = original.body.findings;
  return (finding) => (theirs.some((each) => same(each, finding)) ? SAME : differs(theirs, finding));
}

function judge({ id, header, body }: RejectionRecord, recompute: Recompute): readonly Refusal[] {
  return body.findings.map((finding) => ({
    rejection: toHex(id),
    by: toHex(header.lineage),
    subject: body.subject === null ? null : toHex(body.subject),
    ...finding,
    ...recompute(finding),
  }));
}

function recomputed(rejection: RejectionRecord, refusals: readonly Refusal[]): readonly AuditCheck[] {
  const about = toHex(rejection.id);
  const found = refusals.flatMap((each) => {
    const what: Measure = { code: each.code, field: each.field, ...each.measured };
    if (each.recomputed === "same") return [];
    if (each.recomputed === "not-checkable")
      return [notCheckable("refusal-recomputed", about, each.reason, what)];
    return [failed("refusal-recomputed", about, { ...what, found: each.reason }, each.required)];
  });
  return orPassed("refusal-recomputed", about, refusals.length, found);
}
