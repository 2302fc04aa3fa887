/** After an unclean start nothing is signed until everything that might have been promised has run out (PROTOCOL §2). */
import { toHex } from "../../core/base/bytes.ts";
import type { Policy } from "../../core/record/kinds/policy.ts";
import { wasLost } from "../chronicle.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

/** Of a boot clock against true time: more than any host of a world drifts, but for those whose oscillator is off. */
const DRIFT_PPM_MAX = 200;

export function quarantineInvariants(watched: Watched): readonly Invariant[] {
  const name = "quarantine-in-full";
  /** True UTC of the latest start of each host whose quarantine has not ended. */
  const begun = new Map<string, number>();
  const leastUs = leastWaitUs(watched.policy);

  const quarantined: Invariant = {
    name,
    began(host, isClean) {
      // An older copy of the disk knows of no quarantine that came after it.
      if (isClean && watched.mayForget(host)) begun.delete(host);
      if (!isClean || begun.has(host)) begun.set(host, watched.utcUs());
    },
    reread(host, _, lossSeq) {
      if (lossSeq !== null && watched.mayForget(host)) begun.delete(host);
    },
    appended(host, record, by) {
      const sinceUs = begun.get(host);
      if (sinceUs === undefined || wasLost(watched.chronicle, host, record)) return;
      const isEnd = record.kind === "quarantine-end";
      if (isEnd) begun.delete(host);
      // What a former process stored says nothing of this start.
      if (by === "disk" || watched.isExempt(host, "speed")) return;
      const waitedUs = watched.utcUs() - sinceUs;
      if (isEnd && waitedUs >= leastUs) return;
      const text = `${host} signed a ${record.kind} ${waitedUs} us after a start without its log's end`;
      throw new InvariantBroken(name, text, [toHex(record.id)]);
    },
  };
  return [quarantined];
}

/** The longest that a renewal reaches or an acceptance binds, with the clock bounds of both sides. */
function leastWaitUs({ leaseClasses, confirmByMaxUs, clockBoundUs }: Policy): number {
  const reachesUs = leaseClasses.map(({ reachUs, muteLatencyMaxUs }) => reachUs + muteLatencyMaxUs);
  const waitUs = Math.max(...reachesUs, confirmByMaxUs) + 2 * clockBoundUs;
  return waitUs - Math.ceil((waitUs * DRIFT_PPM_MAX) / 1_000_000);
}
