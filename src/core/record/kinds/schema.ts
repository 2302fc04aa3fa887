/** What one unit of the commodity is: its steps, guard band and emission mask (seed guide "How to Approach the Build"). */

import { type Field, list, struct } from "../field.ts";
import { type Kind, OFFLINE } from "../kind.ts";
import { centiDbm, frequencyHz, word } from "../shared-fields.ts";
import { type Steps, steps } from "../spectrum-fields.ts";

export type MaskPoint = {
  /** Distance from the block's edge. */
  readonly offsetHz: number;
  /** Leakage limit from here to the next point, per `referenceHz`. */
  readonly centiDbm: number;
  readonly referenceHz: number;
};

export type Schema = {
  readonly name: string;
  readonly commodityClass: string;
  readonly steps: Steps;
  /** Kept free between two exclusive blocks of different leases. */
  readonly guardBandHz: number;
  readonly mask: readonly MaskPoint[];
};

const body: Field<Schema> = struct<Schema>({
  name: word,
  commodityClass: word,
  steps,
  guardBandHz: frequencyHz,
  mask: list(struct<MaskPoint>({ offsetHz: frequencyHz, centiDbm, referenceHz: frequencyHz }), 0, 16),
});

export const schema: Kind<Schema> = {
  name: "schema",
  summary: "A commodity: how its blocks divide, what guard they need, what may leak.",
  body,
  mayBeNil: OFFLINE,
};
