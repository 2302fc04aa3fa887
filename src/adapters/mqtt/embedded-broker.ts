/** A broker inside this process by aedes: for a bench, or for the agents of one host. Memory only. */
import type { EventEmitter } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type AedesOptions, type AedesPublishPacket, type Client, type Subscription } from "aedes";
import { PortError } from "../../ports/port-error.ts";
import { gatedSocket } from "./gated-socket.ts";
import { loopbackAddress } from "./loopback.ts";
import { PacketGate } from "./packet-gate.ts";

export type BrokerOptions = {
  /** Loopback only: PortError `mesh-plaintext-refused` for any other. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits?: Partial<BrokerLimits>;
};

/** What the broker keeps for others; aedes itself keeps all of it without bound. */
export type BrokerLimits = {
  readonly retainedTopicsMax: number;
  /** Messages that wait for one client with a kept session (as mosquitto's max_queued_messages). */
  readonly queuedPerClientMax: number;
  readonly keptSessionsMax: number;
};

const defaultLimits: BrokerLimits = {
  retainedTopicsMax: 65_536,
  queuedPerClientMax: 10_000,
  keptSessionsMax: 1024,
};

export type EmbeddedBroker = {
  readonly port: number;
  /** Messages that a bound kept from a client that is away, and retained ones that were not kept. */
  dropped(): number;
  /** Ends every connection (wills are published to nobody) and frees the port. Idempotent. */
  close(): Promise<void>;
};

const CLIENTS_MAX = 1024;
const CLIENT_ID_CHARACTERS_MAX = 64;
const SUBSCRIPTIONS_PER_CLIENT_MAX = 1024;
const TOPIC_LEVELS_MAX = 16;
/** "Remaining length" of a packet: an artifact of 64 KiB, its envelope and its topic. */
const PACKET_BYTES_MAX = 262_144;
/** A client that takes nothing for so long is cut off: the broker delivers to all at the pace of the slowest. */
const DRAIN_MS_MAX = 5_000;
const DELIVERIES_AT_ONCE_MAX = 100;
const PACKETS_BEFORE_CONNACK_MAX = 64;

/** Rejects with PortError `mesh-broker-port` where the port cannot be had. */
export async function startBroker(options: BrokerOptions): Promise<EmbeddedBroker> {
  const host = loopbackAddress(options.host);
  if (host === null) {
    const text = `${options.host} is not loopback: the embedded broker has no TLS`;
    throw new PortError("mesh", "mesh-plaintext-refused", text, false);
  }
  const bounds = new Bounds({ ...defaultLimits, ...options.limits });
  const broker = await Aedes.createBroker(aedesOptions(bounds));
  boundQueues(broker, bounds);
  // aedes tells of a failed delivery this way, for which its types have no word; unheard it would end the process.
  (broker as EventEmitter).on("error", () => {
    bounds.dropped += 1;
  });
  const server = createServer((socket: Socket) => {
    broker.handle(gatedSocket(socket, new PacketGate(PACKET_BYTES_MAX, "refuse"), "open already"));
  });
  server.maxConnections = CLIENTS_MAX;
  const port = await listening(server, host, options.port).catch(async (cause: unknown) => {
    await closed(broker);
    throw new PortError("mesh", "mesh-broker-port", `cannot listen on ${host}:${options.port}`, true, cause);
  });
  let closing: Promise<void> | null = null;
  return {
    port,
    dropped: () => bounds.dropped,
    close() {
      closing ??= stopped(server, broker);
      return closing;
    },
  };
}

/** What the broker keeps at this moment, counted. */
class Bounds {
  dropped = 0;
  readonly #limits: BrokerLimits;
  readonly #retained = new Set<string>();
  readonly #queued = new Map<string, number>();

  constructor(limits: BrokerLimits) {
    this.#limits = limits;
  }

  /** False when one topic more is too many; such a message is delivered and not kept. */
  keepsRetained(topic: string, isEmpty: boolean): boolean {
    if (isEmpty) this.#retained.delete(topic);
    else if (this.#retained.size < this.#limits.retainedTopicsMax) this.#retained.add(topic);
    else if (!this.#retained.has(topic)) {
      this.dropped += 1;
      return false;
    }
    return true;
  }

  takesSession(clientId: string): boolean {
    if (!this.#queued.has(clientId)) {
      if (this.#queued.size >= this.#limits.keptSessionsMax) return false;
      this.#queued.set(clientId, 0);
    }
    return true;
  }

  queue(clientId: string): boolean {
    const count = this.#queued.get(clientId) ?? 0;
    if (count >= this.#limits.queuedPerClientMax) {
      this.dropped += 1;
      return false;
    }
    this.#queued.set(clientId, count + 1);
    return true;
  }

  unqueue(clientId: string): void {
    const count = this.#queued.get(clientId) ?? 0;
    if (count > 0) this.#queued.set(clientId, count - 1);
  }
}

// Peer-controlled: client ids, topics, filters, sizes; each has a bound above.
function aedesOptions(bounds: Bounds): AedesOptions {
  return {
    concurrency: DELIVERIES_AT_ONCE_MAX,
    queueLimit: PACKETS_BEFORE_CONNACK_MAX,
    drainTimeout: DRAIN_MS_MAX,
    maxClientsIdLength: CLIENT_ID_CHARACTERS_MAX,
    maxTopicLevels: TOPIC_LEVELS_MAX,
    preConnect: (_client, packet, done) => {
      const isWelcome = packet.clean === true || bounds.takesSession(packet.clientId);
      done(isWelcome ? null : new Error("too many kept sessions"), isWelcome);
    },
    authorizePublish: (_client, packet, done) => {
      if (packet.topic.startsWith("$")) return done(new Error("reserved topic"));
      if (packet.retain) packet.retain = bounds.keepsRetained(packet.topic, packet.payload.length === 0);
      done();
    },
    authorizeSubscribe: (client: Client, subscription: Subscription, done) => {
      const held = Object.keys((client as Client & { subscriptions: object }).subscriptions).length;
      done(null, held < SUBSCRIPTIONS_PER_CLIENT_MAX ? subscription : null);
    },
  };
}

/** The part of aedes's memory persistence that keeps messages for clients with a kept session; it is not in its types. */
type Queues = {
  outgoingEnqueueCombi(subs: readonly { clientId: string }[], packet: AedesPublishPacket): Promise<void>;
  outgoingEnqueue(sub: { clientId: string }, packet: AedesPublishPacket): Promise<void>;
  outgoingUpdate(client: Client, packet: AedesPublishPacket): Promise<void>;
  outgoingClearMessageId(client: Client, packet: AedesPublishPacket): Promise<unknown>;
};

function boundQueues(broker: Aedes, bounds: Bounds): void {
  const { persistence } = broker as Aedes & { persistence: Queues };
  const enqueueAll = persistence.outgoingEnqueueCombi.bind(persistence);
  const enqueue = persistence.outgoingEnqueue.bind(persistence);
  const update = persistence.outgoingUpdate.bind(persistence);
  const clear = persistence.outgoingClearMessageId.bind(persistence);
  persistence.outgoingEnqueueCombi = (subs, packet) =>
    enqueueAll(
      subs.filter(({ clientId }) => bounds.queue(clientId)),
      packet,
    );
  persistence.outgoingEnqueue = async (sub, packet) => {
    if (bounds.queue(sub.clientId)) await enqueue(sub, packet);
  };
  // A message that was not queued is delivered all the same to a client that is here.
  persistence.outgoingUpdate = (client, packet) => update(client, packet).catch(() => {});
  persistence.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    if (cleared !== undefined) bounds.unqueue(client.id);
    return cleared;
  };
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no address"));
      else resolve(address.port);
    });
  });
}

async function stopped(server: Server, broker: Aedes): Promise<void> {
  const serverClosed = new Promise<void>((resolve) => server.close(() => resolve()));
  await closed(broker);
  await serverClosed;
}

function closed(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}
