/** From this record on other keys sign: those whose id the record before had committed to (PROTOCOL §2, §3). */

import { type Field, struct } from "../field.ts";
import { type KeySet, keySet } from "../key-set.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { digest, instantUs, type Tier, tier } from "../shared-fields.ts";

export type KeyRotation = {
  /** Its id is what the inception, or the rotation before, committed to; it signs this record. */
  readonly keys: KeySet;
  /** Id of the signer after this one. */
  readonly nextKeyHash: Uint8Array;
  /**
   * Until when, by the receiver's own time, records of the replaced keys that stand before this one are still taken in;
   * 0: at once no longer, as where a key was stolen.
   */
  readonly acceptedUntilUs: number;
  readonly tier: Tier;
};

const body: Field<KeyRotation> = struct<KeyRotation>({
  keys: keySet,
  nextKeyHash: digest,
  acceptedUntilUs: instantUs,
  tier,
});

export const keyRotation: Kind<KeyRotation> = {
  name: "key-rotation",
  summary: "Which keys sign a lineage from here on; signed by them, as the keys before had committed to.",
  body,
  mayBeNil: OFFLINE,
};
