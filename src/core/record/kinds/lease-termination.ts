/** The holder ends a lease. It frees nothing by itself (PROTOCOL §6). */

import { choice, type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type TerminationReason =
  | "not-countersigned"
  | "not-effective"
  | "lapsed"
  | "ended"
  | "relinquished"
  | "link-fallen"
  | "preempted"
  | "operator";

export type LeaseTermination = {
  readonly artifact: Uint8Array;
  readonly reason: TerminationReason;
  /** The record that led to it: a relinquishment, a late countersignature, a status snapshot, a directive. */
  readonly cause: Uint8Array | null;
  /** The credential that fell, for `link-fallen`. */
  readonly link: Uint8Array | null;
};

const body: Field<LeaseTermination> = struct<LeaseTermination>({
  artifact: digest,
  reason: choice(
    "not-countersigned",
    "not-effective",
    "lapsed",
    "ended",
    "relinquished",
    "link-fallen",
    "preempted",
    "operator",
  ),
  cause: nilable(digest),
  link: nilable(digest),
});

export const leaseTermination: Kind<LeaseTermination> = {
  name: "lease-termination",
  summary: "The holder ends a lease; the block stays occupied until every renewal signed for it has run out.",
  body,
  mayBeNil: DEVICE,
};
