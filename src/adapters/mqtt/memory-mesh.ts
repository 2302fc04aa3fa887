/** A mesh over a `MemoryBroker`: the port's promises without a network, for tests and for simulated worlds. */
import type { Mesh, MeshEvent, MeshMessage } from "../../ports/mesh.ts";
import type { PortError } from "../../ports/port-error.ts";
import { isTopic } from "./mesh-topic.ts";
import {
  assertFilters,
  FILTERS_MAX,
  filtersFull,
  type MeshSession,
  meshDown,
  outgoingFault,
} from "./session.ts";

/** What a mesh asks of its broker. */
export interface Uplink {
  /** Runs `act` one latency from now, or `lateUs` after that. */
  later(act: () => void, lateUs?: number): void;
  /** A client's message has reached the broker. */
  take(from: string, message: MeshMessage): void;
  /** A client's filters have reached the broker: they stand, and retained messages follow ([MQTT-3.3.1-6]). */
  subscribe(clientId: string, filters: readonly string[]): void;
  /** DISCONNECT: no will. */
  leave(mesh: MemoryMesh): void;
}

export class MemoryMesh implements Mesh {
  readonly session: MeshSession;
  readonly #broker: Uplink;
  readonly #listeners = new Set<(event: MeshEvent) => void>();
  readonly #filters = new Set<string>();
  readonly #waiting = new Set<(error: PortError) => void>();
  #isUp = false;
  #isClosed = false;
  #downReason = "not connected yet";
  #dropped = 0;

  constructor(session: MeshSession, broker: Uplink) {
    this.session = session;
    this.#broker = broker;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  async publish(message: MeshMessage): Promise<void> {
    if (!this.#isUp) throw meshDown(this.#downReason);
    const fault = outgoingFault(this.session, message, this.#waiting.size);
    if (fault !== null) throw fault;
    const sent = { ...message, bytes: new Uint8Array(message.bytes) };
    return this.#acknowledged(() => this.#broker.take(this.session.clientId, sent));
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    assertFilters(filters);
    if (this.#isClosed) throw meshDown("closed");
    const fresh = [...new Set(filters)].filter((filter) => !this.#filters.has(filter));
    const count = this.#filters.size + fresh.length;
    if (count > FILTERS_MAX) throw filtersFull(count);
    for (const filter of fresh) this.#filters.add(filter);
    if (!this.#isUp || fresh.length === 0) return;
    // Lost under way: the filters are kept and go with the next connection.
    await this.#acknowledged(() => this.#broker.subscribe(this.session.clientId, fresh)).catch(() => {});
  }

  listen(listener: (event: MeshEvent) => void): () => void {
    const own = (event: MeshEvent): void => listener(event);
    if (!this.#isClosed) this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  dropped(): number {
    return this.#dropped;
  }

  async close(): Promise<void> {
    this.#broker.leave(this);
    this.die();
  }

  /** The broker's word: the connection stands. */
  attached(): void {
    this.#isUp = true;
    this.#broker.subscribe(this.session.clientId, [...this.#filters]);
    this.#emit({ kind: "up" });
  }

  /** The broker's word: the connection is gone. The event follows by itself, never inside the call that cut it. */
  detached(reason: string): void {
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#downReason = reason;
    this.#failAll(meshDown(reason));
    this.#broker.later(() => this.#emit({ kind: "down", reason }));
  }

  // Peer-controlled: too long or on a malformed topic is counted and dropped.
  receive(message: MeshMessage): void {
    if (message.bytes.length > this.session.maxMessageBytes || !isTopic(message.topic)) this.#dropped += 1;
    else this.#emit({ kind: "message", message });
  }

  /** No event and no message from now on. */
  die(): void {
    this.#isUp = false;
    this.#isClosed = true;
    this.#downReason = "closed";
    this.#listeners.clear();
    this.#failAll(meshDown("closed"));
  }

  /** Resolves when `act` was done at the broker; rejects when the connection went first, and `act` is not done. */
  #acknowledged(act: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#broker.later(() => {
        if (!this.#waiting.delete(reject)) return;
        act();
        resolve();
      });
    });
  }

  #failAll(error: PortError): void {
    for (const fail of this.#waiting) fail(error);
    this.#waiting.clear();
  }

  #emit(event: MeshEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
