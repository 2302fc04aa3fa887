/** Inception of a lineage that several keys sign for together: an authority's root (PROTOCOL §1 Signatures, §2 Identity). */

import { type Field, struct } from "../field.ts";
import { type KeySet, keySet } from "../key-set.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { digest, type Tier, tier, word } from "../shared-fields.ts";

export type ThresholdInception = {
  readonly keys: KeySet;
  /** Id of the next signing key, or of the next key set. */
  readonly nextKeyHash: Uint8Array;
  readonly nonce: Uint8Array;
  readonly owner: string;
  /** Of the worst protected key. */
  readonly tier: Tier;
};

const body: Field<ThresholdInception> = struct<ThresholdInception>({
  keys: keySet,
  nextKeyHash: digest,
  nonce: digest,
  owner: word,
  tier,
});

export const thresholdInception: Kind<ThresholdInception> = {
  name: "threshold-inception",
  summary: "The first record of a lineage for which a number of several keys sign together.",
  body,
  mayBeNil: OFFLINE,
};
