/** Sees everything that a world does, keeps the ledger and the hash of it, and asks the invariants. */
import type { Agent } from "../core/agent/turn.ts";
import { ascii, concat, toHex } from "../core/base/bytes.ts";
import type { Sha256 } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { Transmission } from "./drivers.ts";
import type { Host, HostEvents } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { boundInvariants } from "./invariants/bound-invariants.ts";
import { emissionInvariants } from "./invariants/emission-invariants.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariants/invariant.ts";
import { leaseInvariants } from "./invariants/lease-invariants.ts";
import { logInvariants } from "./invariants/log-invariants.ts";
import { newLedger } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

export type Breach = {
  readonly invariant: string;
  readonly text: string;
  /** Ids of the records involved, hex. */
  readonly records: readonly string[];
  readonly atEvent: number;
  readonly atUs: number;
};

export type WitnessParts = {
  readonly timeline: Timeline;
  readonly sha256: Sha256;
  readonly hosts: () => readonly Host[];
  readonly offered: (offer: Extract<AnyRecord, { kind: "offer" }>) => void;
  /** True for what a dishonest party breaks on purpose: it is no breach then. None unless told. */
  readonly excused?: (broken: InvariantBroken) => boolean;
};

/** Lines that are hashed together: the chain over them is the same however they fall. */
const LINES_A_LINK = 256;

export class Witness implements HostEvents {
  readonly #parts: WitnessParts;
  readonly #ledger = newLedger();
  readonly #invariants: readonly Invariant[];
  readonly #records = new Map<string, number>();
  /** Own records of each host that the ledger has. */
  readonly #known = new Map<string, number>();
  /** True time until which a host's receiver, or what it left behind, may lie to it. */
  readonly #misledUntilUs = new Map<string, number>();
  #hash: Uint8Array = new Uint8Array(32);
  #lines: string[] = [];
  #breach: Breach | null = null;
  #transmissions = 0;
  #lastOnUs = 0;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    const watched: Watched = {
      ledger: this.#ledger,
      utcUs: () => WORLD_BEGAN_US + parts.timeline.nowUs(),
      running: () => this.#running(),
      isExempt: (host, from) =>
        from === "time" && (this.#misledUntilUs.get(host) ?? 0) > parts.timeline.nowUs(),
    };
    this.#invariants = [
      ...logInvariants(watched),
      ...leaseInvariants(watched),
      ...emissionInvariants(watched),
      ...boundInvariants(watched),
    ];
  }

  /** The first one, or null while everything held. */
  breach(): Breach | null {
    return this.#breach;
  }

  /** When a radio last went on, true time; 0: never. */
  lastOnUs(): number {
    return this.#lastOnUs;
  }

  transmissions(): number {
    return this.#transmissions;
  }

  /** In the order of their names. */
  records(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#records].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Chain over what happened so far, without any signature byte; hex. */
  hash(): string {
    this.#link();
    return toHex(this.#hash);
  }

  /** What this host's receiver says is false, and cannot be told from the truth, for `forUs` from now on. */
  mislead({ spec }: Host, forUs: number): void {
    this.#misledUntilUs.set(spec.name, this.#parts.timeline.nowUs() + forUs);
  }

  /** The first breach ends the run; it is never thrown into an agent. */
  fail(error: unknown): void {
    const { timeline } = this.#parts;
    const at = { atEvent: timeline.events(), atUs: timeline.nowUs() };
    if (error instanceof InvariantBroken) {
      const { invariant, message: text, records } = error;
      this.#breach ??= { invariant, text, records, ...at };
    } else {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#breach ??= { invariant: "no-agent-throws", text, records: [], ...at };
    }
  }

  sweep(): void {
    const { timeline } = this.#parts;
    this.#note(`${timeline.events()}`);
    this.#judge((invariant) => invariant.sweep?.());
  }

  reread(host: Host, records: readonly AnyRecord[]): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.reread?.(name, records));
    // Flushed, and the answer lost with the process or the error: durable all the same.
    for (const record of records.slice(this.#known.get(name) ?? 0)) this.appended(host, record);
  }

  appended(host: Host, record: AnyRecord): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.appended?.(name, record));
    this.#ledger.take(name, record);
    this.#known.set(name, record.header.seq + 1);
    this.#records.set(record.kind, (this.#records.get(record.kind) ?? 0) + 1);
    this.#note(`${name} ${record.kind} ${record.header.seq}`);
    if (record.kind === "offer") this.#parts.offered(record);
  }

  ended(host: Host): void {
    this.#note(`${host.spec.name} ended`);
  }

  transmitted(transmission: Transmission): void {
    const { trueUs, emitter, state, reason } = transmission;
    this.#note(`${emitter} ${state} ${reason}`);
    if (state === "on") {
      this.#transmissions += 1;
      this.#lastOnUs = trueUs;
    }
    this.#judge((invariant) => invariant.transmitted?.(transmission));
  }

  #running(): ReadonlyMap<string, Agent> {
    const running = new Map<string, Agent>();
    for (const host of this.#parts.hosts()) {
      const agent = host.agent();
      if (agent !== null) running.set(host.spec.name, agent);
    }
    return running;
  }

  #judge(ask: (invariant: Invariant) => void): void {
    for (const invariant of this.#invariants) {
      try {
        ask(invariant);
      } catch (error) {
        const isExcused = error instanceof InvariantBroken && this.#parts.excused?.(error) === true;
        if (!isExcused) this.fail(error);
      }
    }
  }

  #note(line: string): void {
    this.#lines.push(`${this.#parts.timeline.nowUs()} ${line}`);
    if (this.#lines.length >= LINES_A_LINK) this.#link();
  }

  #link(): void {
    if (this.#lines.length === 0) return;
    this.#hash = this.#parts.sha256(concat(this.#hash, ascii(this.#lines.join("\n"))));
    this.#lines = [];
  }
}
