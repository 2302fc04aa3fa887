/** One state of a small scope: hosts, messages on their way, true time, and how much has gone wrong. Never changed. */

import type { RadioReport } from "../../core/agent/input.ts";
import type { Entry } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { equalBytes, idText } from "../../core/base/bytes.ts";
import type { AnyRecord, RecordOf } from "../../core/record/record.ts";
import type { Boot } from "./host-time.ts";
import type { Order } from "./scope.ts";

/** Flushed entries, the newest first; histories share their beginnings. */
export type Log = {
  readonly entry: Entry;
  readonly before: Log | null;
  /** The same for the same entries in one exploration, and for no others. */
  readonly key: number;
};

/** What the guard holds RF on for. */
export type OnAir = {
  readonly artifact: Uint8Array;
  readonly actuation: Uint8Array;
  readonly deadlineBootUs: number;
};

/** What the loop owes its agent, in order. */
export type Job =
  | { readonly kind: "report"; readonly report: RadioReport }
  | { readonly kind: "refold"; readonly reason: string };

/** All that one host is, its clocks included: what it does next follows from it and from what it is given. */
export type HostDraft = {
  /** True time, µs UTC. */
  readonly atUs: number;
  /** Null while the process is down. */
  readonly agent: Agent | null;
  readonly log: Log | null;
  readonly boot: Boot;
  readonly onAir: OnAir | null;
  readonly jobs: readonly Job[];
  /** Down since an earlier instant: that time passes without it costs nothing more. */
  readonly isAway: boolean;
  /** It had its fix and tick of this instant. */
  readonly ticked: boolean;
  readonly mark: { readonly seq: number; readonly reason: string } | null;
  /** Keys of the records that this run has heard: they are in its caches. Sorted. */
  readonly heard: readonly string[];
};

/** `id`: the same for states that go on alike, and for no others. */
export type HostState = HostDraft & { readonly id: number };

/** What one host says to another. */
export type Said = {
  /** The same for the same words to the same host, and for no others. */
  readonly id: number;
  readonly to: number;
  /** The record's id, or the bytes of what is none. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** For who reads a path. */
  readonly what: string;
  /** The record, where it asks for a renewal. */
  readonly request: RecordOf<"renewal-request"> | null;
};

/** One copy on its way. */
export type Message = {
  readonly said: Said;
  /** An instant ended while it was on its way, or it is a second copy: it may come in this instant, or never. */
  readonly late: boolean;
};

export type Flight = {
  readonly id: number;
  /** By their number; any of them may come next. */
  readonly messages: readonly Message[];
  /** What it becomes, by message: with one that is not in it, without one that is. */
  readonly toggled: Map<number, Flight>;
};

export type World = {
  readonly trueUs: number;
  readonly hosts: readonly HostState[];
  readonly flight: Flight;
  readonly adverse: number;
  /** Orders that nobody gave yet. */
  readonly orders: readonly Order[];
  /** The latest transmit expiry that the holder ever signed for each artifact, µs UTC, by the artifact's id. */
  readonly promised: ReadonlyMap<string, number>;
};

/** Own records of a log, the oldest first. */
export function* entriesOf(log: Log | null): Generator<Entry> {
  const newestFirst: Entry[] = [];
  for (let at = log; at !== null; at = at.before) newestFirst.push(at.entry);
  for (const entry of newestFirst.reverse()) yield entry;
}

/** All records of a log, foreign ones too. */
export function* recordsOf(log: Log | null): Generator<AnyRecord> {
  for (const { own, foreign } of entriesOf(log)) {
    yield* foreign;
    yield own;
  }
}

/** How many renewals of the artifact stand in a log. */
export function renewalsOf(log: Log | null, artifact: string): number {
  let signed = 0;
  for (let at = log; at !== null; at = at.before) {
    const { own } = at.entry;
    if (own.kind === "renewal" && idText(own.body.artifact) === artifact) signed += 1;
  }
  return signed;
}

/** The holder signed `most` renewals of that lease, and none of them answers this request. */
export function isBeyond(
  holderLog: Log | null,
  { id, body }: RecordOf<"renewal-request">,
  most: number,
): boolean {
  const artifact = idText(body.artifact);
  if (renewalsOf(holderLog, artifact) < most) return false;
  for (let at = holderLog; at !== null; at = at.before) {
    const { own } = at.entry;
    if (own.kind === "renewal" && equalBytes(own.body.request, id)) return false;
  }
  return true;
}
