/** Emissions after which no record says that the radio fell silent, and what an outage makes of them (PROTOCOL §2). */
import { equalBytes } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import type { Lease } from "../settlement/lease.ts";
import type { State } from "./state.ts";

/** RF may have been switched on by the lease's last actuation, and neither an outcome nor an outage names its end. */
export function isUnrecorded({ role, actuation, outcome, outage, relinquishment }: Lease): boolean {
  if (role !== "consumer" || actuation === null || outage !== null) return false;
  const gaveUp = relinquishment !== null && equalBytes(relinquishment.body.bootId, actuation.body.bootId);
  return !gaveUp && outcome?.body.result !== "muted";
}

/** The outage names what no outcome told of the actuations of its boot. */
export function applyOutage({ leases }: State, own: RecordOf<"outage">): void {
  for (const [key, lease] of leases) {
    if (!isUnrecorded(lease) || lease.actuation === null) continue;
    if (equalBytes(lease.actuation.body.bootId, own.body.bootId)) leases.set(key, { ...lease, outage: own });
  }
}
