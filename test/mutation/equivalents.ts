/**
 * Mutants that nobody could tell from the source, each with the reason. They count neither as killed nor as survived;
 * each run says how many it met, and names those that its tests killed all the same.
 */
export type Equivalent = {
  /** As the list of a run names it: file, mutator, original, replacement and number, with tabs between. */
  readonly key: string;
  readonly reason: string;
};

export const equivalents: readonly Equivalent[] = [
  {
    key: "src/core/base/trig.ts\tEqualityOperator\tstep <= last\tstep < last",
    reason:
      "The loops take as many steps of a power as a value needs, and the highest step only spares some: powers of two divide and multiply exactly.",
  },
  {
    key: "src/core/geometry/containment.ts\tConditionalExpression\ta.bounds.northE7 <= b.bounds.southE7\tfalse",
    reason:
      "A shortcut: where the bounds do not meet, no boundary enters the other, and the two are not the same.",
  },
  {
    key: "src/core/record/finding-field.ts\tEqualityOperator\tat > 0\tat >= 0",
    reason: "One step more looks before the first name, which is undefined and so not greater than any.",
  },
  {
    key: "src/core/window/spatial.ts\tBlockStatement\t{ const squared = horizontalErrorMm ** 2 + verticalErrorMm ** 2; const root = Math.floor(Math.sqrt(squared)); return root ** 2 >= squared ? root : root + 1; }\t{}",
    reason: "A shortcut for small errors: the way in whole numbers below it gives the same root, rounded up.",
  },
];
