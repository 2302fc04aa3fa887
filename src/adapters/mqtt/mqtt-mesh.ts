/** The mesh over an MQTT 3.1.1 broker by mqtt.js: QoS 1, retained messages, a will; TLS, or loopback (DESIGN §5). */
import { readFile } from "node:fs/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { type IClientOptions, MqttClient } from "mqtt";
import type { ClientCertificate } from "../../ports/client-certificate.ts";
import type { DriverContext } from "../../ports/driver.ts";
import type { Mesh, MeshMessage } from "../../ports/mesh.ts";
import { PortError } from "../../ports/port-error.ts";
import { gatedSocket, type OpenEvent } from "./gated-socket.ts";
import type { Link, LinkListener } from "./link.ts";
import { loopbackAddress } from "./loopback.ts";
import { TOPIC_BYTES_MAX } from "./mesh-topic.ts";
import { PacketGate, PUBLISH_OVERHEAD_BYTES } from "./packet-gate.ts";
import { ReconnectingMesh } from "./reconnecting-mesh.ts";
import { assertSession, type MeshSession, meshDown } from "./session.ts";

/** PEM files, read anew for each connection, so that renewed certificates need no restart. */
export type TlsFiles = {
  readonly caPath: string;
  /** The client's own certificate and key, where the broker asks for one. */
  readonly own: { readonly certPath: string; readonly keyPath: string } | ClientCertificate | null;
};

export type MqttMeshOptions = MeshSession & {
  readonly host: string;
  readonly port: number;
  /** null: no TLS, for loopback addresses only. */
  readonly tls: TlsFiles | null;
  readonly keepaliveS?: number;
  /** Bounds of the wait before a new attempt. */
  readonly reconnectFirstUs?: number;
  readonly reconnectMaxUs?: number;
};

const KEEPALIVE_S = 20;
const RECONNECT_FIRST_US = 250_000;
const RECONNECT_MAX_US = 30_000_000;
const CONNECT_MS_MAX = 10_000;
const CLOSE_US_MAX = 2_000_000;
/** Between a connection and the one that renews it, at least. */
const RENEW_US_MIN = 1_000_000;
/** Filters in one SUBSCRIBE packet. */
const SUBSCRIBE_FILTERS_MAX = 64;

/**
 * Opens at once and connects in the background; `up` and `down` tell. Rejects with PortError
 * `mesh-plaintext-refused` for a host that is not loopback without TLS.
 */
export async function openMqttMesh(context: DriverContext, options: MqttMeshOptions): Promise<Mesh> {
  assertSession(options);
  const address = options.tls === null ? loopbackAddress(options.host) : options.host;
  if (address === null) {
    const text = `${options.host} is not loopback: messages to it need TLS (ca, cert, key files)`;
    throw new PortError("mesh", "mesh-plaintext-refused", text, false);
  }
  const backoff = {
    firstUs: options.reconnectFirstUs ?? RECONNECT_FIRST_US,
    maxUs: options.reconnectMaxUs ?? RECONNECT_MAX_US,
  };
  return new ReconnectingMesh(
    context,
    options,
    backoff,
    (listener) => new MqttLink(context, options, address, listener),
  );
}

/**
 * One connection: a client of mqtt.js that never reconnects, resends or queues by itself. What was not
 * acknowledged when a connection ends is the caller's to repeat (ports/mesh), also in a session that is kept.
 */
class MqttLink implements Link {
  readonly ready: Promise<void>;
  readonly #context: DriverContext;
  readonly #options: MqttMeshOptions;
  readonly #listener: LinkListener;
  #client: MqttClient | null = null;
  #stream: Duplex | null = null;
  #reason: string | null = null;
  #isOver = false;
  #renewBootUs: number | null = null;
  #over: () => void = () => {};
  readonly #gone: Promise<void>;

  constructor(context: DriverContext, options: MqttMeshOptions, address: string, listener: LinkListener) {
    this.#context = context;
    this.#options = options;
    this.#listener = listener;
    this.#gone = new Promise((resolve) => {
      this.#over = resolve;
    });
    this.ready = new Promise((resolve) => {
      this.#open(address, resolve).catch((error: unknown) => this.#finish(reasonOf(error)));
    });
  }

  renewBootUs(): number | null {
    return this.#renewBootUs;
  }

  publish(message: MeshMessage): Promise<void> {
    const { topic, bytes, retain } = message;
    return new Promise((resolve, reject) => {
      const client = this.#client;
      if (client === null || !client.connected) return reject(meshDown(this.#reason ?? "not connected"));
      client.publish(topic, bufferOf(bytes), { qos: 1, retain }, (error) => {
        if (error) reject(meshDown(this.#reason ?? error.message, error));
        else resolve();
      });
    });
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    for (let at = 0; at < filters.length; at += SUBSCRIBE_FILTERS_MAX) {
      await this.#subscribeBatch(filters.slice(at, at + SUBSCRIBE_FILTERS_MAX));
    }
  }

  drop(reason: string): void {
    this.#reason ??= reason;
    if (this.#stream === null) this.#finish(reason);
    else this.#stream.destroy();
  }

  async close(): Promise<void> {
    if (this.#isOver) return;
    this.#reason ??= "closed";
    if (this.#client === null || !this.#client.connected) return this.drop("closed");
    const { clock } = this.#context;
    const cancel = clock.at(clock.read().bootUs + CLOSE_US_MAX, () => this.drop("closed"));
    this.#client.end();
    await this.#gone;
    cancel();
  }

  async #open(address: string, connected: () => void): Promise<void> {
    const { makeStream, untilUs } = await streamMaker(this.#options, address);
    if (this.#isOver) return;
    if (untilUs !== null) this.#renewBootUs = renewalBootUs(this.#context, untilUs);
    const client = new MqttClient(() => {
      this.#stream = makeStream();
      this.#stream.on("error", (error) => {
        this.#reason ??= reasonOf(error);
      });
      // mqtt.js types its stream as readable-stream's, which node's Duplex is but for its name.
      return this.#stream as unknown as MqttClient["stream"];
    }, clientOptions(this.#options));
    this.#client = client;
    // mqtt.js reports and stays open after a malformed packet: any error ends the connection here.
    client.on("error", (error) => this.drop(reasonOf(error)));
    client.on("close", () => this.#finish(this.#reason ?? "closed by the broker"));
    client.on("connect", connected);
    client.on("message", (topic, payload, packet) => {
      // A copy: the payload is a window into a chunk that would live as long as the message.
      this.#listener.message(topic, Uint8Array.from(payload), packet.retain);
    });
    client.connect();
  }

  /** mqtt.js gives an error when the broker refused any of them ([MQTT-3.9.3-2]). */
  #subscribeBatch(filters: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const client = this.#client;
      if (client === null || !client.connected) return reject(meshDown(this.#reason ?? "not connected"));
      client.subscribe(filters, { qos: 1 }, (error) => {
        if (!error) resolve();
        else
          reject(
            this.#isOver ? meshDown(this.#reason ?? "closed by the broker", error) : refusal(filters, error),
          );
      });
    });
  }

  #finish(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#over();
    this.#listener.lost(reason);
  }
}

function clientOptions(options: MqttMeshOptions): IClientOptions {
  const { will } = options;
  return {
    manualConnect: true,
    protocolVersion: 4,
    clientId: options.clientId,
    clean: options.clean,
    keepalive: options.keepaliveS ?? KEEPALIVE_S,
    connectTimeout: CONNECT_MS_MAX,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(will === null
      ? {}
      : { will: { topic: will.topic, payload: bufferOf(will.bytes), qos: 1 as const, retain: will.retain } }),
  };
}

/** While most of what was shown is still to come, and not at the same instant for a fleet that was switched on at once. */
function renewalBootUs({ clock, entropy }: DriverContext, untilUs: number): number {
  const { wallUs, bootUs } = clock.read();
  const [share = 0] = entropy.bytes(1);
  return bootUs + Math.max(RENEW_US_MIN, Math.floor((untilUs - wallUs) * (0.5 + share / 1024)));
}

type Streams = {
  readonly makeStream: () => Duplex;
  /** When what this connection shows of itself ends. */
  readonly untilUs: number | null;
};

async function streamMaker(options: MqttMeshOptions, address: string): Promise<Streams> {
  const { port, tls, maxMessageBytes } = options;
  const gated = (socket: Socket, opensOn: OpenEvent): Duplex => {
    const remainingMax = maxMessageBytes + TOPIC_BYTES_MAX + PUBLISH_OVERHEAD_BYTES;
    return gatedSocket(socket, new PacketGate(remainingMax, "replace"), opensOn);
  };
  if (tls === null) {
    const makeStream = (): Duplex => gated(connectTcp({ host: address, port }), "connect");
    return { makeStream, untilUs: null };
  }
  const ca = await readFile(tls.caPath);
  const { untilUs, ...own } = await shownOf(tls.own);
  // A name is checked against the certificate, and sent as SNI; an address is only checked (RFC 6066 §3).
  const servername = isIP(address) === 0 ? { servername: address } : {};
  const makeStream = (): Duplex =>
    gated(
      connectTls({ host: address, port, ca, ...own, ...servername, minVersion: "TLSv1.2" }),
      "secureConnect",
    );
  return { makeStream, untilUs };
}

type Shown = {
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly untilUs: number | null;
};

async function shownOf(own: TlsFiles["own"]): Promise<Shown> {
  if (own === null) return { untilUs: null };
  if ("certPath" in own) {
    return { cert: await readFile(own.certPath), key: await readFile(own.keyPath), untilUs: null };
  }
  const { chain: cert, key, untilUs } = await own.show();
  return { cert, key, untilUs };
}

function refusal(filters: readonly string[], cause: unknown): PortError {
  return new PortError(
    "mesh",
    "mesh-subscribe-refused",
    `the broker refused ${filters.join(", ")}`,
    false,
    cause,
  );
}

/** `ECONNREFUSED`, `CERT_…`, `refused by the broker (5)` from CONNACK, or mqtt.js's own words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if (error instanceof PortError) return `${error.code}: ${error.message}`;
  // A certificate's file: which one.
  if ("path" in error) return error.message;
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "number") return `refused by the broker (${code})`;
  return typeof code === "string" ? code : error.message;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
