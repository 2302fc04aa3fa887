/**
 * What a session and the guard say to one another: JSON lines of at most 4 KiB over a unix socket of mode 0600.
 * A request has an id that its answer repeats; events have none. Anything malformed ends the connection, and
 * with it the session's lease.
 */
import { dutyCyclesFrom } from "../../../src/core/commodity/duty-cycle.ts";
import type { DeclaredSpectrum } from "../../../src/core/commodity/leakage.ts";
import type { Emission } from "../../../src/ports/radio.ts";
import { HEX_32, integerField, type LineFields, objectField, textField } from "./guard-lines.ts";

export const GUARD_WIRE_VERSION = 1;

/**
 * `session` is the answer to this connection's hello. `epoch` is the last that this session was told: the guard
 * raises it when a mute begins and when it is complete, so an order sent before its sender could know of a mute
 * never acts after it, in whichever buffer it waited.
 */
export type SessionStamp = { readonly session: string; readonly epoch: number };

export type GuardCommand =
  | { readonly do: "hello"; readonly version: number }
  | (SessionStamp & {
      readonly do: "arm";
      /** Hex of 32 bytes each. */
      readonly lease: string;
      readonly cause: string;
      readonly deadlineBootUs: number;
      readonly emission: Emission;
    })
  | (SessionStamp & { readonly do: "extend"; readonly lease: string; readonly deadlineBootUs: number })
  | { readonly do: "mute" }
  | { readonly do: "read-back" }
  | { readonly do: "heartbeat" };

export type GuardCapabilities = {
  readonly model: string;
  readonly simulated: boolean;
  /** `guard` only where the device falls silent by itself when the guard is gone. */
  readonly deadman: "guard" | "none";
  /** Bound from order or deadline to silence, the guard's own death included, µs. */
  readonly muteLatencyUs: number;
  readonly lowestHz: number;
  readonly highestHz: number;
  readonly powerMaxCentiDbm: number;
  readonly spectrum?: DeclaredSpectrum;
  readonly dutyCycles?: "kept";
};

export type GuardReadBack = {
  readonly emission: Emission | null;
  readonly lease: string | null;
  readonly deadlineBootUs: number | null;
  readonly readBootUs: number;
};

export type GuardResult =
  | {
      readonly kind: "hello";
      readonly session: string;
      readonly epoch: number;
      readonly bootUs: number;
      /** The owner's silence that mutes, µs; null: none. */
      readonly heartbeatUs: number | null;
      readonly capabilities: GuardCapabilities;
    }
  | { readonly kind: "read-back"; readonly readBack: GuardReadBack }
  | {
      readonly kind: "muted";
      readonly epoch: number;
      readonly mutedBootUs: number;
      readonly latencyUs: number;
    }
  | { readonly kind: "alive"; readonly bootUs: number };

export type GuardRefusal = {
  readonly code: GuardRefusalCode;
  readonly message: string;
  readonly retryable: boolean;
};

export type GuardRefusalCode =
  | "radio-deadline-passed"
  | "radio-not-armed"
  | "radio-busy"
  | "radio-superseded"
  | "radio-cause-spent"
  | "radio-out-of-range"
  | "radio-queue-full"
  | "radio-not-silent"
  | "radio-fault"
  | "radio-session";

export type MuteReason =
  | "commanded"
  | "deadline"
  | "pipe-closed"
  | "heartbeat"
  | "suspend"
  | "fault"
  | "startup"
  | "shutdown";

export type GuardEvent =
  | {
      readonly kind: "muted";
      readonly reason: MuteReason;
      readonly epoch: number;
      readonly mutedBootUs: number;
    }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "found" };

export type GuardMessage =
  | { readonly id: number; readonly result: GuardResult }
  | { readonly id: number; readonly refused: GuardRefusal }
  | { readonly event: GuardEvent };

export type GuardRequest = { readonly id: number; readonly command: GuardCommand };

export function guardRequestFields(request: GuardRequest): LineFields {
  return request;
}

/** The request in `fields`, or null when it is malformed. */
export function guardRequest(fields: LineFields): GuardRequest | null {
  const id = integerField(fields, "id");
  const inner = objectField(fields, "command");
  const command = inner === null ? null : guardCommand(inner);
  return id === null || command === null ? null : { id, command };
}

/** Messages come from the guard, which the operator started: their kind is checked, not each field. */
export function guardMessage(fields: LineFields): GuardMessage | null {
  if (objectField(fields, "event") !== null) return fields as unknown as GuardMessage;
  if (integerField(fields, "id") === null) return null;
  const body = objectField(fields, "result") ?? objectField(fields, "refused");
  return body === null ? null : (fields as unknown as GuardMessage);
}

function guardCommand(fields: LineFields): GuardCommand | null {
  switch (fields["do"]) {
    case "hello": {
      const version = integerField(fields, "version");
      return version === null ? null : { do: "hello", version };
    }
    case "arm":
      return armCommand(fields);
    case "extend": {
      const stamp = sessionStamp(fields);
      const lease = textField(fields, "lease", HEX_32);
      const deadlineBootUs = integerField(fields, "deadlineBootUs");
      if (stamp === null || lease === null || deadlineBootUs === null) return null;
      return { do: "extend", ...stamp, lease, deadlineBootUs };
    }
    case "mute":
    case "read-back":
    case "heartbeat":
      return { do: fields["do"] };
    default:
      return null;
  }
}

function armCommand(fields: LineFields): GuardCommand | null {
  const stamp = sessionStamp(fields);
  const lease = textField(fields, "lease", HEX_32);
  const cause = textField(fields, "cause", HEX_32);
  const deadlineBootUs = integerField(fields, "deadlineBootUs");
  const emission = emissionFields(objectField(fields, "emission"));
  if (stamp === null || lease === null || cause === null) return null;
  if (deadlineBootUs === null || emission === null) return null;
  return { do: "arm", ...stamp, lease, cause, deadlineBootUs, emission };
}

function sessionStamp(fields: LineFields): SessionStamp | null {
  const session = textField(fields, "session", /^[0-9.]{1,40}$/);
  const epoch = integerField(fields, "epoch");
  return session === null || epoch === null ? null : { session, epoch };
}

function emissionFields(fields: LineFields | null): Emission | null {
  if (fields === null) return null;
  const lowerHz = integerField(fields, "lowerHz");
  const upperHz = integerField(fields, "upperHz");
  const eirpCentiDbm = integerField(fields, "eirpCentiDbm", -100_000, 100_000);
  const dutyCycles = dutyCyclesFrom(fields["dutyCycles"] ?? []);
  if (lowerHz === null || upperHz === null || eirpCentiDbm === null || dutyCycles === null) return null;
  return { lowerHz, upperHz, eirpCentiDbm, dutyCycles };
}
