/** Everything that can happen to an agent. Time comes with each input; nothing is read from outside (DESIGN §2). */
import type { Rejection } from "../base/rejection.ts";
import type { Attestation } from "../record/kinds/attestation.ts";
import type { Eligibility, PriceTerms, RuleId } from "../record/kinds/offer.ts";
import type { Block } from "../record/spectrum-fields.ts";
import type { PlaceFix } from "../window/assured-place.ts";
import type { TimeFix } from "../window/assured-time.ts";
import type { Envelope } from "../wire/envelope.ts";

export type Now = { readonly bootUs: number; readonly wallUs: number };

export type OfferCommand = {
  readonly schema: Uint8Array;
  readonly resource: string;
  readonly block: Block;
  readonly price: PriceTerms;
  readonly eligibility: Eligibility;
  readonly rules: readonly RuleId[];
  readonly leaseClass: string;
  readonly validUs: number;
};

export type AcceptCommand = {
  readonly offer: Uint8Array;
  /** Null: the whole block. */
  readonly block: Block | null;
  readonly insist: boolean;
};

/** Answers a command once its record is durable, or with why it was refused. Volatile: the loop keeps who asked. */
export type CommandAnswer =
  | { readonly ok: true; readonly record: Uint8Array }
  | { readonly ok: false; readonly rejections: readonly Rejection[] };

export type Command =
  | { readonly verb: "offer"; readonly offer: OfferCommand }
  | { readonly verb: "withdraw"; readonly offer: Uint8Array; readonly reason: string }
  | { readonly verb: "accept"; readonly accept: AcceptCommand }
  /** Consumer: stop transmitting, give the lease up. */
  | { readonly verb: "relinquish"; readonly artifact: Uint8Array }
  /** Holder: end the lease, grant no more renewals. */
  | { readonly verb: "terminate"; readonly artifact: Uint8Array };

export type RadioReport =
  | {
      readonly kind: "on";
      readonly artifact: Uint8Array;
      readonly actuation: Uint8Array;
      readonly bootUs: number;
      readonly matches: boolean;
    }
  | {
      readonly kind: "failed";
      readonly artifact: Uint8Array;
      readonly actuation: Uint8Array;
      readonly bootUs: number;
      readonly code: string;
    }
  | {
      readonly kind: "muted";
      readonly mutedBootUs: number;
      readonly latencyUs: number | null;
      readonly reason: string;
    };

export type Input =
  /** First input after the fold. `quarantine`: the store's tail was cut, or a mark of an unfinished one stands. */
  | { readonly kind: "started"; readonly quarantine: string | null; readonly tpmCounter: number | null }
  | { readonly kind: "fix"; readonly fix: TimeFix & PlaceFix }
  | { readonly kind: "gnss-lost"; readonly reason: string }
  /** Peer-controlled: at most limits.ENVELOPE_BYTES_MAX. */
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  /** A record of the operator's own files, or (`stored`) of the own log, for the caches only: goes the way of a message, without quotas. */
  | { readonly kind: "document"; readonly bytes: Uint8Array; readonly stored?: boolean }
  /** The queue's first record is signed and flushed. */
  | { readonly kind: "appended"; readonly id: Uint8Array; readonly envelope: Envelope }
  /** The log was folded anew, and what was queued is gone: nothing unappended left the process. */
  | {
      readonly kind: "queue-lost";
      readonly reason: string;
      /** Why acknowledged records are gone from the log too, or null. */
      readonly lost: string | null;
    }
  /** The signing key does not answer, and trying again at once will not help; `queue-lost` follows. */
  | { readonly kind: "key-lost"; readonly reason: string }
  | { readonly kind: "key-back" }
  | { readonly kind: "attested"; readonly evidence: Attestation }
  /** The TPM could not: asked again at a later tick. */
  | { readonly kind: "not-attested" }
  /** 65-byte uncompressed SEC1 point of a key whose private half the loop keeps in memory. */
  | { readonly kind: "session-key-made"; readonly publicKey: Uint8Array }
  | { readonly kind: "mesh-up" }
  | { readonly kind: "counted"; readonly counter: number }
  | { readonly kind: "radio"; readonly report: RadioReport }
  | { readonly kind: "command"; readonly ticket: number; readonly command: Command }
  | { readonly kind: "tick" };
