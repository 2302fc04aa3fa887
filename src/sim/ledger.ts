/** What is durable where, seen from outside all agents: what the invariants are judged by. */
import { put } from "../core/agent/known.ts";
import { equalBytes, idText, toHex } from "../core/base/bytes.ts";
import { fieldBytes } from "../core/record/field.ts";
import { kinds } from "../core/record/kinds.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { Block } from "../core/record/spectrum-fields.ts";

/** One artifact, as the logs of its parties tell of it. */
export type LedgerLease = {
  readonly artifact: string;
  readonly block: Block;
  readonly consumer: string;
  /** Of its offer; "" where that is long gone. */
  readonly leaseClass: string;
  /** Hex ids of the last links of both parties: the acceptance's, and the holder's settlement's. */
  readonly credentials: string[];
  /** Name of the host whose log holds the first settlement; null while only the consumer's does. */
  holder: string | null;
  /** What the holder's settlement says, without its header. */
  sold: Uint8Array | null;
  /** The consumer's own settlement is durable, or was until its disk lost it. */
  held: boolean;
  /** The consumer said what the holder had said, to the byte: its own settlement of another context binds nobody. */
  countersigned: boolean;
  terminated: boolean;
  relinquished: boolean;
  /** Ids of the renewals that the holder signed for it. */
  readonly renewals: Set<string>;
  /** True UTC until which some renewal entitles its consumer: the earlier of its two bounds, the latest of all. */
  entitledUntilUs: number;
  /** The same by durations alone: what boot clocks allow, whatever anybody takes for the time. */
  bootBoundUs: number;
  /** Where the two settlements stand in their logs; null before, and after a disk lost them. */
  holderSeq: number | null;
  consumerSeq: number | null;
};

export type LedgerActuation = { readonly artifact: string; readonly renewal: string; readonly host: string };

export type Pair = {
  readonly block: Block;
  readonly consumer: string;
  readonly credentials: readonly string[];
};

/** What an offer lets, in which lease class, and the hex id of the credential that it names. */
export type Offered = { readonly block: Block; readonly leaseClass: string; readonly link: string };

export type Ledger = {
  /** Artifacts by id in the order of their first settlement. */
  readonly leases: ReadonlyMap<string, LedgerLease>;
  /** Latest artifacts of each holder, newest last. */
  leasesOf(holder: string): readonly LedgerLease[];
  readonly actuations: ReadonlyMap<string, LedgerActuation>;
  /** What an acceptance asks for, and who wrote it; null before it is durable. */
  pairOf(acceptance: Uint8Array): Pair | null;
  /** Of the latest offers; null for one long gone. */
  offered(offer: Uint8Array): Offered | null;
  /** `nowUs`: true UTC at which the record was known to be durable. */
  take(host: string, record: AnyRecord, nowUs: number): void;
  /** The host's disk lost its records from `seq` on. */
  forget(host: string, seq: number): void;
};

/** Leases of one holder that are still compared with each other: those before are long over, or their ends were judged. */
const RECENT_MAX = 256;
const ACTUATIONS_MAX = 4096;
const OFFERS_MAX = 4096;

/** `reachUs`: the longest that any lease class lets one renewal reach, whatever a dishonest holder signs. */
export function newLedger(reachUs: number): Ledger {
  return new OutsideLedger(reachUs);
}

class OutsideLedger implements Ledger {
  readonly leases = new Map<string, LedgerLease>();
  readonly actuations = new Map<string, LedgerActuation>();
  readonly #byHolder = new Map<string, LedgerLease[]>();
  readonly #acceptances = new Map<string, Pair>();
  readonly #offers = new Map<string, Offered>();

  readonly #reachUs: number;

  constructor(reachUs: number) {
    this.#reachUs = reachUs;
  }

  leasesOf(holder: string): readonly LedgerLease[] {
    return this.#byHolder.get(holder) ?? [];
  }

  pairOf(acceptance: Uint8Array): Pair | null {
    return this.#acceptances.get(idText(acceptance)) ?? null;
  }

  offered(offer: Uint8Array): Offered | null {
    return this.#offers.get(idText(offer)) ?? null;
  }

  forget(host: string, seq: number): void {
    for (const lease of this.leases.values()) {
      if (lease.holder === host && (lease.holderSeq ?? -1) >= seq) lease.holderSeq = null;
      if (lease.consumer !== host || (lease.consumerSeq ?? -1) < seq) continue;
      lease.consumerSeq = null;
      lease.held = false;
    }
  }

  take(host: string, record: AnyRecord, nowUs: number): void {
    switch (record.kind) {
      case "offer":
        this.#offered(record);
        return;
      case "acceptance": {
        const { block } = record.body;
        this.#acceptances.set(idText(record.id), { block, consumer: host, credentials: linkOf(record) });
        return;
      }
      case "settlement":
        this.#settled(host, record);
        return;
      case "renewal":
        this.#renewed(host, record, nowUs);
        return;
      case "lease-termination":
      case "relinquishment":
        this.#ended(record);
        return;
      case "actuation":
        this.#actuated(host, record);
        return;
      default:
        return;
    }
  }

  #offered(record: Extract<AnyRecord, { kind: "offer" }>): void {
    const { block, leaseClass } = record.body;
    const offered = { block, leaseClass, link: linkOf(record)[0] ?? "" };
    put(this.#offers, idText(record.id), offered, OFFERS_MAX);
  }

  #settled(host: string, record: Extract<AnyRecord, { kind: "settlement" }>): void {
    const { artifact, acceptance, offer } = record.body;
    const pair = this.#acceptances.get(idText(acceptance));
    // An acceptance is durable at its author before anybody can have it.
    if (pair === undefined) return;
    const key = toHex(artifact);
    const lease = this.leases.get(key) ?? freshLease(key, pair, this.offered(offer)?.leaseClass ?? "");
    this.leases.set(key, lease);
    if (host === pair.consumer) {
      lease.held = true;
      lease.countersigned ||= lease.sold !== null && equalBytes(lease.sold, saidIn(record));
      lease.consumerSeq = record.header.seq;
      return;
    }
    if (lease.holder === null) lease.credentials.push(...linkOf(record));
    lease.holder = host;
    lease.sold = saidIn(record);
    lease.holderSeq = record.header.seq;
    const own = this.#byHolder.get(host) ?? [];
    if (!own.includes(lease)) own.push(lease);
    if (own.length > RECENT_MAX) own.shift();
    this.#byHolder.set(host, own);
  }

  /** Its consumer asked before it was signed: no boot clock carries it farther than its duration from now. */
  #renewed(host: string, record: Extract<AnyRecord, { kind: "renewal" }>, nowUs: number): void {
    const lease = this.leases.get(toHex(record.body.artifact));
    if (lease === undefined || lease.holder !== host) return;
    const { transmitExpiryUs, durationUs } = record.body;
    lease.renewals.add(toHex(record.id));
    const bootBoundUs = nowUs + Math.min(durationUs, this.#reachUs);
    const untilUs = Math.min(transmitExpiryUs, bootBoundUs);
    lease.bootBoundUs = Math.max(lease.bootBoundUs, bootBoundUs);
    lease.entitledUntilUs = Math.max(lease.entitledUntilUs, untilUs);
  }

  #ended(record: Extract<AnyRecord, { kind: "lease-termination" | "relinquishment" }>): void {
    const lease = this.leases.get(toHex(record.body.artifact));
    if (lease === undefined) return;
    if (record.kind === "relinquishment") lease.relinquished = true;
    else lease.terminated = true;
  }

  #actuated(host: string, record: Extract<AnyRecord, { kind: "actuation" }>): void {
    const { artifact, renewal } = record.body;
    const actuation = { artifact: toHex(artifact), renewal: toHex(renewal), host };
    put(this.actuations, toHex(record.id), actuation, ACTUATIONS_MAX);
  }
}

function saidIn({ body }: RecordOf<"settlement">): Uint8Array {
  return fieldBytes(kinds.settlement.body, body);
}

function linkOf({ header }: AnyRecord): readonly string[] {
  return header.credential === null ? [] : [toHex(header.credential)];
}

function freshLease(
  artifact: string,
  { block, consumer, credentials }: Pair,
  leaseClass: string,
): LedgerLease {
  const silent = { holder: null, held: false, countersigned: false, terminated: false, relinquished: false };
  const nowhere = { sold: null, holderSeq: null, consumerSeq: null };
  const never = { entitledUntilUs: 0, bootBoundUs: 0 };
  const links = [...credentials];
  return {
    artifact,
    block,
    consumer,
    leaseClass,
    credentials: links,
    ...silent,
    ...nowhere,
    ...never,
    renewals: new Set(),
  };
}
