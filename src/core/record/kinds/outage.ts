/** Names an interval in which something could not be recorded (PROTOCOL §2). */

import { type Field, struct, text } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootIdentity, bootUs } from "../shared-fields.ts";

export type Outage = {
  readonly what: string;
  readonly bootId: Uint8Array;
  readonly fromBootUs: number;
  readonly untilBootUs: number;
};

const body: Field<Outage> = struct<Outage>({
  what: text(200),
  bootId: bootIdentity,
  fromBootUs: bootUs,
  untilBootUs: bootUs,
});

export const outage: Kind<Outage> = {
  name: "outage",
  summary: "An interval of the boot clock in which events could not be recorded.",
  body,
  mayBeNil: DEVICE,
};
