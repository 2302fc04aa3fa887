/** Everything that an agent can want done. The loop performs them in order; none of them decides anything. */
import type { Rejection } from "../base/rejection.ts";
import type { Emission } from "../record/kinds/actuation.ts";
import type { AnyRecord } from "../record/record.ts";
import type { CommandAnswer } from "./input.ts";
import type { Entry } from "./state.ts";

/** Where a message goes; the loop maps it to a topic. */
export type Route =
  /** To those of an eligibility class around here. */
  | { readonly to: "class"; readonly eligibilityClass: string; readonly kind: string }
  | { readonly to: "agent"; readonly lineage: Uint8Array }
  /** Retained, for whoever meets this agent first. */
  | { readonly to: "identity" };

/** Ours, not yet signed: its id is known, since ids need no signature. */
export type Draft = { readonly record: AnyRecord; readonly foreign: readonly AnyRecord[] };

export type Effect =
  /** Sign, append with the foreign frames, flush; then `appended`. In the order of the drafts, one after another. */
  | { readonly kind: "append"; readonly draft: Draft }
  | { readonly kind: "publish"; readonly route: Route; readonly record: AnyRecord }
  /** Ask `lineage` for records; a lineage id in the list asks for its inception. */
  | { readonly kind: "want"; readonly lineage: Uint8Array; readonly ids: readonly Uint8Array[] }
  | {
      readonly kind: "arm";
      readonly artifact: Uint8Array;
      readonly actuation: Uint8Array;
      readonly emission: Emission;
      readonly deadlineBootUs: number;
    }
  | { readonly kind: "extend"; readonly artifact: Uint8Array; readonly deadlineBootUs: number }
  /** Acts at once and waits for nothing. */
  | { readonly kind: "mute"; readonly reason: string }
  | { readonly kind: "attest"; readonly head: Uint8Array }
  | { readonly kind: "count" }
  /** A fresh software key, for this process alone; `session-key-made` tells its public half. */
  | { readonly kind: "make-session-key" }
  | { readonly kind: "clear-quarantine-mark" }
  /** Over once a quarantine-end stands at `seq` or after it. */
  | { readonly kind: "set-quarantine-mark"; readonly seq: number; readonly reason: string }
  /** Sign and store nothing more of what is queued; then fold the log anew, and `queue-lost`. */
  | { readonly kind: "drop-queue"; readonly reason: string }
  /** Store own records that peers kept, signed as they are, each after its foreign frames; then as `drop-queue`. */
  | { readonly kind: "restore"; readonly entries: readonly Entry[] }
  | { readonly kind: "answer"; readonly ticket: number; readonly answer: CommandAnswer }
  /** For the log and for who watches; nothing depends on it. */
  | { readonly kind: "note"; readonly event: Note };

export type Note =
  | {
      readonly what: "refused";
      readonly subject: Uint8Array | null;
      readonly rejections: readonly Rejection[];
    }
  | { readonly what: "dropped"; readonly code: string; readonly count: number }
  | { readonly what: "record"; readonly record: AnyRecord }
  | { readonly what: "state"; readonly code: string; readonly text: string };
