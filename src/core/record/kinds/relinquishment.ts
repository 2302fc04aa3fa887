/** The consumer gives a lease up, after its guard reported muted (PROTOCOL §6). */

import { choice, type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootIdentity, bootUs, digest } from "../shared-fields.ts";

export type RelinquishReason =
  | "operator"
  | "ended"
  | "not-effective"
  | "terminated"
  | "expired"
  | "not-assured"
  | "radio-failed"
  | "preempted";

export type Relinquishment = {
  readonly artifact: Uint8Array;
  readonly reason: RelinquishReason;
  readonly bootId: Uint8Array;
  /** Boot clock at which the radio was silent for certain. */
  readonly mutedBootUs: number;
  /** The holder's termination, where that is why. */
  readonly termination: Uint8Array | null;
};

const body: Field<Relinquishment> = struct<Relinquishment>({
  artifact: digest,
  reason: choice(
    "operator",
    "ended",
    "not-effective",
    "terminated",
    "expired",
    "not-assured",
    "radio-failed",
    "preempted",
  ),
  bootId: bootIdentity,
  mutedBootUs: bootUs,
  termination: nilable(digest),
});

export const relinquishment: Kind<Relinquishment> = {
  name: "relinquishment",
  summary: "The consumer gives the lease up; its radio was muted before.",
  body,
  mayBeNil: DEVICE,
};
