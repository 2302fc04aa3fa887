/** The own budgets: what a deed takes of them, their gate, and when they are suspended and resumed (PROTOCOL §7). */
import { budgetKey, termKey } from "../authority/budgets.ts";
import { chainOf, checkChain } from "../authority/chain.ts";
import { fallenLink } from "../authority/snapshots.ts";
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { factsOf, type OfferTerms } from "../budget/facts.ts";
import {
  amountOf,
  type Facts,
  type Moment,
  roomFromUs,
  saturated,
  timeOf,
  usedOf,
} from "../budget/use-book.ts";
import { BUDGET_STATEMENTS_MAX, type BudgetStatement, type BudgetTerm } from "../record/budget-fields.ts";
import type { RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { enqueue, lookUp, ownLineage } from "./agent.ts";
import { bodiesOf } from "./documents.ts";
import { ownTime } from "./own-evidence.ts";
import { ownPolicy } from "./policies.ts";
import type { Turn } from "./turn.ts";

/** A term that counts the deed, with the largest number among the live credentials, and the one that gives it. */
type Applying = { readonly credential: Uint8Array; readonly index: number; readonly term: BudgetTerm };

/** What a deed takes of one own budget, at the moment at which it is done. */
export type Use = Applying & {
  readonly authority: Uint8Array;
  readonly amount: number;
  readonly at: Moment;
};

type Deed = {
  readonly deed: Facts["deed"];
  /** The own one that it is done under. */
  readonly credential: Uint8Array | null;
  readonly offer: OfferTerms;
  readonly block: Block;
};

/** Empty too where the credential is not at hand, or time is not: nothing is bound without either. */
export function usesOf(turn: Turn, { deed, credential, offer, block }: Deed): readonly Use[] {
  const own = credential === null ? undefined : lookUp(turn.agent, credential);
  const at = momentOf(turn);
  if (own?.kind !== "credential" || at === null) return [];
  const authority = own.header.lineage;
  const facts = factsOf(deed, offer, block, own);
  return termsOf(turn, toHex(authority), own)
    .map((each) => ({ ...each, authority, amount: amountOf(each.term, facts), at }))
    .filter(({ amount }) => amount > 0);
}

/** What the record says of each: the deed itself counted. */
export function statementsOf(turn: Turn, uses: readonly Use[]): readonly BudgetStatement[] {
  const { agent, now } = turn;
  return uses.slice(0, BUDGET_STATEMENTS_MAX).map((use) => ({
    credential: use.credential,
    term: use.index,
    windowUs: use.term.windowUs,
    used: saturated(usedBefore(turn, use) + use.amount),
    allowed: use.term.allowed,
    seq: agent.provisional.nextSeq,
    bootId: agent.config.bootId,
    bootUs: now.bootUs,
  }));
}

/** `budget-exhausted` for each budget that has no room for the deed; `budget-terms` where too many apply. */
export function budgetGate(turn: Turn, uses: readonly Use[]): readonly Rejection[] {
  const found: Rejection[] = [];
  if (uses.length > BUDGET_STATEMENTS_MAX) {
    const measured = { terms: uses.length };
    found.push(
      rejection("budget-terms", "credential.budgets", measured, { termsMax: BUDGET_STATEMENTS_MAX }),
    );
  }
  for (const use of uses) {
    const used = usedBefore(turn, use);
    const { unit, allowed, windowUs, window } = use.term;
    if (used + use.amount <= allowed && !isSuspended(turn, use)) continue;
    const required = { allowed, unit, windowUs, window };
    found.push(rejection("budget-exhausted", "credential.budgets", { used, use: use.amount }, required));
  }
  return found;
}

/** A suspension for each of these budgets that is used up and bears none yet. */
export function suspendExhausted(turn: Turn, each: readonly Use[]): void {
  for (const use of each) {
    const { authority, term, at } = use;
    const used = usedBefore(turn, use);
    if (used < term.allowed || isSuspended(turn, use)) continue;
    const { uses } = turn.agent.provisional;
    const sinceUs = timeOf(uses, at, turn.agent.volatile.timeAnchor);
    const untilUs = roomFromUs(uses, toHex(authority), term, sinceUs);
    enqueue(turn, "suspension", { authority, term, used, sinceUs, untilUs }, { urgent: true });
  }
}

/** A resumption for each suspended budget that has room again. */
export function resumeBudgets(turn: Turn): void {
  const { suspensions } = turn.agent.provisional;
  if (suspensions.size === 0) return;
  const at = momentOf(turn);
  if (at === null) return;
  for (const { id, body } of [...suspensions.values()]) {
    const authority = toHex(body.authority);
    const key = termKey(body.term);
    const live = termsOf(turn, authority, null).find(({ term }) => termKey(term) === key);
    const allowed = live?.term.allowed ?? body.term.allowed;
    const used = usedNow(turn, authority, body.term, at);
    if (used >= allowed) continue;
    const boot = { bootId: turn.agent.config.bootId, bootUs: turn.now.bootUs };
    enqueue(turn, "resumption", { suspension: id, used, allowed, ...boot }, { urgent: true });
  }
}

/** Whether some budget that the deed would use stands suspended. */
export function isAnySuspended(turn: Turn, deed: Deed): boolean {
  if (turn.agent.provisional.suspensions.size === 0) return false;
  return usesOf(turn, deed).some((use) => isSuspended(turn, use));
}

function isSuspended({ agent }: Turn, { authority, term }: Use): boolean {
  return agent.provisional.suspensions.has(budgetKey(toHex(authority), term));
}

function usedBefore(turn: Turn, { authority, term, at }: Use): number {
  return usedNow(turn, toHex(authority), term, at);
}

function usedNow({ agent }: Turn, authority: string, term: BudgetTerm, at: Moment): number {
  const { uses } = agent.provisional;
  return usedOf(uses, authority, term, timeOf(uses, at, agent.volatile.timeAnchor));
}

function momentOf(turn: Turn): Moment | null {
  const interval = ownTime(turn);
  const { bootId } = turn.agent.config;
  return interval === null ? null : { interval, boot: { bootId, bootUs: turn.now.bootUs } };
}

/**
 * All budgets of that authority, each with the largest number of the live credentials: never their sum, and a credential
 * that lacks a budget lifts no other's. `using` is judged by evaluation, so it counts whether it is live or not.
 */
function termsOf(turn: Turn, authority: string, using: RecordOf<"credential"> | null): readonly Applying[] {
  const largest = new Map<string, Applying>();
  for (const { id, body } of credentialsOf(turn, authority, using)) {
    const own = new Map<string, Applying>();
    for (const [index, term] of body.budgets.entries()) {
      const key = termKey(term);
      if (term.allowed >= (own.get(key)?.term.allowed ?? Number.POSITIVE_INFINITY)) continue;
      own.set(key, { credential: id, index, term });
    }
    for (const [key, each] of own)
      if (each.term.allowed > (largest.get(key)?.term.allowed ?? -1)) largest.set(key, each);
  }
  return [...largest.values()];
}

function credentialsOf(
  turn: Turn,
  authority: string,
  using: RecordOf<"credential"> | null,
): readonly RecordOf<"credential">[] {
  const { agent } = turn;
  const others = agent.config.credentials
    .filter((id) => using === null || idText(id) !== idText(using.id))
    .map((id) => lookUp(agent, id))
    .filter((each) => each?.kind === "credential")
    .filter((each) => toHex(each.header.lineage) === authority && isLive(turn, each));
  return using === null ? others : [using, ...others];
}

/** Of this subject, whatever its key, and standing now by itself. */
function isLive(turn: Turn, link: RecordOf<"credential">): boolean {
  const { agent } = turn;
  const [policy, interval, lineage] = [ownPolicy(turn), ownTime(turn), ownLineage(agent)];
  if (link.body.budgets.length === 0 || !equalBytes(link.body.subjectLineage, lineage)) return false;
  if (policy === null || interval === null) return false;
  const chain = chainOf(link.id, bodiesOf(agent));
  const subject = { lineage, signerKey: link.body.subjectKey };
  const checks = checkChain(chain, { subject, roots: agent.config.roots, policy, interval, side: "own" });
  const snapshots = [...agent.volatile.known.ofKind("status-snapshot")];
  return checks.every(({ passed }) => passed) && fallenLink([chain], snapshots) === null;
}
