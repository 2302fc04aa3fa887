/** Time went where it cannot go. It is written down and blocks nothing (PROTOCOL §5). */

import { choice, type Field, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootUs, instantUs } from "../shared-fields.ts";

export type TimeFault = {
  readonly what: "backward" | "replay-rewind" | "implausible";
  readonly fixUs: number;
  readonly expectedUs: number;
  readonly receivedBootUs: number;
};

const body: Field<TimeFault> = struct<TimeFault>({
  what: choice("backward", "replay-rewind", "implausible"),
  fixUs: instantUs,
  expectedUs: instantUs,
  receivedBootUs: bootUs,
});

export const timeFault: Kind<TimeFault> = {
  name: "time-fault",
  summary: "A fix whose time does not fit: backward, a rewound replay, or against the system clock.",
  body,
  mayBeNil: DEVICE,
};
