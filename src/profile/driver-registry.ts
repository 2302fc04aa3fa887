/**
 * What a profile has to know of the drivers, in a shape that the registries under hardware/ already have: the caller
 * hands their lists in, this room imports none.
 */

/** As `OptionKind` of ports/driver.ts: durations become µs, lengths mm, frequencies Hz, powers centi-dBm, degrees 1e-7 degree. */
export type DriverOptionKind =
  | "text"
  | "path"
  | "tcp-port"
  | "integer"
  | "boolean"
  | "duration"
  | "length"
  | "frequency"
  | "power"
  | "degrees";

export type DriverOption = {
  readonly kind: DriverOptionKind;
  readonly required: boolean;
  readonly doc: string;
};

/** A `DriverEntry` is one. */
export type DriverDescription = {
  readonly id: string;
  readonly summary: string;
  readonly simulated: boolean;
  readonly options: Readonly<Record<string, DriverOption>>;
};

/** The lists of the three registries. */
export type Drivers = {
  readonly tpm: readonly DriverDescription[];
  readonly gnss: readonly DriverDescription[];
  readonly radio: readonly DriverDescription[];
};

/** The driver that a profile names, with its options as the integers and texts that the driver receives. */
export type DriverChoice = {
  readonly driver: string;
  readonly options: Readonly<Record<string, string | number | boolean>>;
};
