/** Who stands above a lease, and whether its word about that lease holds (PROTOCOL §6; 47 CFR 1.9020, 1.9030). */
import { equalBytes, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Bodies } from "../pairing/bodies.ts";
import { leaseClassOf, rankOf } from "../policy/taxonomy.ts";
import type { Oversight, Policy } from "../record/kinds/policy.ts";
import type { RecordOf } from "../record/record.ts";
import type { Interval } from "../record/shared-fields.ts";
import type { Block } from "../record/spectrum-fields.ts";
import { type Chain, chainOf, checkChain } from "./chain.ts";
import { blockInsideScope } from "./scope.ts";

/** What an acknowledgement has to be about. */
export type Overseen = {
  readonly artifact: Uint8Array;
  readonly holderSettlement: RecordOf<"settlement">;
  readonly consumer: Uint8Array;
  readonly block: Block;
  readonly leaseClass: string;
  readonly policy: Policy;
};

/** What the lease class asks of a level above the parties; null where it asks nothing, or is unknown. */
export function oversightOf(policy: Policy, leaseClass: string): Oversight | null {
  return leaseClassOf(policy, leaseClass)?.oversight ?? null;
}

/** The nearest lineage above the seller at that level or above, or null where its chain names none. */
export function overseerOf({ links }: Chain, policy: Policy, { level }: Oversight): Uint8Array | null {
  const rankMin = rankOf(policy, level) ?? Number.POSITIVE_INFINITY;
  const above = links.slice(1).find(({ body }) => (rankOf(policy, body.level) ?? -1) >= rankMin);
  return above?.body.subjectLineage ?? null;
}

/**
 * Everything that speaks against taking `given` for the acknowledgement that the lease waits for; empty: it holds. Its
 * author's chain has to end in a root of the context, to hold over `interval`, to reach policy's level, and to cover
 * the block; neither party acknowledges its own lease.
 */
export function acknowledgementFaults(
  given: RecordOf<"acknowledgement">,
  overseen: Overseen,
  interval: Interval,
  bodies: Bodies,
): readonly Rejection[] {
  const { artifact, holderSettlement, block, leaseClass, policy } = overseen;
  const { header, body } = given;
  const found: Rejection[] = [];
  if (!equalBytes(body.artifact, artifact) || !equalBytes(body.record, holderSettlement.id)) {
    const measured = { artifact: toHex(body.artifact), settlement: toHex(body.record) };
    const required = { artifact: toHex(artifact), settlement: toHex(holderSettlement.id) };
    found.push(rejection("acknowledgement-other-lease", "acknowledgement", measured, required));
  }
  const parties = [holderSettlement.header.lineage, overseen.consumer];
  if (parties.some((party) => equalBytes(party, header.lineage))) {
    const measured = { author: toHex(header.lineage) };
    found.push(rejection("acknowledgement-by-party", "acknowledgement", measured, { author: "no party" }));
  }
  const chain = chainOf(header.credential, bodies);
  const { lineage, signerKey } = header;
  const { roots } = holderSettlement.body.context;
  const demand = { subject: { lineage, signerKey }, roots, policy, interval, side: "acknowledgement" };
  const failed = checkChain(chain, demand).filter(({ passed }) => !passed);
  found.push(...failed.map(({ code, field, measured, required }) => ({ code, field, measured, required })));
  const last = chain.links[0]?.body;
  const level = last?.level ?? "none";
  const levelMin = oversightOf(policy, leaseClass)?.level ?? "none";
  const [rank, rankMin] = [rankOf(policy, level), rankOf(policy, levelMin)];
  if (rank === null || rankMin === null || rank < rankMin)
    found.push(rejection("acknowledgement-level", "acknowledgement.credential", { level }, { levelMin }));
  return [...found, ...blockInsideScope(block, last?.scope ?? [], "acknowledgement.credential.scope")];
}
