import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { backoffUs } from "../../src/adapters/mqtt/backoff.ts";
import { type EmbeddedBroker, startBroker } from "../../src/adapters/mqtt/embedded-broker.ts";
import { type MqttMeshOptions, openMqttMesh } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DriverContext } from "../../src/ports/driver.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import { message, quiet, until, watch } from "./mesh.ts";
import { context, defaults, listen } from "./mesh-worlds.ts";

const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const options: Omit<MqttMeshOptions, "port"> = {
  ...defaults,
  clientId: "mesh-under-test",
  host: "127.0.0.1",
  tls: null,
  reconnectFirstUs: 10_000,
  reconnectMaxUs: 20_000,
};

/** A broker that says what a test wants it to say. */
type Script = (socket: Socket, packet: Buffer, connection: number) => void;

async function scripted(
  script: Script,
): Promise<{ server: Server; port: number; connections: () => number }> {
  let count = 0;
  const server = createServer((socket) => {
    const connection = count++;
    socket.on("error", () => {});
    socket.on("data", (packet: Buffer) => script(socket, packet, connection));
  });
  return { server, port: await listen(server), connections: () => count };
}

describe("MQTT mesh", () => {
  const meshes: Mesh[] = [];
  const servers: Server[] = [];
  const brokers: EmbeddedBroker[] = [];
  afterEach(async () => {
    await Promise.all(meshes.splice(0).map((mesh) => mesh.close()));
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  });

  async function open(port: number, by: DriverContext = context): Promise<ReturnType<typeof watch>> {
    const mesh = await openMqttMesh(by, { ...options, port });
    meshes.push(mesh);
    return watch(mesh);
  }

  async function script(act: Script): Promise<{ port: number; connections: () => number }> {
    const { server, port, connections } = await scripted(act);
    servers.push(server);
    return { port, connections };
  }

  it.each([
    "192.168.1.7",
    "0.0.0.0",
    "::",
    "broker.example",
    "127.0.0.1.example",
    "localhost.example",
    "::ffff:127.0.0.1",
  ])("refuses to speak plainly to %s", async (host) => {
    const attempt = openMqttMesh(context, { ...options, host, port: 1883 });
    await expect(attempt).rejects.toMatchObject({
      port: "mesh",
      code: "mesh-plaintext-refused",
      retryable: false,
    });
  });

  it("takes localhost for 127.0.0.1", async () => {
    const broker = await startBroker({ host: "localhost", port: 0 });
    brokers.push(broker);
    const mesh = await openMqttMesh(context, { ...options, host: "localhost", port: broker.port });
    meshes.push(mesh);
    const one = watch(mesh);
    await until(() => one.isUp());
  });

  it("says why a broker refused it, once, and goes on trying", async () => {
    const { port, connections } = await script((socket) => socket.write(Buffer.from([0x20, 2, 0, 5])));
    const one = await open(port);
    await until(() => connections() >= 4);
    expect(one.events).toEqual([{ kind: "down", reason: "refused by the broker (5)" }]);
  });

  it("ends a connection that speaks no MQTT, tells why, and takes the next good one", async () => {
    const broker = await startBroker({ host: "127.0.0.1", port: 0 });
    brokers.push(broker);
    const { port } = await script((socket, _packet, connection) => {
      const garbage = [
        Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
        Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1]),
        Buffer.alloc(64),
      ];
      socket.write(garbage[connection] ?? CONNACK);
    });
    const one = await open(port);
    await until(() => one.isUp());
    expect(one.lifecycle().filter((kind) => kind === "up")).toEqual(["up"]);
    const reasons = one.events.flatMap((event) => (event.kind === "down" ? [event.reason] : []));
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) expect(reason).not.toBe("");
  });

  it("rejects a subscription that the broker refuses, forgets it, and stays up", async () => {
    const { port } = await script((socket, packet) => {
      if (packet[0] === 0x10) socket.write(CONNACK);
      // SUBACK of the packet's id: failure for any filter with an "n" in it.
      if (packet[0] === 0x82)
        socket.write(
          Buffer.from([0x90, 3, packet[2] as number, packet[3] as number, packet.includes(0x6e) ? 0x80 : 1]),
        );
    });
    const one = await open(port);
    await until(() => one.isUp());
    await expect(one.mesh.subscribe(["not/ours"])).rejects.toMatchObject({
      code: "mesh-subscribe-refused",
      retryable: false,
    });
    await one.mesh.subscribe(["t/x"]);
    expect(one.lifecycle()).toEqual(["up"]);
  });

  it("is not up while the broker refuses a filter that it holds", async () => {
    const { port, connections } = await script((socket, packet) => {
      if (packet[0] === 0x10) socket.write(CONNACK);
      if (packet[0] === 0x82)
        socket.write(Buffer.from([0x90, 3, packet[2] as number, packet[3] as number, 0x80]));
    });
    const one = await open(port);
    await one.mesh.subscribe(["t/x"]);
    await until(() => connections() >= 3);
    expect(one.events).toEqual([{ kind: "down", reason: "mesh-subscribe-refused" }]);
  });

  it("gives a connection up whose broker acknowledges nothing, and rejects what waited for it", async () => {
    let aheadUs = 0;
    const clock: Clock = {
      ...context.clock,
      read: () => ({ wallUs: 0, bootUs: context.clock.read().bootUs + aheadUs }),
      at: (bootUs, wake) => {
        // Waits of half a minute become short ones, after which the clock has gone on by as much.
        const waitUs = bootUs - aheadUs - context.clock.read().bootUs;
        if (waitUs < 1_000_000) return context.clock.at(bootUs - aheadUs, wake);
        return context.clock.at(context.clock.read().bootUs + 50_000, () => {
          aheadUs += waitUs;
          wake();
        });
      },
    };
    const { port, connections } = await script((socket, packet) => {
      if (packet[0] === 0x10) socket.write(CONNACK);
    });
    const one = await open(port, { ...context, clock });
    await until(() => one.isUp());
    const send = one.mesh.publish(message("t/x", Uint8Array.of(1)));
    await expect(send).rejects.toMatchObject({
      code: "mesh-down",
      message: expect.stringContaining("acknowledgement overdue"),
    });
    await until(() => connections() === 2 && one.isUp());
  });

  it("tells nothing that arrives after close, though the connection is still being taken down", async () => {
    const publish = Buffer.from([0x30, 6, 0, 3, 0x74, 0x2f, 0x78, 7]);
    const { port } = await script((socket, packet) => {
      if (packet[0] === 0x10) socket.write(Buffer.concat([CONNACK, publish]));
      if (packet[0] === 0xe0) socket.end(publish);
    });
    const one = await open(port);
    await until(() => one.isUp() && one.messages().length === 1);
    await one.mesh.close();
    await quiet();
    expect(one.messages().length).toBe(1);
    expect(one.lifecycle()).toEqual(["up"]);
  });

  it("closes within its bound though the broker never answers, and leaves no timer or socket behind", async () => {
    const held = (): string[] =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /Timeout|TCPSocket|TLS/.test(name))
        .sort();
    // What the tests before this one closed has a moment to go.
    await quiet();
    const before = held();
    const { server, port } = await scripted((socket, packet) => {
      if (packet[0] === 0x10) socket.write(CONNACK);
    });
    const one = watch(await openMqttMesh(context, { ...options, port }));
    await until(() => one.isUp());
    const send = one.mesh.publish(message("t/x", Uint8Array.of(1)));
    const rejected = expect(send).rejects.toMatchObject({ code: "mesh-down" });
    await one.mesh.close();
    await rejected;
    await new Promise((resolve) => server.close(resolve));
    const gone = watch(await openMqttMesh(context, { ...options, port }));
    await until(() => gone.isDown());
    await gone.mesh.close();
    await quiet();
    expect(held()).toEqual(before);
  });
});

describe("backoff", () => {
  const bounds = { firstUs: 1000, maxUs: 60_000 };
  const entropy = (...bytes: readonly number[]) => ({ bytes: () => Uint8Array.from(bytes) });

  it("doubles from the first wait to the longest, with jitter of up to half of it from the entropy port", () => {
    const least = [0, 1, 2, 5, 6, 7, 1000].map((attempt) => backoffUs(entropy(0, 0), bounds, attempt));
    expect(least).toEqual([500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
    const most = [0, 1, 2, 5, 6, 7, 1000].map((attempt) => backoffUs(entropy(0xff, 0xff), bounds, attempt));
    expect(most).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
  });
});
