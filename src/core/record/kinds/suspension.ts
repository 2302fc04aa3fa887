/** A budget is used up: nothing more is admitted under it for the remainder of its window (PROTOCOL §7). */
import { type BudgetTerm, budgetTerm } from "../budget-fields.ts";
import { type Field, nilable, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { counter, digest, instantUs } from "../shared-fields.ts";

export type Suspension = {
  /** Lineage of the issuer whose number it is. */
  readonly authority: Uint8Array;
  /** With the number that applied, the largest of the subject's live credentials. */
  readonly term: BudgetTerm;
  readonly used: number;
  readonly sinceUs: number;
  /** When enough use will have left the window; nil where none ever will. */
  readonly untilUs: number | null;
};

const body: Field<Suspension> = struct<Suspension>({
  authority: digest,
  term: budgetTerm,
  used: counter,
  sinceUs: instantUs,
  untilUs: nilable(instantUs),
});

export const suspension: Kind<Suspension> = {
  name: "suspension",
  summary:
    "A budget is exhausted: what was used and allowed, and until when nothing more is admitted under it.",
  body,
  mayBeNil: DEVICE,
};
