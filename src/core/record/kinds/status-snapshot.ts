/** An issuer's list of credentials that no longer hold, numbered (PROTOCOL §3 Revocation). */

import { limits } from "../../wire/limits.ts";
import { type Field, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { counter, digest, digests, instantUs } from "../shared-fields.ts";

export type StatusSnapshot = {
  /** Rises by one with each snapshot of this issuer. */
  readonly number: number;
  /** Id of the snapshot before; zero for the first. */
  readonly previousSnapshot: Uint8Array;
  readonly issuedUs: number;
  readonly revoked: readonly Uint8Array[];
};

const body: Field<StatusSnapshot> = struct<StatusSnapshot>({
  number: counter,
  previousSnapshot: digest,
  issuedUs: instantUs,
  revoked: digests(limits.SNAPSHOT_REVOKED_MAX),
});

export const statusSnapshot: Kind<StatusSnapshot> = {
  name: "status-snapshot",
  summary: "Which of an issuer's credentials are revoked, as of its issue time.",
  body,
  mayBeNil: OFFLINE,
};
