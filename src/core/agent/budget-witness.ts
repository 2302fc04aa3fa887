/** What a consumer sees of its holders' budgets: their words, and their settlements with it (PROTOCOL §7). */
import { chainOf, checkChain } from "../authority/chain.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { factsOf } from "../budget/facts.ts";
import { readStatements, type StatedTerm } from "../budget/statements.ts";
import { amountOf, leavesUs, saturated } from "../budget/use-book.ts";
import { bodyOf } from "../pairing/bodies.ts";
import type { BudgetTerm } from "../record/budget-fields.ts";
import type { RecordOf } from "../record/record.ts";
import { bodiesOf } from "./documents.ts";
import { ownPolicy } from "./policies.ts";
import type { OwnAcceptance } from "./state.ts";
import type { Turn } from "./turn.ts";

/** `budget-statement` for words that no credential bears out, `budget-overrun-seen` where they contradict themselves. */
export function budgetsSeen(
  turn: Turn,
  { offer, record: acceptance }: OwnAcceptance,
  settlement: RecordOf<"settlement">,
): readonly Rejection[] {
  const bodies = bodiesOf(turn.agent);
  const id = offer.header.credential;
  const credential = id === null ? undefined : bodyOf(bodies, "credential", id);
  // Without the chain evaluation refuses the pair, whatever is said of budgets.
  if (credential === undefined) return [];
  const facts = factsOf("settlement", offer.body, acceptance.body.block, credential);
  const { context } = settlement.body;
  const field = "settlement.context.budgets";
  const { stated, findings } = readStatements({
    facts,
    credential,
    statements: context.budgets,
    bodies,
    field,
  });
  const found = [...findings];
  for (const each of stated) {
    if (!isBorne(turn, each, credential, settlement)) {
      const measured = { credential: idText(each.statement.credential) };
      found.push(rejection("budget-statement", field, measured, { stated: "by a chain that holds" }));
      continue;
    }
    const seen = saturated(seenOf(turn, each.term, facts.authority, settlement) + amountOf(each.term, facts));
    const { used, allowed } = each.statement;
    if (used <= allowed && seen <= used) continue;
    const { unit, windowUs, window } = each.term;
    found.push(rejection("budget-overrun-seen", field, { used, seen }, { allowed, unit, windowUs, window }));
  }
  return found;
}

/** Evaluation judges the chain of the offer's own credential; that of another one is judged here. */
function isBorne(
  turn: Turn,
  { statement }: StatedTerm,
  { id, body }: RecordOf<"credential">,
  settlement: RecordOf<"settlement">,
): boolean {
  if (equalBytes(statement.credential, id)) return true;
  const bodies = bodiesOf(turn.agent);
  const named = bodyOf(bodies, "credential", statement.credential);
  const policy = ownPolicy(turn);
  if (named === undefined || policy === null) return false;
  const { interval, roots } = settlement.body.context;
  const subject = { lineage: body.subjectLineage, signerKey: named.body.subjectKey };
  const chain = chainOf(statement.credential, bodies);
  return checkChain(chain, { subject, roots, policy, interval, side: "settlement" }).every(
    ({ passed }) => passed,
  );
}

/** Of the holder's earlier settlements with us, what surely counts: from the earliest that each can have been made. */
function seenOf(
  { agent }: Turn,
  term: BudgetTerm,
  authority: string,
  { header, body }: RecordOf<"settlement">,
): number {
  let seen = 0;
  for (const { role, offer, acceptance, holderSettlement } of agent.provisional.leases.values()) {
    const { lineage, time, seq, epoch } = holderSettlement.header;
    if (role !== "consumer" || time === null || !equalBytes(lineage, header.lineage)) continue;
    if (epoch !== header.epoch || seq >= header.seq) continue;
    const id = offer.header.credential;
    const used = id === null ? undefined : bodyOf(bodiesOf(agent), "credential", id);
    if (used === undefined || leavesUs(term, time.earliestUs) <= body.context.interval.latestUs) continue;
    const facts = factsOf("settlement", offer.body, acceptance.body.block, used);
    if (facts.authority === authority) seen = saturated(seen + amountOf(term, facts));
  }
  return seen;
}
