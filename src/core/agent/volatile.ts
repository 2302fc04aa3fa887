/** What may be lost at any instant without harm: caches, retries, peers, what the radio was last told (DESIGN §2). */

import type { Anchor } from "../budget/use-book.ts";
import type { Reach } from "../preemption/reach.ts";
import type { Emission } from "../record/kinds/actuation.ts";
import type { RelinquishReason } from "../record/kinds/relinquishment.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Assurance } from "../record/shared-fields.ts";
import type { PlaceState } from "../window/assured-place.ts";
import type { TimeState } from "../window/assured-time.ts";
import { Known } from "./known.ts";

/** Boot clock at which the last admitted fix of each level was received: one entry a level, so never more than nine. */
export type LevelsSeen = Map<Assurance, number>;

/** What the guard was told, as far as this run knows. */
export type Armed = {
  readonly artifact: Uint8Array;
  readonly actuation: Uint8Array;
  readonly emission: Emission;
  readonly deadlineBootUs: number;
  /** Ordered, and not yet read back. */
  readonly verified: boolean;
  readonly orderedBootUs: number;
};

export type Waiting = {
  readonly bytes: Uint8Array;
  /** Lineage in hex, and the id of the key that its header names. */
  readonly needs: string;
  readonly signer: string;
  readonly sinceBootUs: number;
};

/** A record that waits for documents. */
export type Pending<R extends AnyRecord> = {
  readonly record: R;
  readonly sinceBootUs: number;
  readonly lookAgainBootUs: number;
  /** Ids in hex of records, or of lineages that have to write one; empty where the own time and place are waited for. */
  readonly needs: ReadonlySet<string>;
};

export type PendingMap<R extends AnyRecord> = Map<string, Pending<R>>;

export type Sent = { readonly atBootUs: number; readonly pauseUs: number };

export type Given = { readonly record: AnyRecord; readonly lineage: Uint8Array };

export type PeerLane = {
  windowStartUs: number;
  messages: number;
  rejections: number;
  rejectionWindowStartUs: number;
};

/** Refusals beyond the quota, one for each peer, code and window. */
export type Aggregate = {
  readonly peer: Uint8Array;
  readonly code: string;
  count: number;
  /** The least and the greatest measured value of the code's first number. */
  least: number;
  greatest: number;
  readonly sinceBootUs: number;
};

/** The own record beyond the log's end that was shown, and what else of the missing tail has come since. */
export type Beyond = {
  /** The one that the log has to reach: the highest that was shown, or the first that shows a fork. */
  readonly id: Uint8Array;
  readonly seq: number;
  /** Own records that the log lacks, signatures checked, by id: at most bounds.RESTORED_RECORDS_MAX. */
  readonly records: Map<string, AnyRecord>;
  /** The loop is storing them. */
  restoring: boolean;
  askedBootUs: number;
  /** Peers asked so far: the next ones are asked in turn. */
  asked: number;
};

export type Quarantine = {
  readonly sinceBootUs: number;
  readonly reason: string;
  /** A consumer's request, made since, that named a record of ours which we hold. */
  readonly witness: RecordOf<"renewal-request"> | null;
  /** While set, no time ends it. */
  readonly beyond: Beyond | null;
};

export type Countersigned = { readonly record: RecordOf<"settlement">; readonly heardBootUs: number };

/** A directive that was found to be obeyed, and when it ends. */
export type Standing = {
  readonly directive: RecordOf<"preemption">;
  readonly untilUs: number;
  readonly reach: Reach;
};

export type Volatile = {
  readonly known: Known;
  readonly seen: Map<string, true>;
  /** Policies that trusted roots put in others' places, by id. */
  readonly successors: Map<string, RecordOf<"policy">>;
  readonly waiting: Map<string, Waiting>;
  readonly sent: Map<string, Sent>;
  /** Own records that went to one peer, by id: it may ask for them again. */
  readonly given: Map<string, Given>;
  readonly lanes: Map<string, PeerLane>;
  readonly aggregates: Map<string, Aggregate>;
  /** Countersignatures that came in time, until a renewal or an acknowledgement stores them. */
  readonly countersigned: Map<string, Countersigned>;
  /** Acceptances that wait for documents, by id. */
  readonly pendingAcceptances: PendingMap<RecordOf<"acceptance">>;
  /** Holder settlements whose context is not complete yet, by id. */
  readonly pendingSettlements: PendingMap<RecordOf<"settlement">>;
  /** Offers that fit a wish and wait for their author's documents, or for the own time and place, by id. */
  readonly pendingOffers: PendingMap<RecordOf<"offer">>;
  /** Offer, code and field of each refusal that was said. */
  readonly refusedOffers: Map<string, true>;
  /** Directives that wait for links of their chain, or for the own time, by id. */
  readonly pendingDirectives: PendingMap<RecordOf<"preemption">>;
  /** By id, until they end. Those that hit a lease are in its records too. */
  readonly directives: Map<string, Standing>;
  /** Renewals that extended the guard, until the next request names them; by artifact id. */
  readonly unstoredRenewals: Map<string, RecordOf<"renewal">>;
  /** Renewals that answer another boot's request, until an own record has stored them; by artifact id. */
  readonly otherBootRenewals: Map<string, RecordOf<"renewal">>;
  /** Terminations that arrived for leases that are being muted; by artifact id. */
  readonly unstoredTerminations: Map<string, RecordOf<"lease-termination">>;
  /** Leases to give up as soon as the radio is silent. */
  readonly leaving: Map<string, RelinquishReason>;
  readonly wished: Set<string>;
  /** Boot clock of the last issue of each standing offer, by name. */
  readonly offered: Map<string, number>;
  readonly counters: Map<string, number>;
  time: TimeState | null;
  place: PlaceState | null;
  /** The first time of this run against its boot clock: no later step can make more of the time since. */
  timeAnchor: Anchor | null;
  /** When this run began, boot clock, and the position that its first record gets. */
  startedBootUs: number;
  startedSeq: number;
  /** When the last admitted fix of each level gave time, and gave a place with its height. */
  readonly timeLevels: LevelsSeen;
  readonly placeLevels: LevelsSeen;
  lastTimeFaultBootUs: number;
  armed: Armed | null;
  /** The last actuation by which this run had RF switched on. */
  ordered: Uint8Array | null;
  quarantine: Quarantine | null;
  /** Why the signing key is out of reach, or null: until it is back nothing is queued. */
  keyLost: string | null;
  wantsWindowStartUs: number;
  wants: number;
  attesting: boolean;
  /** An attestation of this run is in the queue or the log. */
  attested: boolean;
  /** Orders to mute that the radio has not reported yet: until then a report could be taken for a later transmission's. */
  mutesUnderWay: number;
  /** When the radio last reported silence; null while it may be on, or before its first report. */
  mutedBootUs: number | null;
  /** The TPM counter as it was read at the start, or after the last increment. */
  counter: number | null;
};

export function emptyVolatile(): Volatile {
  return {
    known: new Known(),
    seen: new Map(),
    successors: new Map(),
    waiting: new Map(),
    sent: new Map(),
    given: new Map(),
    lanes: new Map(),
    aggregates: new Map(),
    countersigned: new Map(),
    pendingAcceptances: new Map(),
    pendingSettlements: new Map(),
    pendingOffers: new Map(),
    pendingDirectives: new Map(),
    directives: new Map(),
    refusedOffers: new Map(),
    unstoredRenewals: new Map(),
    otherBootRenewals: new Map(),
    unstoredTerminations: new Map(),
    leaving: new Map(),
    wished: new Set(),
    offered: new Map(),
    counters: new Map(),
    time: null,
    place: null,
    timeAnchor: null,
    startedBootUs: 0,
    startedSeq: 0,
    timeLevels: new Map(),
    placeLevels: new Map(),
    lastTimeFaultBootUs: Number.NEGATIVE_INFINITY,
    armed: null,
    ordered: null,
    quarantine: null,
    keyLost: null,
    wantsWindowStartUs: 0,
    wants: 0,
    attesting: false,
    attested: false,
    mutesUnderWay: 0,
    mutedBootUs: null,
    counter: null,
  };
}
