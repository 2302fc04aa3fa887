/** A log in memory, for figures of the processor alone: appending costs nothing and is durable at once. */
import type { Frame, Store } from "../../src/ports/store.ts";

export type MemoryStore = Store & { readonly held: readonly Frame[] };

export function memoryStore(initial: readonly Frame[] = []): MemoryStore {
  const held: Frame[] = [...initial];
  return {
    held,
    tail: { kind: "clean" },
    async *frames(from = 0) {
      yield* held.slice(from);
    },
    get size() {
      return held.length;
    },
    async append(frames) {
      held.push(...frames);
    },
    async reopen() {},
    async cutTail() {},
    async readMark() {
      return null;
    },
    async writeMark() {},
    async close() {},
  };
}
