/** A mesh that outlives its connections: keeps the filters, comes back by itself, bounds what is under way (PROTOCOL §8). */
import type { DriverContext } from "../../ports/driver.ts";
import type { Mesh, MeshEvent, MeshMessage } from "../../ports/mesh.ts";
import { PortError } from "../../ports/port-error.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { type Backoff, backoffUs } from "./backoff.ts";
import type { Link, OpenLink } from "./link.ts";
import { isTopic } from "./mesh-topic.ts";
import {
  assertFilters,
  FILTERS_MAX,
  filtersFull,
  type MeshSession,
  meshDown,
  outgoingFault,
} from "./session.ts";

/** A connection that held so long was a good one: after its loss the waits start short again. */
const STEADY_US = 10_000_000;

const RENEWED = "connection renewed";
/** After a renewal that the broker did not take. */
const RENEWAL_AGAIN_US = 60_000_000;

export class ReconnectingMesh implements Mesh {
  readonly #context: DriverContext;
  readonly #session: MeshSession;
  readonly #backoff: Backoff;
  readonly #openLink: OpenLink;
  readonly #listeners = new Set<(event: MeshEvent) => void>();
  readonly #filters = new Set<string>();
  readonly #waiting: Acknowledgements;
  #link: Link | null = null;
  /** Is to stand in the place of `#link`, once the broker has accepted it. */
  #next: Link | null = null;
  #up = false;
  #upSinceBootUs = 0;
  #downReason = "not connected yet";
  #attempt = 0;
  #dropped = 0;
  #cancelRetry: (() => void) | null = null;
  #cancelRenewal: (() => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(context: DriverContext, session: MeshSession, backoff: Backoff, openLink: OpenLink) {
    this.#context = context;
    this.#session = session;
    this.#backoff = backoff;
    this.#openLink = openLink;
    this.#waiting = new Acknowledgements(context.clock, () => this.#link?.drop("acknowledgement overdue"));
    this.#connect();
  }

  async publish(message: MeshMessage): Promise<void> {
    const link = this.#usableLink();
    const fault = outgoingFault(this.#session, message, this.#waiting.count);
    if (fault !== null) throw fault;
    return this.#waiting.watch(link.publish(message));
  }

  /** Resolves with the broker's word; while down at once: the filters then stand before the next `up`. */
  async subscribe(filters: readonly string[]): Promise<void> {
    assertFilters(filters);
    if (this.#closing !== null) throw meshDown("closed");
    const fresh = [...new Set(filters)].filter((filter) => !this.#filters.has(filter));
    const count = this.#filters.size + fresh.length;
    if (count > FILTERS_MAX) throw filtersFull(count);
    for (const filter of fresh) this.#filters.add(filter);
    if (this.#link === null || !this.#up || fresh.length === 0) return;
    try {
      await this.#waiting.watch(this.#link.subscribe(fresh));
    } catch (error) {
      // Lost under way: kept, and asked again. Refused: forgotten, or every later connection would fail on it.
      if (error instanceof PortError && error.code === "mesh-down") return;
      for (const filter of fresh) this.#filters.delete(filter);
      throw error;
    }
  }

  listen(listener: (event: MeshEvent) => void): () => void {
    // A function of its own, so that one listener may listen twice.
    const own = (event: MeshEvent): void => listener(event);
    if (this.#closing === null) this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  dropped(): number {
    return this.#dropped;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #usableLink(): Link {
    if (this.#closing !== null) throw meshDown("closed");
    if (this.#link === null || !this.#up) throw meshDown(this.#downReason);
    return this.#link;
  }

  #connect(): void {
    this.#cancelRetry = null;
    const link = this.#opened();
    this.#link = link;
    void link.ready.then(() => this.#establish(link));
  }

  #opened(): Link {
    const link: Link = this.#openLink({
      message: (topic, bytes, retain) => this.#receive(topic, bytes, retain),
      lost: (reason) => this.#lost(link, reason),
    });
    return link;
  }

  /** The new connection first: where the broker does not take it, the standing one goes on. */
  #renew(): void {
    this.#cancelRenewal = null;
    const next = this.#opened();
    this.#next = next;
    void next.ready.then(() => {
      if (this.#next !== next || this.#closing !== null) return;
      const old = this.#link;
      this.#next = null;
      // A broker ends the older connection of a client by itself, perhaps before it accepts this one.
      const wasUp = this.#up;
      this.#fall(RENEWED);
      this.#link = next;
      old?.drop(RENEWED);
      if (wasUp) this.#emit({ kind: "down", reason: RENEWED });
      void this.#establish(next);
    });
  }

  #lost(link: Link, reason: string): void {
    if (link === this.#next) this.#lostNext(reason);
    else if (link === this.#link) this.#lose(reason);
  }

  #lostNext(reason: string): void {
    this.#next = null;
    if (this.#closing !== null) return;
    this.#context.log.warn("mesh-not-renewed", { clientId: this.#session.clientId, reason });
    if (this.#link === null) this.#retry(reason, false);
    else this.#planRenewal(this.#context.clock.read().bootUs + RENEWAL_AGAIN_US);
  }

  #planRenewal(bootUs: number): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = this.#context.clock.at(bootUs, () => this.#renew());
  }

  /** `up` comes after the filters stand, so that an answer to what `up` sets off cannot be missed. */
  async #establish(link: Link): Promise<void> {
    const isCurrent = (): boolean => this.#link === link && this.#closing === null;
    const asked = new Set<string>();
    try {
      while (isCurrent() && asked.size < this.#filters.size) {
        const missing = [...this.#filters].filter((filter) => !asked.has(filter));
        for (const filter of missing) asked.add(filter);
        await this.#waiting.watch(link.subscribe(missing));
      }
    } catch (error) {
      if (isCurrent()) link.drop(error instanceof PortError ? error.code : "subscribing failed");
      return;
    }
    if (!isCurrent()) return;
    this.#up = true;
    this.#upSinceBootUs = this.#context.clock.read().bootUs;
    const renewBootUs = link.renewBootUs();
    if (renewBootUs !== null) this.#planRenewal(renewBootUs);
    this.#context.log.info("mesh-up", { clientId: this.#session.clientId });
    this.#emit({ kind: "up" });
  }

  #lose(reason: string): void {
    const wasUp = this.#up;
    const isNews = wasUp || reason !== this.#downReason;
    this.#fall(reason);
    if (this.#closing !== null) return;
    // Another connection is being set up in its place: that one's fate decides.
    if (this.#next === null) this.#retry(reason, wasUp);
    if (isNews) this.#emit({ kind: "down", reason });
  }

  /** No connection from now on. */
  #fall(reason: string): void {
    this.#cancelRenewal?.();
    this.#cancelRenewal = null;
    this.#link = null;
    this.#up = false;
    this.#downReason = reason;
    this.#waiting.failAll(meshDown(reason));
  }

  #retry(reason: string, wasUp: boolean): void {
    const { clock, entropy, log } = this.#context;
    const nowUs = clock.read().bootUs;
    this.#attempt = wasUp && nowUs - this.#upSinceBootUs >= STEADY_US ? 0 : this.#attempt + 1;
    const retryInUs = backoffUs(entropy, this.#backoff, this.#attempt);
    this.#cancelRetry = clock.at(nowUs + retryInUs, () => this.#connect());
    log.warn("mesh-down", { clientId: this.#session.clientId, reason, retryInUs });
  }

  // Peer-controlled: whatever the broker forwards. Too long or on a malformed topic: counted and dropped.
  #receive(topic: string, bytes: Uint8Array, retain: boolean): void {
    if (bytes.length > this.#session.maxMessageBytes || !isTopic(topic)) this.#dropped += 1;
    else this.#emit({ kind: "message", message: { topic, bytes, retain } });
  }

  #emit(event: MeshEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  async #end(): Promise<void> {
    this.#listeners.clear();
    this.#cancelRetry?.();
    this.#cancelRenewal?.();
    await Promise.all([this.#link?.close(), this.#next?.close()]);
    this.#waiting.failAll(meshDown("closed"));
    this.#waiting.stop();
  }
}
