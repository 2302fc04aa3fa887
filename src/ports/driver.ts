/** One hardware driver as its registry lists it: a file and one registry line add one. */
import type { Clock } from "./clock.ts";
import type { Entropy } from "./entropy.ts";
import type { Log } from "./log.ts";

/** Profiles write these with units; a driver receives the integer named behind each arrow. */
export type OptionKind =
  | "text"
  | "path"
  | "tcp-port"
  | "integer"
  | "boolean"
  /** → µs */
  | "duration"
  /** → mm */
  | "length"
  /** → Hz */
  | "frequency"
  /** → centi-dBm */
  | "power"
  /** → 1e-7 degree */
  | "degrees";

export type OptionSpec = {
  readonly kind: OptionKind;
  readonly required: boolean;
  readonly doc: string;
};

export type OptionValues = Readonly<Record<string, string | number | boolean>>;

export type DriverContext = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** For a TPM: which of the signing keys under its one attestation key, counted in the order of their use; none: the first. */
  readonly keyGeneration?: number;
};

export type OpenDriver<Port> = (context: DriverContext, options: OptionValues) => Promise<Port>;

export type DriverEntry<Port> = {
  /** What a profile writes, e.g. `gpsd`, `swtpm`, `simulated`. */
  readonly id: string;
  readonly summary: string;
  readonly simulated: boolean;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Loads the driver's module only when a profile names it. */
  load(): Promise<OpenDriver<Port>>;
};
