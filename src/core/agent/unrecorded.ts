/** What an outage makes of emissions after which no record says that the radio fell silent (PROTOCOL §2). */
import { equalBytes } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import { isUnrecorded } from "../settlement/lease.ts";
import { liveLeases, type State, setLease } from "./state.ts";

/** The outage names what no outcome told of the actuations of its boot. */
export function applyOutage(state: State, own: RecordOf<"outage">): void {
  for (const lease of [...liveLeases(state)]) {
    if (!isUnrecorded(lease) || lease.actuation === null) continue;
    if (equalBytes(lease.actuation.body.bootId, own.body.bootId)) setLease(state, { ...lease, outage: own });
  }
}
