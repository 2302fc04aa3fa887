/** Inception of a lineage: the key that signs it, and the hash of the one that may follow (PROTOCOL §2 Identity). */

import { bytes, choice, type Field, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { digest, type Tier, tier, word } from "../shared-fields.ts";

export type KeyEvent = {
  readonly event: "inception";
  /** 65-byte uncompressed SEC1 point for ES256; 32 bytes for an authority's Ed25519. */
  readonly signingKey: Uint8Array;
  /** 000b ‖ SHA-256(TPMT_PUBLIC) of the attestation key; 34 zero bytes without a TPM. */
  readonly akName: Uint8Array;
  /** Id of the next signing key, or of the next key set: a stolen current key cannot rotate. */
  readonly nextKeyHash: Uint8Array;
  readonly nonce: Uint8Array;
  /** Who the author says that it belongs to. Pairs of one owner are self-dealing. */
  readonly owner: string;
  readonly tier: Tier;
};

const body: Field<KeyEvent> = struct<KeyEvent>({
  event: choice("inception"),
  signingKey: bytes(32, 65),
  akName: bytes(34),
  nextKeyHash: digest,
  nonce: digest,
  owner: word,
  tier,
});

export const keyEvent: Kind<KeyEvent> = {
  name: "key-event",
  summary: "The first record of a lineage: its signing key, attestation key and pre-committed next key.",
  body,
  mayBeNil: OFFLINE,
};
