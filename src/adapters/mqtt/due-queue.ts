/** Acts in order of their instant, then of their asking, over one timer of a clock that promises no order. */
import { assert } from "../../core/base/assert.ts";
import type { Clock } from "../../ports/clock.ts";

const DUE_ACTS_MAX = 1_000_000;

type Due = { readonly dueUs: number; readonly turn: number; readonly act: () => void };

export class DueQueue {
  readonly #clock: Clock;
  /** A binary heap: each entry is due before the two at 2i + 1 and 2i + 2. */
  readonly #heap: Due[] = [];
  #turn = 0;
  #armed: { readonly dueUs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `act` at boot time `dueUs` or later, after all that was due before it. */
  add(dueUs: number, act: () => void): void {
    assert(this.#heap.length < DUE_ACTS_MAX, "each client's share of the queue is bounded");
    this.#heap.push({ dueUs, turn: this.#turn++, act });
    this.#rise(this.#heap.length - 1);
    this.#arm();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (first === undefined || (this.#armed !== null && this.#armed.dueUs <= first.dueUs)) return;
    this.#armed?.cancel();
    this.#armed = { dueUs: first.dueUs, cancel: this.#clock.at(first.dueUs, () => this.#run()) };
  }

  /** What an act adds for this very instant runs in the same call, in its turn. */
  #run(): void {
    this.#armed = null;
    const nowUs = this.#clock.read().bootUs;
    for (let first = this.#heap[0]; first !== undefined && first.dueUs <= nowUs; first = this.#heap[0]) {
      this.#takeFirst();
      first.act();
    }
    this.#arm();
  }

  #takeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) return;
      at = parent;
    }
  }

  #sink(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const child = this.#isBefore(left + 1, left) ? left + 1 : left;
      if (!this.#swapIfLater(at, child)) return;
      at = child;
    }
  }

  #swapIfLater(upper: number, lower: number): boolean {
    if (!this.#isBefore(lower, upper)) return false;
    const moved = this.#heap[upper] as Due;
    this.#heap[upper] = this.#heap[lower] as Due;
    this.#heap[lower] = moved;
    return true;
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#heap[a];
    const second = this.#heap[b];
    if (first === undefined || second === undefined) return false;
    return first.dueUs < second.dueUs || (first.dueUs === second.dueUs && first.turn < second.turn);
  }
}
