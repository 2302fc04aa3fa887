/** What a dishonest holder has to say so that its settlement looks like anybody's: the context, from bodies at hand. */
import { chainOf } from "../../core/authority/chain.ts";
import { assert } from "../../core/base/assert.ts";
import { sortedUnique } from "../../core/base/bytes.ts";
import type { Context } from "../../core/record/kinds/settlement.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";

export type Bodies = { get(id: Uint8Array): AnyRecord | undefined };

export type ContextParts = {
  readonly bodies: Bodies;
  readonly root: Uint8Array;
  /** Record files of the world's authority. */
  readonly ground: readonly AnyRecord[];
};

export function contextOf(
  offered: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  { bodies, root, ground }: ContextParts,
): Context {
  const links = [offered, acceptance].flatMap((each) => chainOf(each.header.credential, bodies).links);
  const { time, attestation } = acceptance.header;
  assert(offered.header.place !== null, "a pen states a place");
  return {
    recognitions: [],
    corroborations: [],
    reputations: [],
    budgets: [],
    interval: { earliestUs: time?.earliestUs ?? 0, latestUs: time?.latestUs ?? 0 },
    holderPlace: offered.header.place,
    roots: [root],
    credentials: sortedUnique(links.map(({ id }) => id)),
    snapshots: newestSnapshot(ground),
    attestations: attestation === null ? [] : [attestation],
  };
}

/** Its id, or none before the first. */
export function newestSnapshot(ground: readonly AnyRecord[]): readonly Uint8Array[] {
  const newest = ground.findLast((each) => each.kind === "status-snapshot");
  return newest === undefined ? [] : [newest.id];
}
