/** What a guard drives: one transmitter, without any notion of deadlines, sessions or leases of its own. */
import type { DeclaredSpectrum } from "../../src/core/commodity/leakage.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Emission } from "../../src/ports/radio.ts";

export type DeviceCapabilities = {
  readonly model: string;
  readonly simulated: boolean;
  readonly lowestHz: number;
  readonly highestHz: number;
  /** Conducted, at the antenna port. */
  readonly powerMaxCentiDbm: number;
  /** Measured bound from `off` to silence, µs. */
  readonly offLatencyUs: number;
  /**
   * The device falls silent by itself when it is not fed for this long, µs, and when its host closes it.
   * null: it does not; then no guard may claim a deadman for it.
   */
  readonly feedPeriodUs: number | null;
  /** Absent where nobody knows. */
  readonly spectrum?: DeclaredSpectrum;
  /** As RadioCapabilities has it. */
  readonly dutyCycles?: "kept";
};

/** As read back from the device, never as remembered; a pause for a duty cycle's sake is no silence. */
export type DeviceState = { readonly emission: Emission | null };

export type DeviceOn = {
  readonly emission: Emission;
  /** 32 bytes in hex each; for devices that can tell a witness. */
  readonly lease: string;
  readonly cause: string;
};

export type DeviceEvent = { readonly kind: "lost"; readonly reason: string } | { readonly kind: "found" };

/**
 * Calls act in the order in which they were made: an `off` wins over every earlier `on`, also one that has not
 * resolved yet. Each settles within 3 s; rejections are PortErrors.
 */
export interface Device {
  readonly capabilities: DeviceCapabilities;
  /** Switches on, or retunes; resolves with what was read back. */
  on(order: DeviceOn): Promise<DeviceState>;
  /** Resolves with what was read back. Idempotent. `reason` is for a witness. */
  off(reason: string): Promise<DeviceState>;
  /** Puts the device's own deadman off by `feedPeriodUs`. */
  feed(): Promise<DeviceState>;
  readBack(): Promise<DeviceState>;
  listen(listener: (event: DeviceEvent) => void): void;
  /** Silences and lets go. */
  close(): Promise<void>;
}

/** Text of the guard program's `--option name=value` arguments, as they came. */
export type DeviceOptions = ReadonlyMap<string, string>;

/** Rejects with PortError when the device is not there, with Error when an option is wrong. */
export type OpenDevice = (clock: Clock, options: DeviceOptions) => Promise<Device>;
