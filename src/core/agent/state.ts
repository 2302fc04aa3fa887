/** The durable state: the fold of `apply` over the lineage's frames, and nothing else (DESIGN §2). */
import { equalBytes, idText } from "../base/bytes.ts";
import { emptyBook, type UseBook } from "../budget/use-book.ts";
import { emptyFrontier, type Frontier } from "../lineage/merkle.ts";
import { ZERO_ID } from "../record/identity.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Session } from "../record/session.ts";
import type { SigningKey } from "../record/signing-key.ts";
import { isSpent, type Lease } from "../settlement/lease.ts";

export type OwnOffer = { readonly record: RecordOf<"offer">; readonly withdrawn: boolean };

/** An acceptance of one's own, and the offer that it answers. */
export type OwnAcceptance = { readonly record: RecordOf<"acceptance">; readonly offer: RecordOf<"offer"> };

export type State = {
  /** Null before the inception. */
  key: SigningKey | null;
  /** All that signed so far, the present one last. */
  keys: readonly SigningKey[];
  rotations: readonly RecordOf<"key-rotation">[];
  /** The latest ones, whoever holds their keys by now. */
  sessions: readonly Session[];
  inception: RecordOf<"key-event"> | null;
  epoch: number;
  /** Position that the next record gets. */
  nextSeq: number;
  head: Uint8Array;
  frontier: Frontier;
  checkpoint: RecordOf<"checkpoint"> | null;
  attestation: RecordOf<"attestation"> | null;
  /** Ids of all own records: a signed one that is not among them shows that this log is an old copy. */
  readonly ownIds: Set<string>;
  /** The latest quarantine ended without anybody confirming the head. */
  headUnconfirmed: boolean;
  /** Seq of the latest quarantine-end, or -1. */
  quarantineEndSeq: number;
  readonly offers: Map<string, OwnOffer>;
  readonly acceptances: Map<string, OwnAcceptance>;
  /** Ids of those that led to no lease and are not closed. */
  readonly open: Set<string>;
  /** By artifact id. */
  readonly leases: Map<string, Lease>;
  /** Artifact ids of the leases that still await something or hold their block, as far as the records alone tell. */
  readonly live: Set<string>;
  /** Artifact id by each record that the lease holds of its two parties: whoever asks for one costs a look, not a search. */
  readonly leaseOfRecord: Map<string, string>;
  /** Artifact id of the lease that an acceptance led to: never two artifacts for one pair. */
  readonly leaseOfAcceptance: Map<string, string>;
  /** Acceptances that this holder refused, or own ones that were refused or died. */
  readonly closedAcceptances: Set<string>;
  /** Acceptance id by the artifact of a settlement that this consumer refused: its termination closes the acceptance. */
  readonly refusedSettlements: Map<string, string>;
  /** The latest rejections by subject, to be said again to whoever asks again. */
  readonly rejections: Map<string, RecordOf<"rejection">>;
  /** What was used of own budgets, and those that are suspended, by `budgetKey`. */
  uses: UseBook;
  readonly suspensions: Map<string, RecordOf<"suspension">>;
  /** `peer policy` pairs admitted. */
  readonly admissions: Set<string>;
  /** Ids of foreign envelopes that are in the log: each is stored once. */
  readonly stored: Set<string>;
};

export function emptyState(): State {
  return {
    key: null,
    keys: [],
    rotations: [],
    sessions: [],
    inception: null,
    epoch: 0,
    nextSeq: 0,
    head: ZERO_ID,
    frontier: emptyFrontier,
    checkpoint: null,
    attestation: null,
    ownIds: new Set(),
    headUnconfirmed: false,
    quarantineEndSeq: -1,
    offers: new Map(),
    acceptances: new Map(),
    open: new Set(),
    leases: new Map(),
    live: new Set(),
    leaseOfRecord: new Map(),
    leaseOfAcceptance: new Map(),
    closedAcceptances: new Set(),
    refusedSettlements: new Map(),
    rejections: new Map(),
    uses: emptyBook,
    suspensions: new Map(),
    admissions: new Set(),
    stored: new Set(),
  };
}

/** Values inside the maps are replaced, never changed, so copying the containers is enough. */
export function cloneState(state: State): State {
  return {
    ...state,
    ownIds: new Set(state.ownIds),
    offers: new Map(state.offers),
    acceptances: new Map(state.acceptances),
    open: new Set(state.open),
    leases: new Map(state.leases),
    live: new Set(state.live),
    leaseOfRecord: new Map(state.leaseOfRecord),
    leaseOfAcceptance: new Map(state.leaseOfAcceptance),
    closedAcceptances: new Set(state.closedAcceptances),
    refusedSettlements: new Map(state.refusedSettlements),
    rejections: new Map(state.rejections),
    suspensions: new Map(state.suspensions),
    admissions: new Set(state.admissions),
    stored: new Set(state.stored),
  };
}

/** One step of the lineage: an own record, after the foreign envelopes that it names. */
export type Entry = {
  readonly own: AnyRecord;
  readonly foreign: readonly AnyRecord[];
};

export function leaseById(state: State, artifact: Uint8Array): Lease | undefined {
  return state.leases.get(idText(artifact));
}

const PARTIES_RECORDS = [
  "acceptance",
  "holderSettlement",
  "consumerSettlement",
  "lastRequest",
  "lastRenewal",
  "termination",
  "relinquishment",
] as const;

/** The lease that holds a record of its two parties, and that record. */
export function leaseOfRecord(
  state: State,
  id: Uint8Array,
): { readonly lease: Lease; readonly record: AnyRecord } | undefined {
  const lease = state.leases.get(state.leaseOfRecord.get(idText(id)) ?? "");
  if (lease === undefined) return undefined;
  for (const slot of PARTIES_RECORDS) {
    const record = lease[slot];
    if (record !== null && equalBytes(record.id, id)) return { lease, record };
  }
  return undefined;
}

/** Replaces the lease, and lets it go from the live ones when nothing can act on it any more. */
export function setLease(state: State, lease: Lease): void {
  const key = idText(lease.derived.id);
  const before = state.leases.get(key);
  for (const slot of PARTIES_RECORDS) {
    const [gone, come] = [before?.[slot] ?? null, lease[slot]];
    if (gone === come) continue;
    if (gone !== null) state.leaseOfRecord.delete(idText(gone.id));
    if (come !== null) state.leaseOfRecord.set(idText(come.id), key);
  }
  state.leases.set(key, lease);
  if (isSpent(lease)) state.live.delete(key);
  else state.live.add(key);
}

/** What ticks, re-sending, lanes and the book go through: a long log of ended leases costs them nothing. */
export function* liveLeases({ leases, live }: State): Generator<Lease> {
  for (const key of live) {
    const lease = leases.get(key);
    if (lease !== undefined) yield lease;
  }
}

/** What is said again until something comes of it: a long log of old acceptances costs nothing. */
export function* openAcceptances({ acceptances, open }: State): Generator<OwnAcceptance> {
  for (const id of open) {
    const acceptance = acceptances.get(id);
    if (acceptance !== undefined) yield acceptance;
  }
}

/** Refused, died, or given up: nothing comes of it any more. */
export function closeAcceptance(state: State, id: string): void {
  state.closedAcceptances.add(id);
  state.open.delete(id);
}

export function admissionKey(peer: Uint8Array, policy: Uint8Array): string {
  return `${idText(peer)} ${idText(policy)}`;
}
