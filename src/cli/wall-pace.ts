/** How long a run at the wall's pace waits before its next slice: it is never ahead of the clock, and may be behind it. */
export function waitMs(simulatedUs: number, elapsedMs: number): number {
  return Math.max(0, simulatedUs / 1000 - elapsedMs);
}
