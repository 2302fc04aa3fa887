/** The common policies that an agent holds: its operator's, and those that take its place, each for its time (PROTOCOL §4). */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { bounds } from "./bounds.ts";
import { put } from "./known.ts";
import { ownTime } from "./own-evidence.ts";
import { isRecognisedWithDocuments } from "./recognitions.ts";
import type { Agent, Turn } from "./turn.ts";

type PolicyRecord = RecordOf<"policy">;

/** Kept apart from the other documents: only those write them whom the operator trusts, so a flood cannot push them out. */
export function keepSuccessor({ agent }: Turn, record: AnyRecord): void {
  if (record.kind !== "policy" || record.body.succeeds === null) return;
  if (mayFollow(agent, record.header.lineage))
    put(agent.volatile.successors, idText(record.id), record, bounds.POLICIES_MAX);
}

/** An own root, or who wrote the operator's own policy: whether that one is recognised is asked when a successor is to count. */
export function mayFollow(agent: Agent, author: Uint8Array): boolean {
  const first = policyOf(agent, agent.config.policy);
  return isOwnRoot(agent, author) || (first !== null && equalBytes(first.header.lineage, author));
}

function isOwnRoot({ config }: Agent, lineage: Uint8Array): boolean {
  return config.roots.some((root) => equalBytes(root, lineage));
}

/** The operator's policy and, one after another, what its own author put in its place; empty where it is not at hand. */
export function followingPolicies(agent: Agent): readonly PolicyRecord[] {
  const first = firstOf(agent);
  if (first === null) return [];
  const following: PolicyRecord[] = [first];
  for (let last = first; following.length < bounds.POLICIES_MAX; ) {
    const next = successorOf(agent, last);
    if (next === null || following.includes(next)) break;
    following.push(next);
    last = next;
  }
  return following;
}

/** Those of them that count now: a root of others has its successors counted while an own one recognises its documents. */
function heldPolicies(turn: Turn): readonly PolicyRecord[] {
  const following = followingPolicies(turn.agent);
  const [first] = following;
  if (first === undefined || following.length === 1 || isHeeded(turn, first.header.lineage)) return following;
  return [first];
}

function isHeeded(turn: Turn, root: Uint8Array): boolean {
  const { agent } = turn;
  if (isOwnRoot(agent, root)) return true;
  const interval = ownTime(turn);
  return interval !== null && isRecognisedWithDocuments(agent, root, { interval, block: null });
}

/** An operator who has the successor's file has, as a rule, its predecessor's too, whose grace may last. */
function firstOf(agent: Agent): PolicyRecord | null {
  let first = policyOf(agent, agent.config.policy);
  for (let i = 1; i < bounds.POLICIES_MAX && first !== null && first.body.succeeds !== null; i++) {
    const before = policyOf(agent, first.body.succeeds.predecessor);
    if (before === null || !equalBytes(before.header.lineage, first.header.lineage)) break;
    first = before;
  }
  return first;
}

/** Of several, what its author wrote last: that is how it corrects itself. */
function successorOf({ volatile }: Agent, { id, header }: PolicyRecord): PolicyRecord | null {
  let latest: PolicyRecord | null = null;
  for (const each of volatile.successors.values()) {
    const { succeeds } = each.body;
    if (succeeds === null || !equalBytes(succeeds.predecessor, id)) continue;
    if (!equalBytes(each.header.lineage, header.lineage)) continue;
    const { epoch, seq } = latest?.header ?? { epoch: -1, seq: -1 };
    if (each.header.epoch > epoch || (each.header.epoch === epoch && each.header.seq > seq)) latest = each;
  }
  return latest;
}

/** The latest that has begun, by the earliest edge of the own time; without time the operator's. */
export function policyInUse(turn: Turn): Uint8Array {
  const { agent } = turn;
  if (agent.volatile.successors.size === 0) return agent.config.policy;
  const earliestUs = ownTime(turn)?.earliestUs ?? Number.NEGATIVE_INFINITY;
  const begun = heldPolicies(turn).findLast(({ body }, i) => i === 0 || body.startUs <= earliestUs);
  return begun?.id ?? agent.config.policy;
}

export function ownPolicy(turn: Turn): Policy | null {
  return policyOf(turn.agent, policyInUse(turn))?.body ?? null;
}

/** The policy that a pair names, where it is one of those that this agent holds; else the one in use. */
export function pairPolicyId(turn: Turn, { header }: RecordOf<"offer">): Uint8Array {
  const named = header.policy;
  const held = named === null ? undefined : heldPolicies(turn).find(({ id }) => equalBytes(id, named));
  return held?.id ?? policyInUse(turn);
}

export function pairPolicy(turn: Turn, offer: RecordOf<"offer">): Policy | null {
  return policyOf(turn.agent, pairPolicyId(turn, offer))?.body ?? null;
}

function policyOf(agent: Agent, id: Uint8Array): PolicyRecord | null {
  const found = agent.documents.get(idText(id)) ?? agent.volatile.known.get(id);
  return found?.kind === "policy" ? found : null;
}

/**
 * Both sides' gate: the offer names a policy that this agent holds, and at `untilUs` the successor that this agent knows of
 * has not ended it. Evaluation cannot see a successor, since no context names one; so each side says what it knows.
 */
export function policyGate(turn: Turn, offer: RecordOf<"offer">, untilUs: number): readonly Rejection[] {
  const { agent } = turn;
  const named = offer.header.policy;
  const held = heldPolicies(turn);
  const at = held.findIndex(({ id }) => named !== null && equalBytes(id, named));
  if (at < 0 && !(named !== null && equalBytes(named, agent.config.policy))) {
    const measured = { policy: named === null ? "nil" : toHex(named) };
    return [rejection("policy-mismatch", "offer.policy", measured, { policy: toHex(policyInUse(turn)) })];
  }
  const successor = held[at + 1];
  const endUs = successor?.body.succeeds?.endUs ?? Number.POSITIVE_INFINITY;
  if (successor === undefined || untilUs < endUs) return [];
  const measured = { policy: named === null ? "nil" : toHex(named), untilUs };
  return [
    rejection("policy-superseded", "offer.policy", measured, { endUs, successor: toHex(successor.id) }),
  ];
}

/**
 * An offer under a policy that is none of those held: what is missing between them and it is asked for, one a time, of who
 * made the offer. Who was away for several changes hears of the last one alone. Null: nothing is missing.
 */
export function missingPolicy(turn: Turn, { header }: RecordOf<"offer">): Uint8Array | null {
  const held = heldPolicies(turn);
  let next = header.policy;
  for (let i = 0; i < bounds.POLICIES_MAX && next !== null; i++) {
    const id: Uint8Array = next;
    if (held.some((each) => equalBytes(each.id, id))) return null;
    const found = policyOf(turn.agent, id);
    if (found === null) return id;
    next = found.body.succeeds?.predecessor ?? null;
  }
  return null;
}

/** Successors that the own log does not hold yet: stored beside the next record, with their author's keys, for the next start. */
export function unstoredSuccessors({ volatile, provisional }: Agent): readonly AnyRecord[] {
  if (volatile.successors.size === 0) return [];
  return [...volatile.successors.values()].filter(({ id }) => !provisional.stored.has(idText(id)));
}
