/** One state of a small scope: hosts, messages on their way, true time, and how much has gone wrong. Never changed. */

import type { RadioReport } from "../../core/agent/input.ts";
import type { Entry } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import type { AnyRecord } from "../../core/record/record.ts";
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

export type HostState = {
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

/** One copy of one message to one host. */
export type Message = {
  readonly to: number;
  /** Says what it is: copies with the same key are the same message. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** For who reads a path. */
  readonly what: string;
  /** An instant ended while it was on its way, or it is a second copy: it may come in this instant, or never. */
  readonly late: boolean;
};

export type World = {
  readonly trueUs: number;
  readonly hosts: readonly HostState[];
  /** In the order in which they left; any of them may come next. */
  readonly flight: readonly Message[];
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
