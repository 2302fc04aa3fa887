/** A record of the other side's is in hand, stored in front of this one (PROTOCOL §2 foreign frames, §6). */

import { type Field, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type Acknowledgement = {
  readonly artifact: Uint8Array;
  /** The other side's record about this lease that no other record of one's own would keep. */
  readonly record: Uint8Array;
};

const body: Field<Acknowledgement> = struct<Acknowledgement>({ artifact: digest, record: digest });

export const acknowledgement: Kind<Acknowledgement> = {
  name: "acknowledgement",
  summary:
    "The holder keeps what the consumer sent: a countersignature before its first renewal, a relinquishment after its own termination.",
  body,
  mayBeNil: DEVICE,
};
