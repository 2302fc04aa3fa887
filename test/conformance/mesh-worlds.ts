/** The brokers that the mesh conformance suite runs over, each with the same handles. */
import { randomBytes } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { startBroker } from "../../src/adapters/mqtt/embedded-broker.ts";
import { MemoryBroker } from "../../src/adapters/mqtt/memory-broker.ts";
import { openMqttMesh } from "../../src/adapters/mqtt/mqtt-mesh.ts";
import type { MeshSession } from "../../src/adapters/mqtt/session.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { DriverContext } from "../../src/ports/driver.ts";
import type { Mesh } from "../../src/ports/mesh.ts";
import { startMosquitto } from "../support/mosquitto.ts";

export type MeshWorld = {
  /** Opens a client with the session's defaults below, changed by `session`. */
  open(session: Partial<MeshSession> & { readonly clientId: string }): Promise<Mesh>;
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  /** Takes a client's network away, as unclean as its death, and gives it back. */
  cut(clientId: string): void;
  restore(clientId: string): void;
  /** A message of somebody who keeps none of our rules. */
  inject(topic: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
};

export const defaults: Omit<MeshSession, "clientId"> = {
  clean: true,
  will: null,
  maxMessageBytes: 4096,
  inFlightMax: 256,
};

/** This process's monotonic clock stands for the boot clock: the tests neither reboot nor suspend. */
const hostClock: Clock = {
  bootId: new Uint8Array(16),
  read: () => ({ wallUs: Date.now() * 1000, bootUs: Math.floor(performance.now() * 1000) }),
  at(bootUs, wake) {
    const ms = Math.max(0, Math.ceil((bootUs - performance.now() * 1000) / 1000));
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};

const silent = (): void => {};

export const context: DriverContext = {
  clock: hostClock,
  entropy: { bytes: (length) => new Uint8Array(randomBytes(length)) },
  log: { debug: silent, info: silent, warn: silent, error: silent },
};

export async function memoryWorld(): Promise<MeshWorld> {
  const broker = new MemoryBroker(hostClock, 200);
  const meshes: Mesh[] = [];
  return {
    async open(session) {
      const mesh = broker.open({ ...defaults, ...session });
      meshes.push(mesh);
      return mesh;
    },
    stopBroker: async () => broker.stop(),
    startBroker: async () => broker.start(),
    cut: (clientId) => broker.cut(clientId),
    restore: (clientId) => broker.restore(clientId),
    inject: async (topic, bytes) => broker.inject(topic, bytes),
    close: async () => void (await Promise.all(meshes.map((mesh) => mesh.close()))),
  };
}

export async function embeddedWorld(): Promise<MeshWorld> {
  let broker = await startBroker({ host: "127.0.0.1", port: 0 });
  const { port } = broker;
  return mqttWorld(port, {
    stop: () => broker.close(),
    start: async () => {
      broker = await startBroker({ host: "127.0.0.1", port });
    },
    close: () => broker.close(),
  });
}

export async function mosquittoWorld(): Promise<MeshWorld> {
  const broker = await startMosquitto();
  return mqttWorld(broker.port, { stop: broker.kill9, start: broker.start, close: broker.close });
}

type Broker = { stop(): Promise<void>; start(): Promise<void>; close(): Promise<void> };

/** Each client goes through a wire of its own, which can be cut: what the client itself would never do. */
function mqttWorld(port: number, broker: Broker): MeshWorld {
  const wires = new Map<string, Wire>();
  const meshes: Mesh[] = [];
  return {
    async open(session) {
      const wire = wires.get(session.clientId) ?? (await openWire(port));
      wires.set(session.clientId, wire);
      const mesh = await openMqttMesh(context, {
        ...defaults,
        ...session,
        host: "127.0.0.1",
        port: wire.port,
        tls: null,
        reconnectFirstUs: 20_000,
        reconnectMaxUs: 100_000,
      });
      meshes.push(mesh);
      return mesh;
    },
    stopBroker: broker.stop,
    startBroker: broker.start,
    cut: (clientId) => wires.get(clientId)?.cut(true),
    restore: (clientId) => wires.get(clientId)?.cut(false),
    inject: (topic, bytes) => injectRaw(port, topic, bytes),
    async close() {
      await Promise.all(meshes.map((mesh) => mesh.close()));
      await Promise.all([...wires.values()].map((wire) => wire.close()));
      await broker.close();
    },
  };
}

type Wire = { readonly port: number; cut(isCut: boolean): void; close(): Promise<void> };

async function openWire(target: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const upstream = connect({ host: "127.0.0.1", port: target, noDelay: true });
    client.setNoDelay(true);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  return {
    port: await listen(server),
    cut(next) {
      isCut = next;
      if (isCut) for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}

/** CONNECT, PUBLISH at QoS 1, DISCONNECT by hand; resolves after PUBACK. */
function injectRaw(port: number, topic: string, bytes: Uint8Array): Promise<void> {
  const name = Buffer.from(topic, "utf8");
  const body = Buffer.concat([
    Buffer.from([name.length >> 8, name.length & 255]),
    name,
    Buffer.from([0, 1]),
    bytes,
  ]);
  const connectPacket = Buffer.from([0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 2, 0x7a, 0x7a]);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    let received = 0;
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => {
      // CONNACK and PUBACK take four bytes each.
      const before = received;
      received += chunk.length;
      if (before < 4 && received >= 4)
        socket.write(Buffer.concat([Buffer.from([0x32]), lengthOf(body.length), body]));
      if (received >= 8) {
        socket.end(Buffer.from([0xe0, 0]));
        resolve();
      }
    });
    socket.write(connectPacket);
  });
}

/** "Remaining length" of MQTT: seven bits a byte, the lowest first. */
export function lengthOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}
