/** How often each fault struck in one run. */
export type FaultCounts = {
  count(fault: string): void;
  total(): number;
  /** In the order of their names. */
  byName(): Readonly<Record<string, number>>;
};

export function newFaultCounts(): FaultCounts {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    count(fault) {
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
      total += 1;
    },
    total: () => total,
    byName: () => Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
