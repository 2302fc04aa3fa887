/** What every mesh promises (ports/mesh), whatever carries it; `mesh.test.ts` runs it over each. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TOPIC_BYTES_MAX } from "../../src/adapters/mqtt/mesh-topic.ts";
import type { Mesh, MeshEvent, MeshMessage } from "../../src/ports/mesh.ts";
import type { MeshWorld } from "./mesh-worlds.ts";

const WAIT_MS = 10_000;
const POLL_MS = 5;
/** Long enough for what must not come to come, were it on its way. */
const QUIET_MS = 150;

export function meshConformance(name: string, openWorld: () => Promise<MeshWorld>, isMissing = false): void {
  describe.skipIf(isMissing)(name, () => {
    let world: MeshWorld;
    beforeEach(async () => {
      world = await openWorld();
    });
    afterEach(() => world.close());

    it("delivers what is published to those who subscribed, bytes unchanged, and to nobody else", async () => {
      const [a, b, c] = [await client(world, "a"), await client(world, "b"), await client(world, "c")];
      await b.mesh.subscribe(["spectrum/v1/x"]);
      await c.mesh.subscribe(["spectrum/v1/y"]);
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      await a.mesh.publish(message("spectrum/v1/x", bytes));
      await a.mesh.publish(message("spectrum/v1/y", Uint8Array.of(1)));
      await until(() => b.messages().length === 1 && c.messages().length === 1);
      expect(b.messages()).toEqual([{ topic: "spectrum/v1/x", bytes, retain: false }]);
      expect(c.messages()).toEqual([{ topic: "spectrum/v1/y", bytes: Uint8Array.of(1), retain: false }]);
      expect(a.messages()).toEqual([]);
    });

    it("keeps each publisher's order", async () => {
      const [a, b, c] = [await client(world, "a"), await client(world, "b"), await client(world, "c")];
      await c.mesh.subscribe(["order/#"]);
      const count = 100;
      const sends: Promise<void>[] = [];
      for (let i = 0; i < count; i++) {
        sends.push(a.mesh.publish(message("order/a", Uint8Array.of(i))));
        sends.push(b.mesh.publish(message("order/b", Uint8Array.of(i))));
      }
      await Promise.all(sends);
      await until(() => c.messages().length === 2 * count);
      for (const topic of ["order/a", "order/b"]) {
        const seen = c
          .messages()
          .filter((one) => one.topic === topic)
          .map((one) => one.bytes[0]);
        expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
      }
    });

    it("takes `+` for one level and a trailing `#` for the rest and the level before", async () => {
      const a = await client(world, "a");
      const filters = { b: "t/+/z", c: "t/y/#", d: "t/#" };
      const others = await Promise.all(
        Object.entries(filters).map(async ([id, filter]) => {
          const one = await client(world, id);
          await one.mesh.subscribe([filter]);
          return one;
        }),
      );
      const topics = ["t", "t/y", "t/y/z", "t/q/z", "t/y/z/z", "u/y/z", "t/end"];
      for (const topic of topics) await a.mesh.publish(message(topic, Uint8Array.of(1)));
      const seen = (index: number): string[] => others[index]?.messages().map((one) => one.topic) ?? [];
      await until(
        () => seen(2).includes("t/end") && seen(1).includes("t/y/z/z") && seen(0).includes("t/q/z"),
      );
      expect(seen(0)).toEqual(["t/y/z", "t/q/z"]);
      expect(seen(1)).toEqual(["t/y", "t/y/z", "t/y/z/z"]);
      expect(seen(2)).toEqual(["t", "t/y", "t/y/z", "t/q/z", "t/y/z/z", "t/end"]);
    });

    it("delivers one message once to a client whose filters overlap", async () => {
      const [a, b] = [await client(world, "a"), await client(world, "b")];
      await b.mesh.subscribe(["t/#", "t/+", "t/x"]);
      await a.mesh.publish(message("t/x", Uint8Array.of(1)));
      await a.mesh.publish(message("t/end", Uint8Array.of(2)));
      await until(() => b.messages().some((one) => one.topic === "t/end"));
      await quiet();
      expect(b.messages().map((one) => one.topic)).toEqual(["t/x", "t/end"]);
    });

    it("gives the last retained message of a topic to those who come later, marked as retained", async () => {
      const a = await client(world, "a");
      await a.mesh.publish(message("kept/x", Uint8Array.of(1), true));
      await a.mesh.publish(message("kept/x", Uint8Array.of(2), true));
      await a.mesh.publish(message("kept/y", Uint8Array.of(3), false));
      const b = await client(world, "b");
      await b.mesh.subscribe(["kept/#"]);
      await until(() => b.messages().length === 1);
      await quiet();
      expect(b.messages()).toEqual([{ topic: "kept/x", bytes: Uint8Array.of(2), retain: true }]);
    });

    it("clears a retained message by empty bytes, which those who are here still receive", async () => {
      const [a, b] = [await client(world, "a"), await client(world, "b")];
      await b.mesh.subscribe(["kept/#"]);
      await a.mesh.publish(message("kept/x", Uint8Array.of(1), true));
      await a.mesh.publish(message("kept/x", new Uint8Array(0), true));
      await until(() => b.messages().length === 2);
      expect(b.messages().map((one) => one.bytes.length)).toEqual([1, 0]);
      const c = await client(world, "c");
      await c.mesh.subscribe(["kept/#"]);
      await a.mesh.publish(message("kept/end", Uint8Array.of(9)));
      await until(() => c.messages().length > 0);
      await quiet();
      expect(c.messages().map((one) => one.topic)).toEqual(["kept/end"]);
    });

    it("counts and drops a message that is too long for the receiver, and goes on", async () => {
      const a = await client(world, "a", { maxMessageBytes: 100_000 });
      const b = await client(world, "b", { maxMessageBytes: 100 });
      await b.mesh.subscribe(["t/#"]);
      await a.mesh.publish(message("t/x", new Uint8Array(101)));
      await a.mesh.publish(message("t/x", new Uint8Array(100_000)));
      await a.mesh.publish(message("t/x", new Uint8Array(100)));
      await until(() => b.messages().length === 1);
      expect(b.messages().map((one) => one.bytes.length)).toEqual([100]);
      expect(b.mesh.dropped()).toBe(2);
      expect(b.events.filter((event) => event.kind === "down")).toEqual([]);
    });

    it("refuses to publish more than its own limit", async () => {
      const a = await client(world, "a", { maxMessageBytes: 100 });
      const attempt = a.mesh.publish(message("t/x", new Uint8Array(101)));
      await expect(attempt).rejects.toMatchObject({
        port: "mesh",
        code: "mesh-message-too-long",
        retryable: false,
      });
      await a.mesh.publish(message("t/x", new Uint8Array(100)));
    });

    it("counts and drops a message on a malformed topic, and goes on", async () => {
      const b = await client(world, "b");
      await b.mesh.subscribe(["#"]);
      const bad = ["Upper/x", "t//x", "t/x/", "t/ü", "t x", `t/${"a".repeat(TOPIC_BYTES_MAX - 1)}`];
      for (const topic of bad) await world.inject(topic, Uint8Array.of(1));
      await world.inject(`t/${"a".repeat(TOPIC_BYTES_MAX - 2)}`, Uint8Array.of(2));
      await until(() => b.messages().length === 1 && b.mesh.dropped() === bad.length);
      expect(b.messages().map((one) => one.bytes)).toEqual([Uint8Array.of(2)]);
    });

    it("rejects a publish when too many await the broker, and takes more when they are through", async () => {
      const a = await client(world, "a", { inFlightMax: 3 });
      const sends = Array.from({ length: 5 }, (_, i) => a.mesh.publish(message("t/x", Uint8Array.of(i))));
      const outcomes = await Promise.allSettled(sends);
      expect(outcomes.map((one) => one.status)).toEqual([
        "fulfilled",
        "fulfilled",
        "fulfilled",
        "rejected",
        "rejected",
      ]);
      await expect(sends[4]).rejects.toMatchObject({ code: "mesh-queue-full", retryable: true });
      await a.mesh.publish(message("t/x", Uint8Array.of(9)));
    });

    it("rejects a publish while the broker is down, and comes back with its subscriptions when it is up", async () => {
      const [a, b] = [await client(world, "a"), await client(world, "b")];
      await b.mesh.subscribe(["t/#"]);
      await world.stopBroker();
      await until(() => a.isDown() && b.isDown());
      const attempt = a.mesh.publish(message("t/x", Uint8Array.of(1)));
      await expect(attempt).rejects.toMatchObject({ port: "mesh", code: "mesh-down", retryable: true });
      await b.mesh.subscribe(["u/#"]);
      await world.startBroker();
      await until(() => a.isUp() && b.isUp());
      await a.mesh.publish(message("t/x", Uint8Array.of(2)));
      await a.mesh.publish(message("u/x", Uint8Array.of(3)));
      await until(() => b.messages().length >= 2);
      // What was refused while down is not sent later.
      expect(b.messages().map((one) => one.bytes[0])).toEqual([2, 3]);
      for (const one of [a, b])
        expect(one.lifecycle().filter((kind, at, all) => kind !== all[at - 1])).toEqual(["up", "down", "up"]);
    });

    it("rejects what was in flight when the connection went", async () => {
      const a = await client(world, "a");
      const send = a.mesh.publish(message("t/x", Uint8Array.of(1)));
      world.cut("a");
      await expect(send).rejects.toMatchObject({ port: "mesh", code: "mesh-down", retryable: true });
      await until(() => a.isDown());
      await expect(a.mesh.publish(message("t/x", Uint8Array.of(1)))).rejects.toMatchObject({
        code: "mesh-down",
      });
    });

    it("opens while the broker is away, and is up when the broker comes", async () => {
      await world.stopBroker();
      const late = watch(await world.open({ clientId: "late" }));
      await late.mesh.subscribe(["t/#"]);
      await expect(late.mesh.publish(message("t/x", Uint8Array.of(1)))).rejects.toMatchObject({
        code: "mesh-down",
      });
      await world.startBroker();
      await until(() => late.isUp());
      await late.mesh.publish(message("t/x", Uint8Array.of(2)));
      await until(() => late.messages().length === 1);
    });

    it("has its will delivered when it dies uncleanly, and not when it closes", async () => {
      const will = message("wills/a", Uint8Array.of(7), true);
      const [a, b] = [await client(world, "a", { will }), await client(world, "b")];
      await b.mesh.subscribe(["wills/#"]);
      world.cut("a");
      await until(() => a.isDown() && b.messages().length === 1);
      expect(b.messages()).toEqual([{ ...will, retain: false }]);
      const c = await client(world, "c");
      await c.mesh.subscribe(["wills/#"]);
      await until(() => c.messages().length === 1);
      expect(c.messages()).toEqual([will]);

      world.restore("a");
      await until(() => a.isUp());
      await a.mesh.close();
      await quiet();
      expect(b.messages().length).toBe(1);
    });

    it("closes as often as one likes, and nothing is heard or taken after", async () => {
      const [a, b] = [await client(world, "a"), await client(world, "b")];
      await b.mesh.subscribe(["t/#"]);
      await Promise.all([b.mesh.close(), b.mesh.close()]);
      await b.mesh.close();
      const heard = b.events.length;
      b.mesh.listen((event) => b.events.push(event));
      await a.mesh.publish(message("t/x", Uint8Array.of(1)));
      await world.stopBroker();
      await until(() => a.isDown());
      await quiet();
      expect(b.events.length).toBe(heard);
      await expect(b.mesh.publish(message("t/x", Uint8Array.of(1)))).rejects.toMatchObject({
        code: "mesh-down",
      });
      await expect(b.mesh.subscribe(["v/#"])).rejects.toMatchObject({ code: "mesh-down" });
    });

    it("closes while it is down", async () => {
      const a = await client(world, "a");
      await world.stopBroker();
      await until(() => a.isDown());
      await a.mesh.close();
      const heard = a.events.length;
      await world.startBroker();
      await quiet();
      expect(a.events.length).toBe(heard);
    });

    it("tells one listener no more once it was taken off, and others still", async () => {
      const a = await client(world, "a");
      await a.mesh.subscribe(["t/#"]);
      const extra: MeshEvent[] = [];
      const off = a.mesh.listen((event) => extra.push(event));
      await a.mesh.publish(message("t/x", Uint8Array.of(1)));
      await until(() => extra.length === 1);
      off();
      await a.mesh.publish(message("t/x", Uint8Array.of(2)));
      await until(() => a.messages().length === 2);
      expect(extra.length).toBe(1);
    });

    it("bounds its filters", async () => {
      const a = await client(world, "a");
      const many = Array.from({ length: 1024 }, (_, i) => `f/${i}`);
      await a.mesh.subscribe(many);
      await expect(a.mesh.subscribe(["one/more"])).rejects.toMatchObject({ code: "mesh-filters-full" });
      await a.mesh.subscribe(["f/0"]);
      await a.mesh.publish(message("f/1023", Uint8Array.of(1)));
      await until(() => a.messages().length === 1);
    });

    it("keeps a session that asked for it: what came while it was away is delivered when it returns", async () => {
      const [a, b] = [await client(world, "a"), await client(world, "b", { clean: false })];
      await b.mesh.subscribe(["t/#"]);
      world.cut("b");
      await until(() => b.isDown());
      await a.mesh.publish(message("t/x", Uint8Array.of(1)));
      await a.mesh.publish(message("t/x", Uint8Array.of(2)));
      world.restore("b");
      await until(() => b.messages().length >= 2);
      expect(b.messages().map((one) => one.bytes[0])).toEqual([1, 2]);
    });
  });
}

type Watched = {
  readonly mesh: Mesh;
  readonly events: MeshEvent[];
  messages(): MeshMessage[];
  lifecycle(): string[];
  isUp(): boolean;
  isDown(): boolean;
};

/** Opens a client and waits for its `up`. */
async function client(
  world: MeshWorld,
  clientId: string,
  session: Omit<Parameters<MeshWorld["open"]>[0], "clientId"> = {},
): Promise<Watched> {
  const watched = watch(await world.open({ clientId, ...session }));
  await until(() => watched.isUp());
  return watched;
}

export function watch(mesh: Mesh): Watched {
  const events: MeshEvent[] = [];
  mesh.listen((event) => events.push(event));
  const lifecycle = (): string[] => events.map((event) => event.kind).filter((kind) => kind !== "message");
  return {
    mesh,
    events,
    messages: () => events.flatMap((event) => (event.kind === "message" ? [event.message] : [])),
    lifecycle,
    isUp: () => lifecycle().at(-1) === "up",
    isDown: () => lifecycle().at(-1) === "down",
  };
}

export function message(topic: string, bytes: Uint8Array, retain = false): MeshMessage {
  return { topic, bytes, retain };
}

/** Waits for `condition`; fails after WAIT_MS. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < WAIT_MS; waited += POLL_MS) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  expect(condition(), `waited ${WAIT_MS} ms for ${condition}`).toBe(true);
}

export function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MS));
}
