/** Its author has somebody else's record in hand: a party stores it in front of this one (PROTOCOL §2 foreign frames, §6). */

import { type Field, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type Acknowledgement = {
  readonly artifact: Uint8Array;
  /**
   * About this lease. A party's: the other side's record, or the acknowledgement of a level above, that no other record
   * of its own would keep. A level above the parties: the holder's settlement.
   */
  readonly record: Uint8Array;
};

const body: Field<Acknowledgement> = struct<Acknowledgement>({ artifact: digest, record: digest });

export const acknowledgement: Kind<Acknowledgement> = {
  name: "acknowledgement",
  summary:
    "Its author has a record in hand: a holder what the consumer sent, an authority above them the holder's settlement, a consumer that authority's word.",
  body,
  mayBeNil: DEVICE,
};
