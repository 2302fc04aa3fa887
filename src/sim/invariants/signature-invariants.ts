/** What an agent stores of others is signed in the one way that counts: ES256 has low s (PROTOCOL §1 Suites). */

import { toHex } from "../../core/base/bytes.ts";
import { SUITE_ES256 } from "../../core/base/primitives.ts";
import type { Lease } from "../../core/settlement/lease.ts";
import { isHighS } from "../high-twin.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function signatureInvariants({ agentOf }: Watched): readonly Invariant[] {
  const low: Invariant = {
    name: "stored-signatures-are-low",
    appended(host, record) {
      const artifact = "artifact" in record.body ? toHex(record.body.artifact) : "";
      const lease = agentOf(host)?.durable.leases.get(artifact);
      for (const each of lease === undefined ? [] : storedOf(lease)) {
        if (each.header.suite !== SUITE_ES256) continue;
        if (!each.envelope.signatures.some(({ signature }) => isHighS(signature))) continue;
        throw new InvariantBroken(low.name, `${host} stored a ${each.kind} with a high s`, [toHex(each.id)]);
      }
    },
  };
  return [low];
}

/** Records of a lease as its agent took them, whoever signed them. */
function storedOf(lease: Lease) {
  const { offer, acceptance, holderSettlement, consumerSettlement } = lease;
  const { lastRequest, lastRenewal, termination, relinquishment } = lease;
  const all = [offer, acceptance, holderSettlement, consumerSettlement, lastRequest, lastRenewal];
  return [...all, termination, relinquishment].filter((each) => each !== null);
}
