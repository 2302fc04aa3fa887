/** What one unit of the commodity is: its steps, guard band and emission mask (seed guide "How to Approach the Build"). */

import { type Field, integer, list, nilable, struct } from "../field.ts";
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

/** How its users divide time between the two directions. */
export type Tdd = {
  /** Frame structure and its alignment to UTC, by a name of policy's: networks of one class are synchronised. */
  readonly class: string;
  /** Kept free between exclusive blocks of different classes. */
  readonly guardHz: number;
};

/** What the field strength at the border of a block's area may be. */
export type BorderLimit = {
  /** Hundredths of dB(µV/m), per `referenceHz`, at `heightMm` above ground. */
  readonly centiDbuvPerM: number;
  readonly referenceHz: number;
  readonly heightMm: number;
};

export type Schema = {
  readonly name: string;
  readonly commodityClass: string;
  readonly steps: Steps;
  /** Kept free between two exclusive blocks of different leases. */
  readonly guardBandHz: number;
  readonly mask: readonly MaskPoint[];
  /** nil: it says nothing of TDD. */
  readonly tdd: Tdd | null;
  readonly borderLimit: BorderLimit | null;
};

export const tdd: Field<Tdd> = struct<Tdd>({ class: word, guardHz: frequencyHz });

const body: Field<Schema> = struct<Schema>({
  name: word,
  commodityClass: word,
  steps,
  guardBandHz: frequencyHz,
  mask: list(struct<MaskPoint>({ offsetHz: frequencyHz, centiDbm, referenceHz: frequencyHz }), 0, 16),
  tdd: nilable(tdd),
  borderLimit: nilable(
    struct<BorderLimit>({
      centiDbuvPerM: integer(-30_000, 30_000),
      referenceHz: frequencyHz,
      heightMm: integer(0, 1_000_000),
    }),
  ),
});

export const schema: Kind<Schema> = {
  name: "schema",
  summary: "A commodity: how its blocks divide, what guard they need, what may leak.",
  body,
  mayBeNil: OFFLINE,
};
