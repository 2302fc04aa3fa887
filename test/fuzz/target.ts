/** One reader under fire: where its inputs come from, how they are changed, and what must hold for each. */
import type { Mutator } from "./mutator.ts";

export type Target = {
  readonly name: string;
  /** Good inputs to begin with; the same in every run. */
  seeds(): readonly Uint8Array[];
  readonly mutators: readonly [Mutator, ...Mutator[]];
  /** Inputs are cut to this length: what is longer is refused by its first line anyway. */
  readonly bytesMax: number;
  /** Throws where something does not hold; anything else that is thrown is a finding as well. */
  run(input: Uint8Array): void;
};

/** What an invariant says when it is broken. */
export function breach(what: string): never {
  throw new Error(`does not hold: ${what}`);
}
