/**
 * Which leases a directive reaches (PROTOCOL §6 C, §7): below an own root, all in its zones; below a root of others, only
 * what is let from that root's own spectrum, inside an own root's recognition of it that has the verb `preempt`.
 */
import { type Chain, isRooted } from "../authority/chain.ts";
import { checkRecognisedDirective, type Recogniser } from "../authority/recognition.ts";
import { blockInsideScope } from "../authority/scope.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { Block } from "../record/spectrum-fields.ts";

/** Of a directive below a root of others; null where it is below an own one: it reaches all that it hits. */
export type Reach = { readonly root: Uint8Array; readonly recognisers: readonly Recogniser[] } | null;

export type Reaching = {
  /** Those given, and its author's where an own one recognises that. */
  readonly roots: readonly Uint8Array[];
  readonly reach: Reach;
  /** `outside-recognition`, where no recognition that stands lets its author silence anybody. */
  readonly faults: readonly Rejection[];
};

/** `standing`: recognitions of the chain's root, by `roots`, that are in force and narrow. */
export function reachOf(
  chain: Chain,
  roots: readonly Uint8Array[],
  standing: readonly Recogniser[],
  policy: Policy,
): Reaching {
  const root = chain.links.at(-1)?.header.lineage;
  // Nobody vouches for it: what is asked of a chain says so.
  if (root === undefined || isRooted(chain, roots) || standing.length === 0)
    return { roots, reach: null, faults: [] };
  const judged = standing.map((recogniser) => ({
    recogniser,
    faults: checkRecognisedDirective(chain, recogniser.recognition, { policy, side: "preemption" }).filter(
      ({ passed }) => !passed,
    ),
  }));
  const recognisers = judged.flatMap(({ recogniser, faults }) => (faults.length === 0 ? [recogniser] : []));
  const faults = recognisers.length > 0 ? [] : (judged[0]?.faults ?? []);
  return {
    roots: [...roots, root],
    reach: { root, recognisers },
    faults: faults.map(({ code, field, measured, required }) => rejection(code, field, measured, required)),
  };
}

/** The recognition by which a directive of that reach counts for a block that `seller` lets; undefined: it does not, or needs none. */
export function reachedBy(reach: Reach, seller: Chain, block: Block): Recogniser | undefined {
  if (reach === null || !isRooted(seller, [reach.root])) return undefined;
  return reach.recognisers.find(
    ({ recognition }) => blockInsideScope(block, recognition.body.scope).length === 0,
  );
}

export function reaches(reach: Reach, seller: () => Chain, block: Block): boolean {
  return reach === null || reachedBy(reach, seller(), block) !== undefined;
}
