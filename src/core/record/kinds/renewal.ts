/** The holder's answer to one renewal request: how long RF may go on (PROTOCOL §6). */

import { bytes, type Field, struct } from "../field.ts";
import { type Kind, RENEWING } from "../kind.ts";
import { bootIdentity, bootUs, digest, digests, durationUs, instantUs } from "../shared-fields.ts";

export type Renewal = {
  readonly request: Uint8Array;
  readonly artifact: Uint8Array;
  readonly nonce: Uint8Array;
  /** Boot of the consumer that asked; a renewal for another boot is stored and never armed. */
  readonly consumerBootId: Uint8Array;
  readonly durationUs: number;
  readonly transmitExpiryUs: number;
  /** Status snapshots that the expiry was judged by. */
  readonly snapshots: readonly Uint8Array[];
  readonly holderBootId: Uint8Array;
  /** The holder's boot clock as the renewal entered its signing queue. */
  readonly holderBootUs: number;
};

const body: Field<Renewal> = struct<Renewal>({
  request: digest,
  artifact: digest,
  nonce: bytes(16),
  consumerBootId: bootIdentity,
  durationUs,
  transmitExpiryUs: instantUs,
  snapshots: digests(12),
  holderBootId: bootIdentity,
  holderBootUs: bootUs,
});

export const renewal: Kind<Renewal> = {
  name: "renewal",
  summary: "The holder grants one more reach of transmission, in answer to one request.",
  body,
  mayBeNil: RENEWING,
};
