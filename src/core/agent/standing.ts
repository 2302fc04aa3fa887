/** Which directives stand over a block just now, by the own time: without any, those that were heard still do (PROTOCOL §7). */
import { chainOf } from "../authority/chain.ts";
import { idText, toHex } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { hitsBlock } from "../preemption/zones.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Block } from "../record/spectrum-fields.ts";
import type { Lease } from "../settlement/lease.ts";
import { emit } from "./agent.ts";
import { bodiesOf, inceptions } from "./documents.ts";
import { ownTime } from "./own-evidence.ts";
import type { Turn } from "./turn.ts";
import type { Standing } from "./volatile.ts";

/** `lease`: whose own records of directives count too, since a restart forgets what was only heard. */
function standingOver(turn: Turn, block: Block, lease: Lease | null): readonly Standing[] {
  const { directives } = turn.agent.volatile;
  const recorded = lease?.preemptions ?? [];
  if (directives.size === 0 && recorded.length === 0) return [];
  const earliestUs = ownTime(turn)?.earliestUs ?? Number.NEGATIVE_INFINITY;
  const found = new Map<string, Standing>();
  for (const [key, each] of directives) if (hitsBlock(each.directive.body, block)) found.set(key, each);
  for (const { directive, state } of recorded) {
    const untilUs = state.body.untilUs ?? Number.POSITIVE_INFINITY;
    found.set(idText(directive.id), { directive, untilUs });
  }
  return [...found.values()].filter(({ untilUs }) => untilUs > earliestUs);
}

/** Nothing of this lease is asked for, renewed or armed. */
export function isPreempted(turn: Turn, lease: Lease): boolean {
  return standingOver(turn, lease.derived.artifact.block, lease).length > 0;
}

/** What a directive stands on: its chain, and who signs it and each link. */
export function standingBehind({ agent }: Turn, directive: RecordOf<"preemption">): readonly AnyRecord[] {
  const { links } = chainOf(directive.header.credential, bodiesOf(agent));
  const authors = [directive, ...links];
  return [...inceptions(agent, ...authors), ...links];
}

/** Who asks for a renewal while a directive stands has not heard it: it is told, with what it stands on. */
export function tellDirectives(turn: Turn, lease: Lease, lineage: Uint8Array): void {
  const route = { to: "agent", lineage } as const;
  for (const { directive } of standingOver(turn, lease.derived.artifact.block, lease)) {
    for (const record of [...standingBehind(turn, directive), directive])
      emit(turn, { kind: "publish", route, record });
  }
}

/** `preempted` for each directive that stands over the block: nothing is settled under it. */
export function preemptionGate(turn: Turn, block: Block): readonly Rejection[] {
  return standingOver(turn, block, null).map(({ directive, untilUs }) =>
    rejection(
      "preempted",
      "acceptance.block",
      { directive: toHex(directive.id) },
      { untilUs, block: "outside its zones" },
    ),
  );
}
