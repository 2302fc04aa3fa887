/** How much a time or a place is worth: the ordered levels, and two that stand apart (PROTOCOL §5). */

/** From worthless to best; a later one satisfies whoever asks for an earlier one. */
export const ORDERED_LEVELS = [
  "none",
  "asserted",
  "gnss",
  "gnss-consistent",
  "gnss-authenticated",
  "corroborated",
  "surveyed",
] as const;

/** Neither better nor worse than the others: they satisfy only whoever asks for exactly them (a bench's policy). */
export const APART_LEVELS = ["simulated", "replay"] as const;

export type Assurance = (typeof ORDERED_LEVELS)[number] | (typeof APART_LEVELS)[number];

export function assuranceAtLeast(level: Assurance, required: Assurance): boolean {
  const rank = rankOf(level);
  const requiredRank = rankOf(required);
  if (rank < 0 || requiredRank < 0) return level === required;
  return rank >= requiredRank;
}

/** -1 for the levels that stand apart. */
function rankOf(level: Assurance): number {
  return (ORDERED_LEVELS as readonly Assurance[]).indexOf(level);
}
