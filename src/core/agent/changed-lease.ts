/** A lease after one more own record, and after what that record brought along (PROTOCOL §2, §6). */
import { assert } from "../base/assert.ts";
import { equalBytes } from "../base/bytes.ts";
import { type Bodies, bodyOf } from "../pairing/bodies.ts";
import { isAfter } from "../record/position.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Lease } from "../settlement/lease.ts";
import { withRenewal } from "../settlement/renewal-bounds.ts";
import type { Entry } from "./state.ts";

/** What `own`, and the foreign envelopes in front of it, make of the lease that they are about. */
export function changedLease(
  lease: Lease,
  { own, foreign }: Entry,
  documents: Bodies,
  ownDriftPpm: number,
): Lease {
  const brought = withForeign(lease, foreign);
  switch (own.kind) {
    case "renewal-request":
      return { ...brought, lastRequest: own };
    case "renewal": {
      const { clockDriftPpm, muteLatencyUs } = lease.derived.artifact.terms;
      const asked = foreign.find((each) => equalBytes(each.id, own.body.request));
      const lastRequest = asked?.kind === "renewal-request" ? asked : brought.lastRequest;
      // The consumer shortens by its own drift; the holder counts by a clock of its own.
      const driftPpm = Math.max(clockDriftPpm, ownDriftPpm);
      const bounds = withRenewal(brought.bounds, own.body, driftPpm, muteLatencyUs);
      return { ...brought, lastRequest, lastRenewal: own, bounds };
    }
    case "lease-termination":
      return { ...brought, termination: own };
    case "relinquishment":
      return { ...brought, relinquishment: own };
    case "lease-state": {
      const directive = bodyOf(documents, "preemption", own.body.directive);
      assert(directive !== undefined, "the directive is stored with what it made of a lease");
      return { ...brought, preemptions: [...brought.preemptions, { state: own, directive }] };
    }
    case "actuation":
      return { ...brought, actuation: own, outcome: null, outage: null };
    case "actuation-outcome":
      return { ...brought, outcome: own };
    default:
      return brought;
  }
}

/** What the peer's records, stored as foreign frames under ours, add to the lease. */
function withForeign(lease: Lease, foreign: readonly AnyRecord[]): Lease {
  let changed = lease;
  for (const each of foreign) {
    if (each.kind === "settlement" && lease.role === "holder")
      changed = { ...changed, consumerSettlement: each };
    if (each.kind === "renewal" && lease.role === "consumer")
      changed = { ...changed, lastRenewal: later(each, changed.lastRenewal) };
    if (each.kind === "acknowledgement" && lease.role === "consumer")
      changed = { ...changed, acknowledgement: each };
    if (each.kind === "lease-termination" && lease.role === "consumer")
      changed = { ...changed, termination: each };
    if (each.kind === "relinquishment" && lease.role === "holder")
      changed = { ...changed, relinquishment: each };
  }
  return changed;
}

/** One that answers another boot may be stored after newer ones. */
function later(one: RecordOf<"renewal">, before: RecordOf<"renewal"> | null): RecordOf<"renewal"> {
  return before === null || isAfter(one, before) ? one : before;
}
