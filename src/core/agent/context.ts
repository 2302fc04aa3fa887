/** C, as an agent can state it from what it holds: the context that evaluation reads (PROTOCOL §6 evaluate). */
import { chainOf, supportsOf } from "../authority/chain.ts";
import { latestSnapshot } from "../authority/snapshots.ts";
import { equalBytes, sortedUnique } from "../base/bytes.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import { bodiesOf } from "./documents.ts";
import { recognisersOf } from "./recognitions.ts";
import type { Agent } from "./turn.ts";

/**
 * Both chains as far as they are at hand, the newest snapshot of each of their issuers, the trusted of their roots; where
 * they end in two, the recognitions that let either stand, and their authors' chains.
 */
export function contextOf(
  agent: Agent,
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  seen: Pick<Context, "interval" | "holderPlace" | "budgets">,
): Context {
  const bodies = bodiesOf(agent);
  const seller = chainOf(offer.header.credential, bodies);
  const buyer = chainOf(acceptance.header.credential, bodies);
  // Where another live credential gives the number, whoever judges the statement has to have its chain.
  const stated = seen.budgets.flatMap(({ credential }) => chainOf(credential, bodies).links);
  const { interval } = seen;
  const recognisers = recognisersOf(agent, [seller, buyer], { interval, block: acceptance.body.block });
  const links = [...seller.links, ...buyer.links, ...stated, ...recognisers.flatMap((each) => each.links)];
  const snapshots = [...agent.volatile.known.ofKind("status-snapshot")];
  const supports = [...links, ...recognisers.flatMap(supportsOf)];
  const issuers = sortedUnique(supports.map((each) => each.header.lineage));
  const used = issuers.map((issuer) => latestSnapshot(snapshots, issuer)).filter((each) => each !== null);
  const attestations = [offer.header.attestation, acceptance.header.attestation].filter(
    (each) => each !== null,
  );
  return {
    interval: seen.interval,
    holderPlace: seen.holderPlace,
    roots: sortedUnique(
      [seller, buyer, ...recognisers].flatMap((chain) => chain.links.at(-1)?.header.lineage ?? []),
    ).filter((root) => agent.config.roots.some((trusted) => equalBytes(trusted, root))),
    recognitions: sortedUnique(recognisers.map(({ recognition }) => recognition.id)),
    credentials: sortedUnique(links.map((link) => link.id)),
    snapshots: sortedUnique(used.map((each) => each.id)),
    attestations: sortedUnique(attestations),
    corroborations: [],
    reputations: [],
    budgets: seen.budgets,
  };
}
