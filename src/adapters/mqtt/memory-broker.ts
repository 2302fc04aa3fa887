/** A broker in memory, on a clock that may be virtual: retained messages, wills, kept sessions, and faults on demand. */
import { assert } from "../../core/base/assert.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Mesh, MeshMessage } from "../../ports/mesh.ts";
import { DueQueue } from "./due-queue.ts";
import { MemoryMesh, type Uplink } from "./memory-mesh.ts";
import { MeshFaults } from "./mesh-faults.ts";
import { levelsMatch } from "./mesh-topic.ts";
import { assertSession, type MeshSession } from "./session.ts";

const RETAINED_TOPICS_MAX = 100_000;

/** Messages on their way to, or waiting for, one client; what comes beyond is lost, as with mosquitto. */
const QUEUED_PER_CLIENT_MAX = 100_000;

/** Sender of what `inject` brings: no client has this name. */
const STRANGER = "";

/** What the broker knows of a client; with `clean: false` it outlives the connection. */
type BrokerSession = {
  readonly filters: Map<string, readonly string[]>;
  readonly away: { readonly from: string; readonly message: MeshMessage }[];
  underWay: number;
};

export class MemoryBroker implements Uplink {
  readonly faults: MeshFaults = new MeshFaults();
  readonly #clock: Clock;
  readonly #latencyUs: number;
  readonly #due: DueQueue;
  readonly #clients = new Map<string, MemoryMesh>();
  readonly #sessions = new Map<string, BrokerSession>();
  readonly #retained = new Map<string, { readonly from: string; readonly bytes: Uint8Array }>();
  readonly #cut = new Set<string>();
  #isRunning = true;
  #lost = 0;

  /** Each way, from client to broker and back, takes `latencyUs`. */
  constructor(clock: Clock, latencyUs: number) {
    this.#clock = clock;
    this.#latencyUs = latencyUs;
    this.#due = new DueQueue(clock);
  }

  /** Connects after one latency; `up` tells. One mesh a client id at a time. */
  open(session: MeshSession): Mesh {
    assertSession(session);
    assert(!this.#clients.has(session.clientId), "two agents of one world never share a client id");
    const mesh = new MemoryMesh(session, this);
    this.#clients.set(session.clientId, mesh);
    this.#attachSoon(mesh);
    return mesh;
  }

  /** Messages that a full queue lost. */
  lost(): number {
    return this.#lost;
  }

  /** The broker dies: every client is down, nothing under way arrives. Retained messages and kept sessions survive. */
  stop(): void {
    this.#isRunning = false;
    for (const mesh of this.#clients.values()) this.#detach(mesh, "broker stopped");
  }

  start(): void {
    this.#isRunning = true;
    for (const mesh of this.#clients.values()) this.#attachSoon(mesh);
  }

  /** The client's network goes away: it is down and its will is published. It comes back with `restore`. */
  cut(clientId: string): void {
    this.#cut.add(clientId);
    const mesh = this.#clients.get(clientId);
    if (mesh !== undefined) this.#breakOff(mesh, "connection cut");
  }

  restore(clientId: string): void {
    this.#cut.delete(clientId);
    const mesh = this.#clients.get(clientId);
    if (mesh !== undefined) this.#attachSoon(mesh);
  }

  /** The client's process dies: its mesh is dead for good, its will is published, its id is free to be opened again. */
  kill(clientId: string): void {
    const mesh = this.#clients.get(clientId);
    if (mesh === undefined) return;
    this.#breakOff(mesh, "killed");
    this.#clients.delete(clientId);
    mesh.die();
  }

  /** A message of a stranger, on any topic, of any length. */
  inject(topic: string, bytes: Uint8Array, retain = false): void {
    this.later(() => this.take(STRANGER, { topic, bytes: Uint8Array.from(bytes), retain }));
  }

  later(act: () => void, lateUs = 0): void {
    this.#due.add(this.#clock.read().bootUs + this.#latencyUs + lateUs, act);
  }

  take(from: string, message: MeshMessage): void {
    if (!this.#isRunning) return;
    if (message.retain) this.#keep(from, message);
    const levels = message.topic.split("/");
    const live = { ...message, retain: false };
    for (const [to, session] of this.#sessions) {
      if (wants(session, levels)) this.#route(from, to, session, live);
    }
  }

  subscribe(clientId: string, filters: readonly string[]): void {
    const session = this.#sessions.get(clientId);
    if (session === undefined) return;
    for (const filter of filters) {
      const wanted = filter.split("/");
      session.filters.set(filter, wanted);
      for (const [topic, { from, bytes }] of this.#retained) {
        if (levelsMatch(wanted, topic.split("/")))
          this.#route(from, clientId, session, { topic, bytes, retain: true });
      }
    }
  }

  leave(mesh: MemoryMesh): void {
    const { clientId, clean } = mesh.session;
    if (this.#clients.get(clientId) !== mesh) return;
    this.#clients.delete(clientId);
    if (clean) this.#sessions.delete(clientId);
  }

  #attachSoon(mesh: MemoryMesh): void {
    this.later(() => {
      const { clientId, clean } = mesh.session;
      const isHere = this.#clients.get(clientId) === mesh && !mesh.isUp;
      if (!this.#isRunning || !isHere || this.#cut.has(clientId)) return;
      const kept = clean ? undefined : this.#sessions.get(clientId);
      const session = kept ?? { filters: new Map(), away: [], underWay: 0 };
      this.#sessions.set(clientId, session);
      for (const { from, message } of session.away.splice(0)) this.#route(from, clientId, session, message);
      mesh.attached();
    });
  }

  #breakOff(mesh: MemoryMesh, reason: string): void {
    const { clientId, will } = mesh.session;
    const wasUp = mesh.isUp;
    this.#detach(mesh, reason);
    if (wasUp && will !== null) this.later(() => this.take(clientId, will));
  }

  #detach(mesh: MemoryMesh, reason: string): void {
    const { clientId, clean } = mesh.session;
    if (clean) this.#sessions.delete(clientId);
    mesh.detached(reason);
  }

  #keep(from: string, { topic, bytes }: MeshMessage): void {
    if (bytes.length === 0) this.#retained.delete(topic);
    else if (this.#retained.has(topic) || this.#retained.size < RETAINED_TOPICS_MAX)
      this.#retained.set(topic, { from, bytes });
    else this.#lost += 1;
  }

  #route(from: string, to: string, session: BrokerSession, message: MeshMessage): void {
    this.faults.route({ from, to, topic: message.topic }, (lateUs) => {
      if (session.underWay + session.away.length >= QUEUED_PER_CLIENT_MAX) {
        this.#lost += 1;
        return;
      }
      session.underWay += 1;
      this.later(() => {
        session.underWay -= 1;
        this.#arrive(from, to, session, message);
      }, lateUs);
    });
  }

  #arrive(from: string, to: string, session: BrokerSession, message: MeshMessage): void {
    // Another session of the same client, or none: what was under way to the old one is gone with it.
    if (this.#sessions.get(to) !== session) return;
    const mesh = this.#clients.get(to);
    if (mesh?.isUp && this.#isRunning) mesh.receive({ ...message, bytes: new Uint8Array(message.bytes) });
    else session.away.push({ from, message });
  }
}

function wants(session: BrokerSession, levels: readonly string[]): boolean {
  for (const filter of session.filters.values()) if (levelsMatch(filter, levels)) return true;
  return false;
}
