/** Once everybody runs and hears everybody: both sides of a lease hold it, or both know its end (PROTOCOL §6). */
import { equalBytes, toHex } from "../core/base/bytes.ts";
import { isOver, type Lease } from "../core/settlement/lease.ts";
import type { Host } from "./host.ts";
import { InvariantBroken } from "./invariants/invariant.ts";

const NAME = "both-hold-it-or-its-end";
/** After its last deadline, or its end, for the two to hear of each other. */
const SPARE_US = 30_000_000;

/** Throws InvariantBroken. `hosts`: those whose disks kept everything. `nowUs`: true UTC at the end of a calm. */
export function checkAgreement(hosts: readonly Host[], nowUs: number): void {
  for (const holder of hosts) {
    for (const sold of holder.agent()?.durable.leases.values() ?? []) {
      if (sold.role !== "holder") continue;
      const consumer = hosts.find((each) => equalBytes(each.lineage(), sold.acceptance.header.lineage));
      const agent = consumer?.agent() ?? null;
      if (consumer === undefined || agent === null) continue;
      const held = agent.durable.leases.get(toHex(sold.derived.id));
      const fault = whyNot(sold, held, nowUs);
      if (fault === null) continue;
      const text = `${holder.spec.name} and ${consumer.spec.name}: ${fault}`;
      throw new InvariantBroken(NAME, text, [toHex(sold.derived.id)]);
    }
  }
}

function whyNot(sold: Lease, held: Lease | undefined, nowUs: number): string | null {
  const { effectiveByUs } = sold.acceptance.body;
  if (held === undefined)
    return isOver(sold) || nowUs < effectiveByUs + SPARE_US ? null : "only the holder has the lease";
  const { untilUs } = sold.derived.artifact.block;
  const isLong =
    nowUs > Math.max(untilUs, effectiveByUs) + SPARE_US || endedBefore(sold, held, nowUs - SPARE_US);
  if (isOver(sold) === isOver(held) || !isLong) return null;
  return isOver(sold) ? "only the holder knows of its end" : "only the consumer knows of its end";
}

function endedBefore(sold: Lease, held: Lease, instantUs: number): boolean {
  const ends = [sold.termination, sold.relinquishment, held.termination, held.relinquishment];
  return ends.some((end) => end !== null && (end.header.time?.latestUs ?? instantUs) < instantUs);
}
