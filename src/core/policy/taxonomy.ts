/** The authority taxonomy as the policy document states it (PROTOCOL §4; seed guide "Eligibility gated participation"). */
import type { LeaseClass, Level, Policy } from "../record/kinds/policy.ts";

export function levelOf(policy: Policy, name: string): Level | null {
  return policy.levels.find((level) => level.name === name) ?? null;
}

/** Higher stands above; null for a level that the policy does not know. */
export function rankOf(policy: Policy, name: string): number | null {
  return levelOf(policy, name)?.rank ?? null;
}

export function leaseClassOf(policy: Policy, name: string): LeaseClass | null {
  return policy.leaseClasses.find((each) => each.name === name) ?? null;
}
