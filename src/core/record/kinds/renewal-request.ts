/** The consumer asks to go on, naming its boot: renewals are asked for (PROTOCOL §6). */

import { bytes, type Field, nilable, struct } from "../field.ts";
import { type Kind, RENEWING } from "../kind.ts";
import { bootIdentity, bootUs, digest } from "../shared-fields.ts";

export type RenewalRequest = {
  readonly artifact: Uint8Array;
  readonly nonce: Uint8Array;
  readonly bootId: Uint8Array;
  /** Boot clock as the request entered the signing queue: the anchor of the mute deadline, however often it is re-sent. */
  readonly anchorBootUs: number;
  /** The last holder record that the consumer saw: a holder that was rolled back learns of it here. */
  readonly lastHolderRecord: Uint8Array;
  /** The renewal that answered the request before this one and extended the guard. */
  readonly lastRenewal: Uint8Array | null;
};

const body: Field<RenewalRequest> = struct<RenewalRequest>({
  artifact: digest,
  nonce: bytes(16),
  bootId: bootIdentity,
  anchorBootUs: bootUs,
  lastHolderRecord: digest,
  lastRenewal: nilable(digest),
});

export const renewalRequest: Kind<RenewalRequest> = {
  name: "renewal-request",
  summary: "The consumer asks the holder to let the lease run on, bound to this boot of its host.",
  body,
  mayBeNil: RENEWING,
};
