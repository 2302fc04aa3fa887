import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { DueQueue } from "../../src/adapters/mqtt/due-queue.ts";
import { MemoryBroker } from "../../src/adapters/mqtt/memory-broker.ts";
import type { MeshSession } from "../../src/adapters/mqtt/session.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import { message, watch } from "./mesh.ts";
import { defaults } from "./mesh-worlds.ts";

const LATENCY_US = 1000;

/** A clock that stands still until it is told to go on; timers of one instant fire in no promised order. */
class HandClock implements Clock {
  readonly bootId = new Uint8Array(16);
  nowUs = 0;
  readonly #timers = new Set<{ readonly bootUs: number; readonly wake: () => void }>();

  read(): { wallUs: number; bootUs: number } {
    return { wallUs: this.nowUs, bootUs: this.nowUs };
  }

  at(bootUs: number, wake: () => void): () => void {
    const timer = { bootUs, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs what is due up to `forUs` from now, and lets promises settle in between. */
  async run(forUs: number): Promise<void> {
    const endUs = this.nowUs + forUs;
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = [...this.#timers]
        .filter((one) => one.bootUs <= endUs)
        .sort((a, b) => a.bootUs - b.bootUs)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowUs = Math.max(this.nowUs, next.bootUs);
      next.wake();
    }
    this.nowUs = endUs;
  }

  get pending(): number {
    return this.#timers.size;
  }
}

describe("memory mesh under faults", () => {
  let clock: HandClock;
  let broker: MemoryBroker;
  beforeEach(() => {
    clock = new HandClock();
    broker = new MemoryBroker(clock, LATENCY_US);
  });

  async function open(
    clientId: string,
    session: Partial<MeshSession> = {},
  ): Promise<ReturnType<typeof watch>> {
    const one = watch(broker.open({ ...defaults, ...session, clientId }));
    await one.mesh.subscribe(["t/#"]);
    await clock.run(10 * LATENCY_US);
    return one;
  }

  async function send(mesh: Mesh, ...values: readonly number[]): Promise<void> {
    for (const value of values) {
      const sent = mesh.publish(message("t/x", Uint8Array.of(value)));
      await clock.run(LATENCY_US);
      await sent;
    }
    await clock.run(10 * LATENCY_US);
  }

  const values = (one: ReturnType<typeof watch>): (number | undefined)[] =>
    one.messages().map(({ bytes }) => bytes[0]);

  it("takes one latency to the broker and one more to the subscriber", async () => {
    const [a, b] = [await open("a"), await open("b")];
    void a.mesh.publish(message("t/x", Uint8Array.of(1)));
    await clock.run(2 * LATENCY_US - 1);
    expect(values(b)).toEqual([]);
    await clock.run(1);
    expect(values(b)).toEqual([1]);
  });

  it("loses, doubles, delays and swaps as many deliveries as it is told, then none", async () => {
    const b = await open("b");
    const c = await watchSender();
    broker.faults.drop(1);
    await send(c, 1, 2);
    broker.faults.duplicate(1);
    await send(c, 3, 4);
    broker.faults.delay(1, 3 * LATENCY_US);
    await send(c, 5, 6);
    broker.faults.reorder(3);
    await send(c, 7, 8, 9, 10);
    expect(values(b)).toEqual([2, 3, 3, 4, 6, 5, 9, 8, 7, 10]);
  });

  async function watchSender(): Promise<Mesh> {
    const mesh = broker.open({ ...defaults, clientId: "sender" });
    await clock.run(10 * LATENCY_US);
    return mesh;
  }

  it("asks the rule for each delivery, with its sender, receiver and topic", async () => {
    const [b, c] = [await open("b"), await open("c")];
    const sender = await watchSender();
    broker.faults.decide(({ from, to, topic }) =>
      from === "sender" && to === "b" && topic === "t/x" ? [] : [0],
    );
    await send(sender, 1);
    expect([values(b), values(c)]).toEqual([[], [1]]);
    broker.faults.heal();
    await send(sender, 2);
    expect([values(b), values(c)]).toEqual([[2], [1, 2]]);
  });

  it("parts the groups, retained messages too, until it heals", async () => {
    const [a, b, c] = [await open("a"), await open("b"), await open("c")];
    broker.faults.partition(["a", "b"], ["c"]);
    const kept = a.mesh.publish(message("t/kept", Uint8Array.of(1), true));
    await clock.run(10 * LATENCY_US);
    await kept;
    expect([values(a), values(b), values(c)]).toEqual([[1], [1], []]);
    const late = await open("late");
    expect(values(late)).toEqual([]);
    broker.faults.heal();
    await send(c.mesh, 2);
    expect([values(a), values(b), values(c), values(late)]).toEqual([[1, 2], [1, 2], [2], [2]]);
    expect(values(await open("later"))).toEqual([1]);
  });

  it("sends what a reordering held when it heals", async () => {
    const b = await open("b");
    const sender = await watchSender();
    broker.faults.reorder(3);
    await send(sender, 1, 2);
    expect(values(b)).toEqual([]);
    broker.faults.heal();
    await clock.run(10 * LATENCY_US);
    expect(values(b)).toEqual([2, 1]);
  });

  it("publishes the will of a killed client, frees its id, and never wakes the dead mesh", async () => {
    const b = await open("b");
    const dead = await open("dead", { will: message("t/will", Uint8Array.of(9)) });
    broker.kill("dead");
    await clock.run(10 * LATENCY_US);
    expect(values(b)).toEqual([9]);
    await expect(dead.mesh.publish(message("t/x", Uint8Array.of(1)))).rejects.toMatchObject({
      code: "mesh-down",
    });
    const again = await open("dead");
    expect(again.isUp()).toBe(true);
    const heard = dead.events.length;
    await send(b.mesh, 1);
    expect(dead.events.length).toBe(heard);
    expect(values(again)).toEqual([1]);
  });

  it("loses what was on its way to a client when the connection went, but not with a kept session", async () => {
    const kept = await open("kept", { clean: false });
    const fresh = await open("fresh");
    const sender = await watchSender();
    const sent = sender.publish(message("t/x", Uint8Array.of(1)));
    await clock.run(LATENCY_US);
    await sent;
    broker.cut("kept");
    broker.cut("fresh");
    await clock.run(10 * LATENCY_US);
    broker.restore("kept");
    broker.restore("fresh");
    await clock.run(10 * LATENCY_US);
    expect([values(kept), values(fresh)]).toEqual([[1], []]);
  });

  it("does the same in the same order every time, and leaves no timer when all is delivered", async () => {
    const run = async (): Promise<string> => {
      clock = new HandClock();
      broker = new MemoryBroker(clock, LATENCY_US);
      const all = [await open("a"), await open("b"), await open("c")];
      const seen: string[] = [];
      for (const [index, one] of all.entries()) {
        one.mesh.listen((event) =>
          seen.push(`${index}:${event.kind === "message" ? event.message.bytes : event.kind}`),
        );
      }
      broker.faults.duplicate(2);
      broker.faults.delay(2, 2500);
      for (const [index, one] of all.entries()) void one.mesh.publish(message("t/x", Uint8Array.of(index)));
      await clock.run(20 * LATENCY_US);
      expect(clock.pending).toBe(0);
      return seen.join(" ");
    };
    const first = await run();
    expect(first.split(" ").length).toBe(11);
    expect(await run()).toBe(first);
  });
});

describe("due queue", () => {
  it("runs acts by instant, then by the order of asking, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 }), { maxLength: 60 }), (dues) => {
        const timers: { bootUs: number; wake: () => void }[] = [];
        let nowUs = 0;
        const queue = new DueQueue({
          bootId: new Uint8Array(16),
          read: () => ({ wallUs: nowUs, bootUs: nowUs }),
          at: (bootUs, wake) => {
            const timer = { bootUs, wake };
            timers.push(timer);
            return () => void timers.splice(timers.indexOf(timer), 1);
          },
        });
        const ran: number[] = [];
        for (const [index, due] of dues.entries()) queue.add(due, () => ran.push(index));
        expect(timers.length).toBe(dues.length === 0 ? 0 : 1);
        for (let timer = timers.pop(); timer !== undefined; timer = timers.pop()) {
          nowUs = Math.max(nowUs, timer.bootUs);
          timer.wake();
        }
        const expected = dues
          .map((due, index) => ({ due, index }))
          .sort((a, b) => a.due - b.due || a.index - b.index);
        expect(ran).toEqual(expected.map(({ index }) => index));
      }),
    );
  });
});
