/** What waits for the broker's word, the oldest first, with one timer for the oldest. */
import type { Clock } from "../../ports/clock.ts";
import type { PortError } from "../../ports/port-error.ts";

/** A broker that answers pings and acknowledges nothing for so long is as good as gone. */
const ACKNOWLEDGEMENT_US_MAX = 30_000_000;

type Entry = { readonly sinceBootUs: number; readonly fail: (error: PortError) => void };

export class Acknowledgements {
  readonly #clock: Clock;
  readonly #overdue: () => void;
  readonly #entries = new Set<Entry>();
  #cancel: (() => void) | null = null;

  constructor(clock: Clock, overdue: () => void) {
    this.#clock = clock;
    this.#overdue = overdue;
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Settles as `work` does, or rejects by `failAll`, whichever comes first. */
  watch(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry: Entry = { sinceBootUs: this.#clock.read().bootUs, fail: reject };
      this.#entries.add(entry);
      this.#cancel ??= this.#clock.at(entry.sinceBootUs + ACKNOWLEDGEMENT_US_MAX, () => this.#check());
      work.then(resolve, reject).finally(() => this.#entries.delete(entry));
    });
  }

  failAll(error: PortError): void {
    for (const entry of this.#entries) entry.fail(error);
    this.#entries.clear();
  }

  /** Leaves no timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #check(): void {
    this.#cancel = null;
    const [oldest] = this.#entries;
    if (oldest === undefined) return;
    const dueBootUs = oldest.sinceBootUs + ACKNOWLEDGEMENT_US_MAX;
    if (this.#clock.read().bootUs >= dueBootUs) this.#overdue();
    else this.#cancel = this.#clock.at(dueBootUs, () => this.#check());
  }
}
