/** Where the lease class asks for a word from above, it is durable at the radio before RF (PROTOCOL §6). */
import { toHex } from "../../core/base/bytes.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function oversightInvariants({ ledger, policy, register }: Watched): readonly Invariant[] {
  /** By host: the artifacts whose rightful acknowledgement its log keeps. */
  const kept = new Map<string, Set<string>>();
  function keep(host: string, record: AnyRecord): void {
    if (record.kind !== "acknowledgement") return;
    const artifact = register.acknowledgedBy(toHex(record.body.record));
    if (artifact === null || artifact !== toHex(record.body.artifact)) return;
    kept.set(host, (kept.get(host) ?? new Set<string>()).add(artifact));
  }
  const acknowledged: Invariant = {
    name: "rf-only-acknowledged",
    reread(host, records) {
      kept.delete(host);
      for (const record of records) keep(host, record);
    },
    appended: keep,
    transmitted({ emitter, state, lease: artifact, cause }) {
      const lease = ledger.leases.get(artifact);
      if (state === "off" || lease === undefined) return;
      const asked = policy.leaseClasses.find(({ name }) => name === lease.leaseClass)?.oversight ?? null;
      if (asked?.duty !== "acknowledged" || kept.get(emitter)?.has(artifact) === true) return;
      const text = `${emitter} went on air without a stored word of its lease by ${asked.level} or above`;
      throw new InvariantBroken(acknowledged.name, text, [artifact, cause]);
    },
  };
  return [acknowledged];
}
