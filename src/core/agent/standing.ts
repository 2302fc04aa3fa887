/** Which directives stand over a block just now, by the own time: without any, those that were heard still do (PROTOCOL §7). */
import { type Chain, chainOf } from "../authority/chain.ts";
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { reachedBy, reaches } from "../preemption/reach.ts";
import { hitsBlock } from "../preemption/zones.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import type { Lease } from "../settlement/lease.ts";
import { emit, lookUp } from "./agent.ts";
import { bodiesOf, inceptions } from "./documents.ts";
import { ownTime } from "./own-evidence.ts";
import type { Agent, Turn } from "./turn.ts";
import type { Standing } from "./volatile.ts";

/** Whether it silences this lease: in its zones, and, by a root of others, let from that root's own spectrum. */
export function hitsLease(agent: Agent, { directive, reach }: Standing, lease: Lease): boolean {
  const { block } = lease.derived.artifact;
  return hitsBlock(directive.body, block) && reaches(reach, () => sellerOf(agent, lease), block);
}

function sellerOf(agent: Agent, { offer, documents }: Lease): Chain {
  const get = (id: Uint8Array): AnyRecord | undefined =>
    documents.find((each) => equalBytes(each.id, id)) ?? lookUp(agent, id);
  return chainOf(offer.header.credential, { get });
}

type Let = {
  readonly block: Block;
  readonly seller: () => Chain;
  /** Whose own records of directives count too, since a restart forgets what was only heard. */
  readonly lease: Lease | null;
};

function standingOver(turn: Turn, { block, seller, lease }: Let): readonly Standing[] {
  const { directives } = turn.agent.volatile;
  const recorded = lease?.preemptions ?? [];
  if (directives.size === 0 && recorded.length === 0) return [];
  const earliestUs = ownTime(turn)?.earliestUs ?? Number.NEGATIVE_INFINITY;
  const found = new Map<string, Standing>();
  for (const [key, each] of directives)
    if (hitsBlock(each.directive.body, block) && reaches(each.reach, seller, block)) found.set(key, each);
  for (const { directive, state } of recorded) {
    const untilUs = state.body.untilUs ?? Number.POSITIVE_INFINITY;
    found.set(idText(directive.id), { directive, untilUs, reach: null });
  }
  return [...found.values()].filter(({ untilUs }) => untilUs > earliestUs);
}

/** Nothing of this lease is asked for, renewed or armed. */
export function isPreempted(turn: Turn, lease: Lease): boolean {
  return standingOver(turn, letOf(turn, lease)).length > 0;
}

function letOf({ agent }: Turn, lease: Lease): Let {
  return { block: lease.derived.artifact.block, seller: () => sellerOf(agent, lease), lease };
}

/** What a directive stands on: its chain, what lets a root of others stand for this lease, and who signs each. */
export function standingBehind(
  { agent }: Turn,
  { directive, reach }: Standing,
  lease: Lease,
): readonly AnyRecord[] {
  const { links } = chainOf(directive.header.credential, bodiesOf(agent));
  const by =
    reach === null ? undefined : reachedBy(reach, sellerOf(agent, lease), lease.derived.artifact.block);
  const supports = [...links, ...(by === undefined ? [] : [...by.links, by.recognition])];
  return [...inceptions(agent, directive, ...supports), ...supports];
}

/** Who asks for a renewal while a directive stands has not heard it: it is told, with what it stands on. */
export function tellDirectives(turn: Turn, lease: Lease, lineage: Uint8Array): void {
  const route = { to: "agent", lineage } as const;
  for (const each of standingOver(turn, letOf(turn, lease))) {
    for (const record of [...standingBehind(turn, each, lease), each.directive])
      emit(turn, { kind: "publish", route, record });
  }
}

/** `preempted` for each directive that stands over the block: nothing is settled under it. */
export function preemptionGate(turn: Turn, offer: RecordOf<"offer">, block: Block): readonly Rejection[] {
  const seller = (): Chain => chainOf(offer.header.credential, bodiesOf(turn.agent));
  return standingOver(turn, { block, seller, lease: null }).map(({ directive, untilUs }) =>
    rejection(
      "preempted",
      "acceptance.block",
      { directive: toHex(directive.id) },
      { untilUs, block: "outside its zones" },
    ),
  );
}
