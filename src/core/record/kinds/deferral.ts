/** Not decided yet: what is missing, and until when it is waited for (PROTOCOL §4 Verdicts). */

import { type Field, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest, digests, instantUs } from "../shared-fields.ts";

export type Deferral = {
  readonly subject: Uint8Array;
  /** Record ids that are not at hand; for a status snapshot that is still to come, its issuer's lineage id. */
  readonly missing: readonly Uint8Array[];
  /** The subject's confirmBy: nothing is settled after it. */
  readonly deadlineUs: number;
};

const body: Field<Deferral> = struct<Deferral>({
  subject: digest,
  missing: digests(16),
  deadlineUs: instantUs,
});

export const deferral: Kind<Deferral> = {
  name: "deferral",
  summary: "An acceptance waits for records that it depends on.",
  body,
  mayBeNil: DEVICE,
};
