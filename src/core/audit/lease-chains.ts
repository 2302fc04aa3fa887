/** The chains that a deal rests on, as far as they are here: both parties', and those of the recognitions in its context. */
import { type Chain, chainOf } from "../authority/chain.ts";
import { recogniserFor, recogniserOf } from "../authority/recognition.ts";
import { equalBytes, fromHex, sortedUnique } from "../base/bytes.ts";
import { assemble } from "../pairing/candidate.ts";
import { underRoots } from "../pairing/checks/entitlement.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find } from "./evidence.ts";
import { bodiesOf } from "./rederive.ts";

/** The offer's, the acceptance's, and those of recognisers; none of a record that is not here. */
export function chainsOfDeal(
  evidence: Evidence,
  { offer, acceptance, settlements }: Pick<Deal, "offer" | "acceptance" | "settlements">,
): readonly Chain[] {
  const bodies = bodiesOf(evidence);
  const pair = [offer, acceptance].flatMap((each) =>
    each === null ? [] : [chainOf(each.header.credential, bodies)],
  );
  const recognisers = sortedUnique(settlements.flatMap(({ body }) => body.context.recognitions))
    .map((id) => find(evidence, "recognition", id))
    .filter((each) => each !== undefined)
    .map((each) => recogniserOf(each, bodies));
  return [...pair, ...recognisers];
}

/**
 * Roots of others that the auditor's let stand for this very pair, by the recognitions in its context; and those of them
 * whose documents are taken too. None where one of the chains does not stand so.
 */
export function recognisedRoots(
  evidence: Evidence,
  { offer, acceptance, holderSettlement }: Deal,
): { readonly chains: readonly Uint8Array[]; readonly documents: readonly Uint8Array[] } {
  const none = { chains: [], documents: [] };
  if (offer === null || acceptance === null || holderSettlement === null) return none;
  const { context } = holderSettlement.body;
  const pair = assemble(offer, acceptance, context, bodiesOf(evidence));
  const roots = [...evidence.roots].map(fromHex).filter((each) => each !== null);
  if (!pair.ok || underRoots(pair.value, roots).length > 0) return none;
  const { sellerChain, buyerChain, recognisers } = pair.value;
  const used = [sellerChain, buyerChain]
    .map((chain) => recogniserFor(chain, recognisers, roots)?.recognition.body)
    .filter((each) => each !== undefined);
  return {
    chains: used.map(({ root }) => root),
    documents: used.filter(({ documents }) => documents).map(({ root }) => root),
  };
}

export function isAmong(roots: readonly Uint8Array[], root: Uint8Array): boolean {
  return roots.some((each) => equalBytes(each, root));
}
