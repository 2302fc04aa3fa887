/** A record kind: one table of field descriptors (PROTOCOL §1 Kinds are tables). */
import type { Field } from "./field.ts";
import type { NilableHeader } from "./header.ts";

export type Kind<Body> = {
  readonly name: string;
  /** One sentence for the printed specification and for `explain`. */
  readonly summary: string;
  readonly body: Field<Body>;
  /** Header fields that may be nil in this kind. */
  readonly mayBeNil: readonly NilableHeader[];
};

/** An author that is offline, or has nothing yet to name. */
export const OFFLINE: readonly NilableHeader[] = ["credential", "attestation", "policy", "time", "place"];
/** A device without TPM never attests; one without a fix still has to be able to give up rights. */
export const DEVICE: readonly NilableHeader[] = ["credential", "attestation", "policy", "time", "place"];
/** Where time, place, policy and credential are what the record is about. */
export const MARKET: readonly NilableHeader[] = ["attestation"];
/** What a lease runs on: time and authority are what it is about, the place may be without a fix for a while. */
export const RENEWING: readonly NilableHeader[] = ["attestation", "place"];
