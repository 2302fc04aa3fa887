/** A transmitter behind its guard. Drivers translate; they never decide (STYLE 18). */

import type { DeclaredSpectrum } from "../core/commodity/leakage.ts";
import type { DutyCycle } from "../core/record/spectrum-fields.ts";

export type RadioCapabilities = {
  readonly model: string;
  readonly simulated: boolean;
  /**
   * Who silences the transmitter when the agent is gone: the device itself, the guard process, or nobody.
   * `guard` only where the device falls silent by itself when its host stops feeding or closes it (PROTOCOL §6).
   */
  readonly deadman: "device" | "guard" | "none";
  /** `advisory`: the driver can ask but not switch. */
  readonly controls: "transmitter" | "advisory";
  /** Measured bound from mute command or deadline to silence, µs. */
  readonly muteLatencyUs: number;
  readonly lowestHz: number;
  readonly highestHz: number;
  /** Conducted, at the antenna port. */
  readonly powerMaxCentiDbm: number;
  /** Absent where nobody knows. */
  readonly spectrum?: DeclaredSpectrum;
  /**
   * The transmitter itself pauses so that it keeps each duty cycle that it is armed with, over mutes, arms and restarts of
   * its host: what was on the air before counts. Absent: nothing does.
   */
  readonly dutyCycles?: "kept";
};

/** What to emit. The occupied band [lowerHz, upperHz) holds 99 % of the power. */
export type Emission = {
  readonly lowerHz: number;
  readonly upperHz: number;
  readonly eirpCentiDbm: number;
  /** All of them hold; empty: the transmitter may be on the air all the time. */
  readonly dutyCycles: readonly DutyCycle[];
};

export type ArmOrder = {
  /** 32-byte artifact id: the lease that entitles the emission. */
  readonly lease: Uint8Array;
  /** 32-byte id of the actuation record that caused it; stands in the transmit log. */
  readonly cause: Uint8Array;
  /** Absolute boot clock, µs, at which the guard mutes unless a later arm of the same lease extended it. */
  readonly deadlineBootUs: number;
  readonly emission: Emission;
};

export type ExtendOrder = {
  readonly lease: Uint8Array;
  /** The later of this and the standing deadline holds; an earlier one changes nothing. */
  readonly deadlineBootUs: number;
};

export type ReadBack = {
  /** Also while the transmitter pauses to keep a duty cycle. */
  readonly on: boolean;
  readonly emission: Emission | null;
  readonly lease: Uint8Array | null;
  /** Deadline that the guard holds, boot clock, or null when muted. */
  readonly deadlineBootUs: number | null;
  readonly readBootUs: number;
};

export type Muted = {
  /** Boot clock at which the radio was silent for certain. */
  readonly mutedBootUs: number;
  /** Time from the order to certain silence. */
  readonly latencyUs: number;
};

export type RadioEvent =
  /** The guard muted by itself. */
  | {
      readonly kind: "muted";
      readonly reason: "deadline" | "pipe-closed" | "heartbeat" | "suspend" | "fault";
      readonly mutedBootUs: number;
    }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "found" };

export interface Radio {
  readonly capabilities: RadioCapabilities;
  /**
   * Sets the guard's deadline first, then switches RF on. Resolves when the device was read back. Refuses
   * (PortError `radio-deadline-passed`) a deadline that is not ahead, and (`radio-out-of-range`) duty cycles that the device
   * does not keep. After a mute, RF comes on again only by a new `arm`.
   */
  arm(order: ArmOrder): Promise<ReadBack>;
  /** Extends a standing lease only; PortError `radio-not-armed` when the radio is mute or of another lease. */
  extend(order: ExtendOrder): Promise<ReadBack>;
  /**
   * Resolves only when no earlier command of any connection can still switch RF on, and the device is silent.
   * Idempotent. Rejects only when silence cannot be established.
   */
  mute(): Promise<Muted>;
  readBack(): Promise<ReadBack>;
  listen(listener: (event: RadioEvent) => void): () => void;
  /** Mutes, then lets go of the device. */
  close(): Promise<void>;
}
