/** A recognition rule: how a second observation shows that it belongs to the first (seed guide; PROTOCOL §6 Recognition). */
import type { Check } from "../../base/check.ts";
import type { Sha256 } from "../../base/primitives.ts";
import type { RuleId } from "../../record/kinds/offer.ts";
import type { Block } from "../../record/spectrum-fields.ts";

/** What a rule may read of the pair. */
export type Recognisable = {
  readonly offerId: Uint8Array;
  /** The offer's signed bytes. */
  readonly offerSigned: Uint8Array;
  readonly challenge: Uint8Array;
  readonly offeredResource: string;
  readonly resource: string;
  readonly block: Block;
  readonly consumer: Uint8Array;
  readonly nonce: Uint8Array;
};

export type RecognitionRule = {
  readonly id: RuleId;
  /** The answer that a consumer puts into its acceptance: 32 bytes, or none. */
  answer(pair: Recognisable, sha256: Sha256): Uint8Array;
  recognise(pair: Recognisable, answer: Uint8Array, sha256: Sha256): Check;
};
