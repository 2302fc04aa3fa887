/** What evaluation finds about a pair that was changed in one place. */
import type { Check } from "../../../src/core/base/check.ts";
import { type Evaluation, evaluate } from "../../../src/core/pairing/evaluate.ts";
import { type Pair, type PairChange, pairOf, primitives } from "../../support/pair-builder.ts";
import { assertTold } from "../../support/told.ts";

export function evaluated({ offer, acceptance, context, bodies }: Pair): Evaluation {
  const evaluation = evaluate(offer, acceptance, context, bodies, primitives);
  assertTold(evaluation.checks.filter(({ passed }) => !passed));
  return evaluation;
}

export function checksOf(change: PairChange = {}): readonly Check[] {
  return evaluated(pairOf(change)).checks;
}

export function failedOf(change: PairChange): readonly Check[] {
  return checksOf(change).filter(({ passed }) => !passed);
}

/** A change, the one check that fails for it, and beside it the last value that still passes. */
export type Fault = {
  readonly name: string;
  readonly change: PairChange;
  readonly code: string;
  readonly field: string;
  readonly measured: object;
  readonly required: object;
  readonly otherwise?: Check["otherwise"];
  /** Changes at the very edge: nothing fails. */
  readonly edge?: PairChange;
};
