import { afterEach, describe, expect, it } from "vitest";
import { type EmbeddedBroker, startBroker } from "../../src/adapters/mqtt/embedded-broker.ts";
import { type MqttMeshOptions, openMqttMesh } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import { message, until, watch } from "./mesh.ts";
import { context, defaults } from "./mesh-worlds.ts";

const options: Omit<MqttMeshOptions, "port" | "clientId"> = {
  ...defaults,
  host: "127.0.0.1",
  tls: null,
  reconnectFirstUs: 10_000,
  reconnectMaxUs: 20_000,
};

describe("embedded broker", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  async function start(limits = {}): Promise<EmbeddedBroker> {
    const broker = await startBroker({ host: "127.0.0.1", port: 0, limits });
    open.push(broker);
    return broker;
  }

  async function client(port: number, clientId: string, session = {}): Promise<ReturnType<typeof watch>> {
    const mesh = await openMqttMesh(context, { ...options, ...session, clientId, port });
    open.push(mesh);
    const one = watch(mesh);
    await until(() => one.isUp());
    return one;
  }

  it("listens on loopback only, and says when a port is taken", async () => {
    await expect(startBroker({ host: "0.0.0.0", port: 0 })).rejects.toMatchObject({
      code: "mesh-plaintext-refused",
    });
    const broker = await start();
    await expect(startBroker({ host: "127.0.0.1", port: broker.port })).rejects.toMatchObject({
      port: "mesh",
      code: "mesh-broker-port",
      retryable: true,
    });
  });

  it("frees its port when it closes, as often as one likes", async () => {
    const broker = await start();
    await Promise.all([broker.close(), broker.close()]);
    const next = await startBroker({ host: "127.0.0.1", port: broker.port });
    expect(next.port).toBe(broker.port);
    await next.close();
  });

  it("keeps so many messages for a client that is away, counts the rest, and serves the client when it returns", async () => {
    const broker = await start({ queuedPerClientMax: 5 });
    const away = await client(broker.port, "away", { clean: false });
    await away.mesh.subscribe(["t/#"]);
    await away.mesh.close();
    const sender = await client(broker.port, "sender");
    for (let i = 0; i < 8; i++) await sender.mesh.publish(message("t/x", Uint8Array.of(i)));
    await until(() => broker.dropped() === 3);
    const back = await client(broker.port, "away", { clean: false });
    await until(() => back.messages().length === 5);
    expect(back.messages().map((one) => one.bytes[0])).toEqual([0, 1, 2, 3, 4]);
    // What was delivered has left the queue: there is room again, though this client is here now.
    for (let i = 10; i < 20; i++) await sender.mesh.publish(message("t/x", Uint8Array.of(i)));
    await until(() => back.messages().length === 15);
    expect(back.lifecycle()).toEqual(["up"]);
  });

  it("keeps so many retained topics, and delivers the others without keeping them", async () => {
    const broker = await start({ retainedTopicsMax: 2 });
    const [sender, here] = [await client(broker.port, "sender"), await client(broker.port, "here")];
    await here.mesh.subscribe(["t/#"]);
    for (const [topic, byte] of [
      ["t/a", 1],
      ["t/b", 2],
      ["t/c", 3],
      ["t/a", 4],
    ] as const) {
      await sender.mesh.publish(message(topic, Uint8Array.of(byte), true));
    }
    await until(() => here.messages().length === 4);
    expect(broker.dropped()).toBe(1);
    await sender.mesh.publish(message("t/b", new Uint8Array(0), true));
    await sender.mesh.publish(message("t/d", Uint8Array.of(5), true));
    await until(() => here.messages().length === 6);
    const later = await client(broker.port, "later");
    await later.mesh.subscribe(["t/#"]);
    await until(() => later.messages().length === 2);
    expect(
      later
        .messages()
        .map((one) => [one.topic, one.bytes[0]])
        .sort(),
    ).toEqual([
      ["t/a", 4],
      ["t/d", 5],
    ]);
  });

  it("refuses one kept session too many, and still takes clean ones", async () => {
    const broker = await start({ keptSessionsMax: 1 });
    await client(broker.port, "kept", { clean: false });
    const refused = watch(
      await openMqttMesh(context, { ...options, clientId: "second", clean: false, port: broker.port }),
    );
    open.push(refused.mesh);
    await until(() => refused.isDown());
    const clean = await client(broker.port, "third");
    expect(clean.isUp()).toBe(true);
    expect(refused.lifecycle()).not.toContain("up");
  });

  it("ends the connection of a client that sends a packet beyond its bound, and only that one", async () => {
    const broker = await start();
    const other = await client(broker.port, "other");
    await other.mesh.subscribe(["t/#"]);
    const big = await client(broker.port, "big", { maxMessageBytes: 1_000_000 });
    await expect(big.mesh.publish(message("t/x", new Uint8Array(300_000)))).rejects.toMatchObject({
      code: "mesh-down",
    });
    await until(() => big.lifecycle().length >= 3 && big.isUp());
    await big.mesh.publish(message("t/x", new Uint8Array(100)));
    await until(() => other.messages().length === 1);
    expect(other.lifecycle()).toEqual(["up"]);
  });
});
