/** Takes an offer back, from this position in the holder's lineage on (PROTOCOL §6). */

import { type Field, struct, text } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type Withdrawal = { readonly offer: Uint8Array; readonly reason: string };

const body: Field<Withdrawal> = struct<Withdrawal>({ offer: digest, reason: text(200) });

export const withdrawal: Kind<Withdrawal> = {
  name: "withdrawal",
  summary: "The holder takes an offer back: settlements before it stand, later acceptances are refused.",
  body,
  mayBeNil: DEVICE,
};
