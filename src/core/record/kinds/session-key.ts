/** From this record on a software key may sign what policy chose, until the next such record (PROTOCOL §10 Session keys). */

import { bytes, type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { bootIdentity, instantUs } from "../shared-fields.ts";

export type SessionKey = {
  /** nil: the device's own key alone signs from here on. */
  readonly certified: CertifiedKey | null;
};

/** In use under the policy that the header names, and for as long as that one lets it be. */
export type CertifiedKey = {
  /** 65-byte uncompressed SEC1 point, suite ES256. */
  readonly publicKey: Uint8Array;
  /** Its private half never leaves the memory of a process of this boot; the attestation that the header names quotes it. */
  readonly bootId: Uint8Array;
  /** The time of each record that it signs lies before this. */
  readonly untilUs: number;
};

const body: Field<SessionKey> = struct<SessionKey>({
  certified: nilable(
    struct<CertifiedKey>({
      publicKey: bytes(65),
      bootId: bootIdentity,
      untilUs: instantUs,
    }),
  ),
});

export const sessionKey: Kind<SessionKey> = {
  name: "session-key",
  summary:
    "A software key of this boot may sign what policy chose, from here to the next record of this kind.",
  body,
  mayBeNil: DEVICE,
};
