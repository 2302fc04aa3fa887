/** What can go wrong between broker and client in a memory mesh: which deliveries are lost, late, doubled, swapped. */
import { assert } from "../../core/base/assert.ts";

/** One message on its way from the broker to one subscriber. */
export type Delivery = { readonly from: string; readonly to: string; readonly topic: string };

/** How late each copy arrives, µs beyond the latency: `[]` is lost, `[0]` is as it should be, `[0, 0]` is doubled. */
export type Fate = readonly number[];

/** Fates that may be planned ahead by `drop`, `delay`, `duplicate`, and deliveries that `reorder` may hold. */
const PLANNED_MAX = 10_000;

type Send = (lateUs: number) => void;

export class MeshFaults {
  #rule: ((delivery: Delivery) => Fate) | null = null;
  readonly #planned: Fate[] = [];
  #groups: ReadonlyMap<string, number> | null = null;
  #hold: { readonly count: number; readonly sends: Send[] } | null = null;

  /** Decides every delivery for which nothing else is planned; a seeded simulation hangs in here. null ends it. */
  decide(rule: ((delivery: Delivery) => Fate) | null): void {
    this.#rule = rule;
  }

  /** Loses the next `count` deliveries. */
  drop(count: number): void {
    this.#plan(count, []);
  }

  /** Makes the next `count` deliveries late by `lateUs`: later ones may overtake them. */
  delay(count: number, lateUs: number): void {
    this.#plan(count, [lateUs]);
  }

  /** Delivers the next `count` twice, as QoS 1 may. */
  duplicate(count: number): void {
    this.#plan(count, [0, 0]);
  }

  /** Holds deliveries until there are `count` of them, then sends the last one first. */
  reorder(count: number): void {
    assert(count >= 2 && count <= PLANNED_MAX, "a reordering swaps at least two");
    this.#release();
    this.#hold = { count, sends: [] };
  }

  /** From now on only clients of one group hear each other; clients in no list make a group of their own. */
  partition(...groups: readonly (readonly string[])[]): void {
    this.#groups = new Map(groups.flatMap((group, index) => group.map((client) => [client, index] as const)));
  }

  /** Ends partition, rule and plans, and sends what `reorder` held. */
  heal(): void {
    this.#groups = null;
    this.#rule = null;
    this.#planned.length = 0;
    this.#release();
  }

  isParted(from: string, to: string): boolean {
    return this.#groups !== null && this.#groups.get(from) !== this.#groups.get(to);
  }

  /** The broker's question: sends `delivery` as often, and as late, as it is fated to. */
  route(delivery: Delivery, send: Send): void {
    if (this.isParted(delivery.from, delivery.to)) return;
    if (this.#hold !== null) {
      this.#hold.sends.push(send);
      if (this.#hold.sends.length === this.#hold.count) this.#release();
      return;
    }
    const fate = this.#planned.shift() ?? this.#rule?.(delivery) ?? [0];
    for (const lateUs of fate) send(lateUs);
  }

  #plan(count: number, fate: Fate): void {
    assert(this.#planned.length + count <= PLANNED_MAX, "a test plans a few deliveries ahead");
    for (let i = 0; i < count; i++) this.#planned.push(fate);
  }

  #release(): void {
    const sends = this.#hold?.sends ?? [];
    this.#hold = null;
    for (const send of sends.reverse()) send(0);
  }
}
