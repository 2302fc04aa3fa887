/** What a lease's class asks of a level above the parties, read from the records that the lease was made with (PROTOCOL §6). */
import { chainOf } from "../authority/chain.ts";
import { overseerOf, oversightOf } from "../authority/oversight.ts";
import { equalBytes } from "../base/bytes.ts";
import { bodiesFrom } from "../pairing/bodies.ts";
import type { Oversight, Policy } from "../record/kinds/policy.ts";
import type { Lease } from "../settlement/lease.ts";

/** The class asks for an acknowledgement, and none is stored: renewals come and go, the radio stays silent. */
export function awaitsAcknowledgement(lease: Lease): boolean {
  return lease.acknowledgement === null && ruledBy(lease)?.oversight.duty === "acknowledged";
}

/** Whose word it is, or who is told of the lease; null where the class asks for nobody. */
export function overseerOfLease(lease: Lease): Uint8Array | null {
  const ruled = ruledBy(lease);
  if (ruled === null) return null;
  const chain = chainOf(lease.offer.header.credential, bodiesFrom(lease.documents));
  return overseerOf(chain, ruled.policy, ruled.oversight);
}

/** The policy that asks, and what it asks; null where it asks nothing. */
export function ruledBy({
  offer,
  documents,
  derived,
}: Lease): { policy: Policy; oversight: Oversight } | null {
  const named = offer.header.policy;
  const policy = documents.find(({ id }) => named !== null && equalBytes(id, named));
  if (policy?.kind !== "policy") return null;
  const oversight = oversightOf(policy.body, derived.artifact.terms.leaseClass);
  return oversight === null ? null : { policy: policy.body, oversight };
}
