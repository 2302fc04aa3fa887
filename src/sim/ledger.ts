/** What is durable where, seen from outside all agents: what the invariants are judged by. */
import { idText, toHex } from "../core/base/bytes.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { Block } from "../core/record/spectrum-fields.ts";

export type LedgerRenewal = {
  readonly id: string;
  readonly expiryUs: number;
  readonly consumerBootId: string;
};

/** One artifact, as the logs of its parties tell of it. */
export type LedgerLease = {
  readonly artifact: string;
  readonly pair: string;
  readonly block: Block;
  readonly consumer: string;
  /** Name of the host whose log holds the first settlement; null while only the consumer's does. */
  holder: string | null;
  /** The consumer's own settlement is durable. */
  held: boolean;
  terminated: boolean;
  relinquished: boolean;
  readonly renewals: Map<string, LedgerRenewal>;
  /** The latest transmit expiry that was signed for it, µs UTC. */
  lastExpiryUs: number;
};

export type LedgerActuation = { readonly artifact: string; readonly renewal: string; readonly host: string };

export type Pair = { readonly block: Block; readonly consumer: string };

export type Ledger = {
  /** Artifacts by id in the order of their first settlement. */
  readonly leases: ReadonlyMap<string, LedgerLease>;
  /** Latest artifacts of each holder, newest last. */
  leasesOf(holder: string): readonly LedgerLease[];
  readonly actuations: ReadonlyMap<string, LedgerActuation>;
  /** What an acceptance asks for, and who wrote it; null before it is durable. */
  pairOf(acceptance: Uint8Array): Pair | null;
  take(host: string, record: AnyRecord): void;
};

/** Leases of one holder that are still compared with each other: those before are long over, or their ends were judged. */
const RECENT_MAX = 256;
const ACTUATIONS_MAX = 4096;

export function newLedger(): Ledger {
  const leases = new Map<string, LedgerLease>();
  const byHolder = new Map<string, LedgerLease[]>();
  const acceptances = new Map<string, Pair>();
  const actuations = new Map<string, LedgerActuation>();

  function settled(host: string, record: Extract<AnyRecord, { kind: "settlement" }>): void {
    const { artifact, offer, acceptance } = record.body;
    const pair = acceptances.get(idText(acceptance));
    // An acceptance is durable at its author before anybody can have it.
    if (pair === undefined) return;
    const key = toHex(artifact);
    const standing = leases.get(key);
    const lease: LedgerLease = standing ?? {
      artifact: key,
      pair: `${toHex(offer)} ${toHex(acceptance)}`,
      block: pair.block,
      consumer: pair.consumer,
      holder: null,
      held: false,
      terminated: false,
      relinquished: false,
      renewals: new Map(),
      lastExpiryUs: 0,
    };
    leases.set(key, lease);
    if (host === pair.consumer) {
      lease.held = true;
      return;
    }
    lease.holder = host;
    const own = byHolder.get(host) ?? [];
    own.push(lease);
    if (own.length > RECENT_MAX) own.shift();
    byHolder.set(host, own);
  }

  function renewed(record: Extract<AnyRecord, { kind: "renewal" }>): void {
    const lease = leases.get(toHex(record.body.artifact));
    if (lease === undefined) return;
    const { transmitExpiryUs: expiryUs, consumerBootId } = record.body;
    const id = toHex(record.id);
    lease.renewals.set(id, { id, expiryUs, consumerBootId: toHex(consumerBootId) });
    lease.lastExpiryUs = Math.max(lease.lastExpiryUs, expiryUs);
  }

  return {
    leases,
    leasesOf: (holder) => byHolder.get(holder) ?? [],
    actuations,
    pairOf: (acceptance) => acceptances.get(idText(acceptance)) ?? null,
    take(host, record) {
      switch (record.kind) {
        case "acceptance":
          acceptances.set(idText(record.id), { block: record.body.block, consumer: host });
          return;
        case "settlement":
          settled(host, record);
          return;
        case "renewal":
          renewed(record);
          return;
        case "lease-termination": {
          const lease = leases.get(toHex(record.body.artifact));
          if (lease !== undefined) lease.terminated = true;
          return;
        }
        case "relinquishment": {
          const lease = leases.get(toHex(record.body.artifact));
          if (lease !== undefined) lease.relinquished = true;
          return;
        }
        case "actuation": {
          const { artifact, renewal } = record.body;
          actuations.set(toHex(record.id), { artifact: toHex(artifact), renewal: toHex(renewal), host });
          if (actuations.size > ACTUATIONS_MAX) {
            const [oldest] = actuations.keys();
            if (oldest !== undefined) actuations.delete(oldest);
          }
          return;
        }
        default:
          return;
      }
    },
  };
}
