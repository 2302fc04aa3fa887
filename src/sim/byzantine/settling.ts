/** What a dishonest holder has to say so that its settlement looks like anybody's: the context, from bodies at hand. */
import { chainOf } from "../../core/authority/chain.ts";
import { assert } from "../../core/base/assert.ts";
import { sortedUnique } from "../../core/base/bytes.ts";
import type { Context, Settlement } from "../../core/record/kinds/settlement.ts";
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

/** The same artifact, and a context that it does not come from. */
export function elsewhen(said: Settlement): Settlement {
  const { earliestUs, latestUs } = said.context.interval;
  return { ...said, context: { ...said.context, interval: { earliestUs, latestUs: latestUs + 1 } } };
}

/** Until when the newest snapshot of `ground` carries what is settled in this lease class: true UTC, µs. */
export function carriedUntilUs(ground: readonly AnyRecord[], leaseClass: string): number {
  const policy = ground.find((each) => each.kind === "policy");
  const newest = ground.findLast((each) => each.kind === "status-snapshot");
  assert(policy !== undefined && newest !== undefined, "a world begins with its policy and a snapshot");
  const ageMaxUs = policy.body.leaseClasses.find(({ name }) => name === leaseClass)?.snapshotAgeMaxUs ?? 0;
  return ageMaxUs === 0 ? Number.POSITIVE_INFINITY : newest.body.issuedUs + ageMaxUs;
}

/** Its id, or none before the first. */
export function newestSnapshot(ground: readonly AnyRecord[]): readonly Uint8Array[] {
  const newest = ground.findLast((each) => each.kind === "status-snapshot");
  return newest === undefined ? [] : [newest.id];
}
