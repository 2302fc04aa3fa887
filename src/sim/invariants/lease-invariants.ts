/** Blocks are let once, pairs settle once, and a consumer holds what its holder holds (PROTOCOL §6). */
import { toHex } from "../../core/base/bytes.ts";
import type { LedgerLease } from "../ledger.ts";
import { collides } from "./collision.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

export function leaseInvariants(watched: Watched): readonly Invariant[] {
  return [settledOnce(), heldWhereSold(watched), renewedWhereHeld(watched), letOnce(watched)];
}

function settledOnce(): Invariant {
  const artifacts = new Map<string, string>();

  const once: Invariant = {
    name: "one-artifact-a-pair",
    appended(_, record) {
      if (record.kind !== "settlement") return;
      const pair = `${toHex(record.body.offer)} ${toHex(record.body.acceptance)}`;
      const artifact = toHex(record.body.artifact);
      const standing = artifacts.get(pair);
      artifacts.set(pair, artifact);
      if (standing !== undefined && standing !== artifact)
        throw new InvariantBroken(once.name, "one pair became two artifacts", [standing, artifact]);
    },
  };

  return once;
}

function heldWhereSold({ ledger }: Watched): Invariant {
  const both: Invariant = {
    name: "held-only-where-sold",
    appended(host, record) {
      if (record.kind !== "settlement") return;
      const artifact = toHex(record.body.artifact);
      const isConsumers = ledger.pairOf(record.body.acceptance)?.consumer === host;
      if (!isConsumers || (ledger.leases.get(artifact)?.holder ?? null) !== null) return;
      throw new InvariantBroken(both.name, `${host} holds an artifact that no holder's log has`, [artifact]);
    },
  };

  return both;
}

/** No RF unless both hold the artifact: before its consumer countersigned, nothing is renewed. */
function renewedWhereHeld({ ledger }: Watched): Invariant {
  const name = "renewed-only-where-held";
  return {
    name,
    appended(host, record) {
      const lease = record.kind === "renewal" ? ledger.leases.get(toHex(record.body.artifact)) : undefined;
      if (lease === undefined || (lease.countersigned && lease.holder === host)) return;
      if (lease.holder !== host)
        throw new InvariantBroken(name, `${host} renewed what it had not let`, [
          lease.artifact,
          toHex(record.id),
        ]);
      const text = `${host} renewed what ${lease.consumer} has not countersigned`;
      throw new InvariantBroken(name, text, [lease.artifact, toHex(record.id)]);
    },
  };
}

function letOnce({ ledger, utcUs, guardBandHz, isExempt }: Watched): Invariant {
  /**
   * Whether a lease may still be used by anybody, by true time and by what is durable. By its renewals' two bounds, so
   * that neither a receiver that lied nor a reboot moves it; of a lease that the holder's disk lost only they are left.
   */
  function mayAct({ terminated, relinquished, holderSeq, entitledUntilUs, block }: LedgerLease): boolean {
    const nowUs = utcUs();
    if (relinquished || block.untilUs <= nowUs) return false;
    return (!terminated && holderSeq !== null) || entitledUntilUs > nowUs;
  }

  /** Hosts that lost records and have been through no quarantine since. */
  const unnoticed = new Set<string>();

  const block: Invariant = {
    name: "block-let-once",
    reread(host, _, lossSeq) {
      if (lossSeq !== null) unnoticed.add(host);
    },
    appended(host, record) {
      if (record.kind === "quarantine-end") unnoticed.delete(host);
      if (record.kind !== "settlement") return;
      const own = ledger.leasesOf(host);
      const artifact = toHex(record.body.artifact);
      const fresh = ledger.pairOf(record.body.acceptance);
      if (fresh === null || fresh.consumer === host) return;
      for (const lease of own) {
        if (lease.artifact === artifact || !mayAct(lease) || isExempt(host, "speed")) continue;
        // A holder whose disk lost the lease, and whose start did not show it, knows nothing of it.
        if (lease.holderSeq === null && unnoticed.has(host)) continue;
        if (collides(lease.block, fresh.block, guardBandHz)) {
          const text = `${host} let a block that ${lease.consumer} may still use`;
          throw new InvariantBroken(block.name, text, [lease.artifact, artifact]);
        }
      }
    },
  };
  return block;
}
