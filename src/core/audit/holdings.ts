/** What consumers said that they held: within the ceilings, and nothing of their own log left out (PROTOCOL §7 Holdings). */
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Rejection } from "../base/rejection.ts";
import type { Holding } from "../record/kinds/acceptance.ts";
import type { RecordOf } from "../record/record.ts";
import { ceilingFindings, holdingOf } from "../settlement/holdings.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";

type Acceptance = RecordOf<"acceptance">;

export function holdingsChecks(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const settled = deals.flatMap(({ acceptance }) => acceptance ?? []);
  const above = settled.flatMap((each) =>
    (ceilingsOf(evidence, each) ?? []).map(({ measured, required }) =>
      failed("holdings-held", toHex(each.id), measured, required),
    ),
  );
  const byAuthor = new Map<string, Acceptance[]>();
  for (const each of ofKind(evidence, "acceptance")) {
    const author = toHex(each.header.lineage);
    byAuthor.set(author, [...(byAuthor.get(author) ?? []), each]);
  }
  const omitted = [...byAuthor].flatMap(([author, acceptances]) =>
    evidence.gapless.has(author)
      ? orPassed("holdings-held", author, acceptances.length, omissions(evidence, deals, acceptances))
      : [notCheckable("holdings-held", author, NOT_WHOLE, { acceptances: acceptances.length })],
  );
  return [...above, ...omitted];
}

const NOT_WHOLE = "The consumer's full log is not here: what it may have left out cannot be seen.";

/** By the acceptance's own statement; null where its policy, offer or credential is not here. */
export function ceilingsOf(evidence: Evidence, { header, body }: Acceptance): readonly Rejection[] | null {
  const offer = find(evidence, "offer", body.offer);
  const policy = find(evidence, "policy", offer?.header.policy ?? null);
  const credential = find(evidence, "credential", header.credential);
  if (offer === undefined || policy === undefined || credential === undefined) return null;
  const { block, holdings } = body;
  const { holdingsMaxHz } = credential.body;
  return ceilingFindings({
    block,
    leaseClass: offer.body.leaseClass,
    holdings,
    holdingsMaxHz,
    policy: policy.body,
  });
}

function omissions(
  evidence: Evidence,
  deals: readonly Deal[],
  acceptances: readonly Acceptance[],
): readonly AuditCheck[] {
  const inOrder = [...acceptances].sort((a, b) => (precedes(a, b) ? -1 : 1));
  const dealOf = new Map(
    deals.map((deal) => [deal.acceptance === null ? "" : toHex(deal.acceptance.id), deal]),
  );
  const closed = closings(evidence);
  return inOrder.flatMap((later, i) =>
    inOrder.slice(0, i).flatMap((earlier) => {
      const deal = dealOf.get(toHex(earlier.id));
      if (!isHeldAt(earlier, deal, closed, later)) return [];
      const [wanted, said] = [heldAs(evidence, earlier, deal, later), later.body.holdings];
      if (wanted === null || said.some((each) => isSame(each, wanted))) return [];
      const measured = { holdings: said.length };
      return [
        failed("holdings-held", toHex(later.id), measured, { held: toHex(wanted.artifactOrAcceptance) }),
      ];
    }),
  );
}

/** By id of what they name: the author's own records that close an acceptance, or a lease of it. */
function closings(evidence: Evidence): ReadonlyMap<string, readonly RecordOf<"rejection">[]> {
  const closed = new Map<string, RecordOf<"rejection">[]>();
  for (const each of ofKind(evidence, "rejection")) {
    const subject = each.body.subject === null ? "" : toHex(each.body.subject);
    closed.set(subject, [...(closed.get(subject) ?? []), each]);
  }
  return closed;
}

/** Surely held where `later` stands: not given up, not refused, not over by its author's earliest time. */
function isHeldAt(
  earlier: Acceptance,
  deal: Deal | undefined,
  closed: ReturnType<typeof closings>,
  later: Acceptance,
): boolean {
  const { lineage, time } = later.header;
  if (time === null || earlier.body.block.untilUs <= time.earliestUs) return false;
  const isBefore = (each: Parameters<typeof precedes>[0]): boolean =>
    equalBytes(each.header.lineage, lineage) && precedes(each, later);
  const ended = [
    ...(deal?.relinquishments ?? []),
    ...(deal?.outcomes ?? []).filter(({ body }) => body.termination !== null),
  ];
  if (ended.some(isBefore)) return false;
  const confirmed = deal?.consumerSettlement ?? null;
  if (confirmed !== null && isBefore(confirmed)) return true;
  const refused = [toHex(earlier.id), ...(deal?.settlements ?? []).map(({ id }) => toHex(id))];
  if (refused.some((id) => closed.get(id)?.some(isBefore))) return false;
  return time.earliestUs <= earlier.body.confirmByUs;
}

function heldAs(
  evidence: Evidence,
  earlier: Acceptance,
  deal: Deal | undefined,
  later: Acceptance,
): Holding | null {
  const offer = find(evidence, "offer", earlier.body.offer);
  if (offer === undefined) return null;
  const confirmed = deal?.consumerSettlement ?? null;
  const isConfirmed = confirmed !== null && precedes(confirmed, later);
  return holdingOf(
    isConfirmed ? confirmed.body.artifact : earlier.id,
    earlier.body.block,
    offer.body.leaseClass,
  );
}

function isSame(said: Holding, held: Holding): boolean {
  const { artifactOrAcceptance: id, extent, ...rest } = held;
  const corners = Object.entries(extent).every(
    ([corner, e7]) => said.extent[corner as keyof typeof extent] === e7,
  );
  const edges = Object.entries(rest).every(([name, value]) => said[name as keyof typeof rest] === value);
  return equalBytes(said.artifactOrAcceptance, id) && corners && edges;
}
