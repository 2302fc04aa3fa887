/** A seeded draw: every mutant gets a number from the seed and its key, and the lowest come first. */
import { createHash } from "node:crypto";
import type { Mutant } from "./mutant.ts";

/** All of `mutants` in the order of the draw; a change of the sources moves only the mutants that it touches. */
export function drawn(mutants: readonly Mutant[], seed: number): readonly Mutant[] {
  const lot = (key: string): string => createHash("sha256").update(`${seed}\n${key}`).digest("hex");
  return mutants
    .map((mutant) => ({ mutant, lot: lot(mutant.key) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ mutant }) => mutant);
}
