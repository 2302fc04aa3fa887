/** Enough use has left a budget's window: its suspension ends (PROTOCOL §7). */
import { type Field, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootIdentity, bootUs, counter, digest } from "../shared-fields.ts";

export type Resumption = {
  readonly suspension: Uint8Array;
  /** What still counts, and the number that applies by now. */
  readonly used: number;
  readonly allowed: number;
  /** The boot clock by which its author knew that the use had left: its UTC alone may lag behind. */
  readonly bootId: Uint8Array;
  readonly bootUs: number;
};

const body: Field<Resumption> = struct<Resumption>({
  suspension: digest,
  used: counter,
  allowed: counter,
  bootId: bootIdentity,
  bootUs,
});

export const resumption: Kind<Resumption> = {
  name: "resumption",
  summary: "A suspended budget has room again.",
  body,
  mayBeNil: DEVICE,
};
