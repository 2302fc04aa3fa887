/** Is time and place assured as the lease's policy asks, or within its holdover since they were (PROTOCOL §5)? */
import { equalBytes } from "../base/bytes.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { Assurance } from "../record/shared-fields.ts";
import type { Lease } from "../settlement/lease.ts";
import type { Turn } from "./turn.ts";
import type { LevelsSeen } from "./volatile.ts";

/**
 * Both time and place were at a level that the lease's policy admits, no longer ago than its holdover. The artifact's
 * terms hold the holdover and no level: the policy that both pinned in the pair names the levels.
 */
export function isAssured(turn: Turn, lease: Lease): boolean {
  return turn.now.bootUs - assuredBootUs(turn, policyOf(lease)) <= lease.derived.artifact.terms.holdoverUs;
}

/** The same before there is a lease: what is accepted without it would be given up as soon as it is settled. */
export function isAssuredUnder(turn: Turn, policy: Policy, leaseClass: string): boolean {
  const terms = leaseClassOf(policy, leaseClass);
  // An unknown class is refused by the evaluation, under its own name.
  return terms === null || turn.now.bootUs - assuredBootUs(turn, policy) <= terms.holdoverUs;
}

/** Since its start this run was not assured for longer than the holdover: it stays below, and gives the lease up. */
export function staysUnassured(turn: Turn, lease: Lease): boolean {
  const sinceBootUs = Math.max(assuredBootUs(turn, policyOf(lease)), turn.agent.volatile.startedBootUs);
  return turn.now.bootUs - sinceBootUs > lease.derived.artifact.terms.holdoverUs;
}

function assuredBootUs({ agent }: Turn, policy: Policy | null): number {
  if (policy === null) return Number.NEGATIVE_INFINITY;
  const { timeLevels, placeLevels } = agent.volatile;
  return Math.min(lastOf(timeLevels, policy.timeAssurance), lastOf(placeLevels, policy.placeAssurance));
}

function policyOf({ offer, documents }: Lease): Policy | null {
  const id = offer.header.policy;
  const found = documents.find((each) => id !== null && equalBytes(each.id, id));
  return found?.kind === "policy" ? found.body : null;
}

function lastOf(seen: LevelsSeen, admitted: readonly Assurance[]): number {
  return Math.max(...admitted.map((level) => seen.get(level) ?? Number.NEGATIVE_INFINITY));
}
