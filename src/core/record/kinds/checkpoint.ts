/** The Merkle root of leaves 0…n−1 of this epoch, with the TPM counter that it is flushed before (PROTOCOL §2). */

import { type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { counter, digest } from "../shared-fields.ts";

export type Checkpoint = {
  readonly size: number;
  readonly root: Uint8Array;
  /** Value that the TPM's counter has after the increment that follows this flush. */
  readonly tpmCounter: number | null;
};

const body: Field<Checkpoint> = struct<Checkpoint>({
  size: counter,
  root: digest,
  tpmCounter: nilable(counter),
});

export const checkpoint: Kind<Checkpoint> = {
  name: "checkpoint",
  summary: "The size and Merkle root of the lineage so far.",
  body,
  mayBeNil: DEVICE,
};
