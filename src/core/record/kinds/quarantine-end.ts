/** The first record after a quarantine: whether the head was confirmed (PROTOCOL §2). */

import { type Field, flag, nilable, struct, text } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type QuarantineEnd = {
  readonly confirmed: boolean;
  /** The peer's record that named a head not beyond one's own. */
  readonly witness: Uint8Array | null;
  readonly reason: string;
};

const body: Field<QuarantineEnd> = struct<QuarantineEnd>({
  confirmed: flag,
  witness: nilable(digest),
  reason: text(200),
});

export const quarantineEnd: Kind<QuarantineEnd> = {
  name: "quarantine-end",
  summary: "Says why the quarantine began, and whether somebody else confirmed the head.",
  body,
  mayBeNil: DEVICE,
};
