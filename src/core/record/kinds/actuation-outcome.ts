/** What the radio did, read back or sensed (PROTOCOL §6). */

import { choice, type Field, nilable, struct, text } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootIdentity, bootUs, digest, durationUs } from "../shared-fields.ts";
import { type Emission, emission } from "./actuation.ts";

export type ActuationOutcome = {
  readonly actuation: Uint8Array;
  readonly result: "on" | "muted" | "failed";
  /** Who says so: the device's own state, or nothing but the command's acknowledgement. */
  readonly evidence: "read-back" | "guard" | "none";
  /** What was read back, or nil when silent. */
  readonly emission: Emission | null;
  readonly bootId: Uint8Array;
  readonly bootUs: number;
  /** From the order to silence, where it was measured. */
  readonly muteLatencyUs: number | null;
  readonly reason: string;
  /** The holder's termination, where that is why. */
  readonly termination: Uint8Array | null;
};

const body: Field<ActuationOutcome> = struct<ActuationOutcome>({
  actuation: digest,
  result: choice("on", "muted", "failed"),
  evidence: choice("read-back", "guard", "none"),
  emission: nilable(emission),
  bootId: bootIdentity,
  bootUs,
  muteLatencyUs: nilable(durationUs),
  reason: text(200),
  termination: nilable(digest),
});

export const actuationOutcome: Kind<ActuationOutcome> = {
  name: "actuation-outcome",
  summary: "What the radio did after an actuation: on as intended, muted, or failed.",
  body,
  mayBeNil: DEVICE,
};
