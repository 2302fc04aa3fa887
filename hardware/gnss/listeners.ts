/** Who listens to one receiver. Events reach every listener in order; nobody hears anything after `close`. */
import type { GnssEvent } from "../../src/ports/gnss.ts";
import { PortError } from "../../src/ports/port-error.ts";

const LISTENERS_MAX = 64;

export type Listeners = {
  add(listener: (event: GnssEvent) => void): () => void;
  emit(event: GnssEvent): void;
  close(): void;
};

/** `first` runs once, when the first listener came: a receiver starts then, so that it misses nothing. */
export function listeners(first: () => void): Listeners {
  const present = new Set<{ readonly call: (event: GnssEvent) => void }>();
  let started = false;
  let closed = false;
  return {
    add(listener) {
      if (closed) return () => undefined;
      if (present.size >= LISTENERS_MAX) {
        throw new PortError("gnss", "gnss-too-many-listeners", `more than ${LISTENERS_MAX} listeners`, false);
      }
      const entry = { call: listener };
      present.add(entry);
      if (!started) {
        started = true;
        first();
      }
      return () => {
        present.delete(entry);
      };
    },
    emit(event) {
      // A copy, because a listener may add or remove listeners; one removed meanwhile hears nothing more.
      for (const entry of [...present]) if (present.has(entry)) entry.call(event);
    },
    close() {
      closed = true;
      present.clear();
    },
  };
}
