/** The word that somebody may have meant. */

/** More slips than this, or than a third of the word, are another word; so is one that shares no letter. */
const SLIPS_MAX = 3;
/** Longer words come from nobody's keyboard; the table below stays small. */
const LENGTH_MAX = 64;

/** The word with the fewest inserted, dropped, changed or swapped letters, or null where none is near. */
export function nearestWord(word: string, words: readonly string[]): string | null {
  if (word.length > LENGTH_MAX) return null;
  let best: string | null = null;
  let fewest = Math.min(SLIPS_MAX, word.length - 1, Math.max(1, Math.floor(word.length / 3))) + 1;
  for (const candidate of words) {
    const slips = slipsBetween(word.toLowerCase(), candidate.toLowerCase());
    if (slips >= fewest) continue;
    best = candidate;
    fewest = slips;
  }
  return best;
}

/** Edit distance where a swap of neighbours is one slip. */
function slipsBetween(a: string, b: string): number {
  if (b.length > LENGTH_MAX) return LENGTH_MAX;
  let [above, row] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(above, j - 2) + 1);
      next.push(least);
    }
    [above, row] = [row, next];
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
