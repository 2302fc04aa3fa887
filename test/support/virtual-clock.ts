/** True time in a scene, and a host's boot clock with its own start and drift. */

export type HostClock = {
  readonly bootId: Uint8Array;
  /** The boot clock at a true instant; integer µs. */
  bootUsAt(trueUs: number): number;
  /** The earliest true instant at which the boot clock reads at least `bootUs`. */
  trueUsAt(bootUs: number): number;
};

/** `driftPpm` > 0: the clock runs fast. The boot was at `bootedUs` of true time. */
export function hostClock(bootId: Uint8Array, bootedUs: number, driftPpm: number): HostClock {
  const rate = 1 + driftPpm / 1_000_000;
  const bootUsAt = (trueUs: number): number => Math.floor((trueUs - bootedUs) * rate);
  return {
    bootId,
    bootUsAt,
    trueUsAt(bootUs) {
      let trueUs = bootedUs + Math.floor(bootUs / rate);
      while (bootUsAt(trueUs) < bootUs) trueUs += 1;
      return trueUs;
    },
  };
}

/** Things to be done at true instants, in order of time, then of asking. */
export type Agenda = {
  nowUs(): number;
  at(trueUs: number, act: () => void): void;
  /** Runs everything due up to `trueUs`, each at its instant. */
  runUntil(trueUs: number): void;
};

type Item = { readonly trueUs: number; readonly order: number; readonly act: () => void };

export function agenda(startUs: number): Agenda {
  const heap: Item[] = [];
  let [nowUs, order] = [startUs, 0];
  const before = (a: Item, b: Item): boolean =>
    a.trueUs < b.trueUs || (a.trueUs === b.trueUs && a.order < b.order);

  function push(item: Item): void {
    let i = heap.push(item) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Item;
      if (!before(item, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = item;
  }

  function pop(): Item {
    const top = heap[0] as Item;
    const last = heap.pop() as Item;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Item, heap[child] as Item)) child += 1;
      if (!before(heap[child] as Item, last)) break;
      heap[i] = heap[child] as Item;
      i = child;
    }
    heap[i] = last;
    return top;
  }

  return {
    nowUs: () => nowUs,
    at(trueUs, act) {
      push({ trueUs: Math.max(trueUs, nowUs), order, act });
      order += 1;
    },
    runUntil(trueUs) {
      while (heap.length > 0 && (heap[0] as Item).trueUs <= trueUs) {
        const item = pop();
        nowUs = item.trueUs;
        item.act();
      }
      nowUs = trueUs;
    },
  };
}
