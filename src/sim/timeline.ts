/** True time of a simulated world: things to be done at instants, one after another, everything that follows done between. */

export type Timeline = {
  /** µs of true time since the world began. */
  nowUs(): number;
  /** Things done so far. */
  events(): number;
  /** Does `act` once at `trueUs`, or at once where that has passed; after everything asked for earlier at that instant. */
  at(trueUs: number, act: () => void): () => void;
  /** Runs until an instant is reached, or `stop` says so after an event. Promises settle between two events. */
  run(untilUs: number, stop: () => boolean): Promise<void>;
};

type Item = { readonly trueUs: number; readonly order: number; act: (() => void) | null };

/** `settle` resolves once every promise that can go on without the timeline has done so. */
export function newTimeline(settle: () => Promise<void>): Timeline {
  const heap: Item[] = [];
  let [now, order, events] = [0, 0, 0];
  return {
    nowUs: () => now,
    events: () => events,
    at(trueUs, act) {
      const item: Item = { trueUs: Math.max(trueUs, now), order, act };
      order += 1;
      push(heap, item);
      return () => {
        item.act = null;
      };
    },
    async run(untilUs, stop) {
      while (!stop()) {
        const next = heap[0];
        if (next === undefined || next.trueUs > untilUs) {
          now = Math.max(now, untilUs);
          return;
        }
        pop(heap);
        const { act } = next;
        if (act === null) continue;
        now = next.trueUs;
        events += 1;
        act();
        await settle();
      }
    },
  };
}

function isBefore(a: Item, b: Item): boolean {
  return a.trueUs < b.trueUs || (a.trueUs === b.trueUs && a.order < b.order);
}

function push(heap: Item[], item: Item): void {
  let at = heap.push(item) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent] as Item;
    if (!isBefore(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Item[]): void {
  const last = heap.pop() as Item;
  if (heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Item, heap[child] as Item)) child += 1;
    if (!isBefore(heap[child] as Item, last)) break;
    heap[at] = heap[child] as Item;
    at = child;
  }
  heap[at] = last;
}
