/** Sees everything that a world does, keeps the ledger and the hash of it, and asks the invariants. */
import type { Agent } from "../core/agent/turn.ts";
import { assert } from "../core/base/assert.ts";
import { ascii, concat, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { checkAgreement } from "./agreement.ts";
import { newChronicle } from "./chronicle.ts";
import type { Transmission } from "./drivers.ts";
import type { Harm } from "./faults/fault.ts";
import type { Host, HostEvents } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { boundInvariants } from "./invariants/bound-invariants.ts";
import { emissionInvariants } from "./invariants/emission-invariants.ts";
import { grantInvariants } from "./invariants/grant-invariants.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariants/invariant.ts";
import { leaseInvariants } from "./invariants/lease-invariants.ts";
import { logInvariants } from "./invariants/log-invariants.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { auditLogs, checkForksFound } from "./log-audit.ts";
import { recheckLog } from "./log-recheck.ts";
import type { Register } from "./register.ts";
import { newRogueRecords } from "./rogue-records.ts";
import { CENTRE_SITE } from "./sites.ts";
import type { Timeline } from "./timeline.ts";

export type Breach = {
  readonly invariant: string;
  readonly text: string;
  /** Ids of the records involved, hex. */
  readonly records: readonly string[];
  readonly atEvent: number;
  readonly atUs: number;
  /** Found when the run was over: only the whole run shows it again. */
  readonly atEnd: boolean;
};

export type WitnessParts = {
  readonly timeline: Timeline;
  readonly primitives: Primitives;
  readonly hosts: () => readonly Host[];
  readonly register: Register;
  /** The longest reach of any lease class. */
  readonly reachUs: number;
  readonly offered: (offer: Extract<AnyRecord, { kind: "offer" }>, site: number) => void;
  /** Besides the ones that hold in every world. None unless told. */
  readonly invariants?: (watched: Watched) => readonly Invariant[];
  /** True for what a dishonest party breaks on purpose: it is no breach then. None unless told. */
  readonly excused?: (broken: InvariantBroken) => boolean;
};

const RECORDS_A_RECHECK = 2_000;
/** One reading may be under way when the loss comes about; the one after it shows it. */
const READINGS_AFTER_LOSS = 2;
/** Lines that are hashed together: the chain over them is the same however they fall. */
const LINES_A_LINK = 256;

export class Witness implements HostEvents, Harm {
  readonly #parts: WitnessParts;
  readonly #ledger: Ledger;
  readonly #rogues = newRogueRecords();
  readonly #invariants: readonly Invariant[];
  readonly #records = new Map<string, number>();
  readonly #chronicle = newChronicle();
  readonly #byName = new Map<string, Host>();
  /** True time until which a host's receiver or oscillator, or what they left behind, may deceive it. */
  readonly #exemptUntilUs = { time: new Map<string, number>(), speed: new Map<string, number>() };
  /** Readings of a host's log that may find less than was acknowledged. */
  readonly #mayForget = new Map<string, number>();
  #hash: Uint8Array = new Uint8Array(32);
  #lines: string[] = [];
  #breach: Breach | null = null;
  #transmissions = 0;
  #lastOnUs = 0;
  #rechecked = 0;
  #isOver = false;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#ledger = newLedger(parts.reachUs);
    const watched: Watched = {
      ledger: this.#ledger,
      chronicle: this.#chronicle,
      register: parts.register,
      sliceOf: (host) => this.#hostOf(host).spec.settings.offers.map(({ offer }) => offer.block),
      utcUs: () => WORLD_BEGAN_US + parts.timeline.nowUs(),
      running: () => this.#running(),
      lineageOf: (host) => this.#hostOf(host).lineage(),
      isDishonest: (name) => this.#rogues.isRogue(name),
      mayForget: (host) => (this.#mayForget.get(host) ?? 0) > 0,
      isExempt: (host, from) => (this.#exemptUntilUs[from].get(host) ?? 0) > parts.timeline.nowUs(),
    };
    this.#invariants = [
      ...logInvariants(watched),
      ...leaseInvariants(watched),
      ...grantInvariants(watched),
      ...emissionInvariants(watched),
      ...boundInvariants(watched),
      ...(parts.invariants?.(watched) ?? []),
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

  misled({ spec }: Host, forUs: number): void {
    this.#exemptUntilUs.time.set(spec.name, this.#parts.timeline.nowUs() + forUs);
  }

  offSpeed({ spec }: Host, forUs: number): void {
    this.#exemptUntilUs.speed.set(spec.name, this.#parts.timeline.nowUs() + forUs);
  }

  forgetful({ spec }: Host): void {
    this.#mayForget.set(spec.name, READINGS_AFTER_LOSS);
  }

  /** The first breach ends the run; it is never thrown into an agent. */
  fail(error: unknown): void {
    const { timeline } = this.#parts;
    const at = { atEvent: timeline.events(), atUs: timeline.nowUs(), atEnd: this.#isOver };
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

  /** Some logs worked out from nothing, a bounded number of records at a time: the next ones in turn. */
  async recheck(): Promise<void> {
    const hosts = this.#parts.hosts();
    for (let looked = 0, read = 0; looked < hosts.length && read < RECORDS_A_RECHECK; looked++) {
      const host = hosts[this.#rechecked++ % hosts.length];
      if (host === undefined) return;
      read += this.#chronicle.chainOf(host.spec.name).ids.length;
      await this.#recheckLog(host);
    }
  }

  /** After a calm: every log, both sides of every lease, and all records as an auditor sees them. */
  async finish(root: Uint8Array): Promise<void> {
    this.#isOver = true;
    const { hosts, primitives, timeline } = this.#parts;
    for (const host of hosts()) await this.#recheckLog(host);
    const whole = hosts().filter(({ spec }) => this.#chronicle.chainOf(spec.name).losses === 0);
    checkAgreement(whole, WORLD_BEGAN_US + timeline.nowUs());
    const forgives = (host: string): boolean => this.#forgives(host);
    const authors = this.#chronicle.authors();
    const authorOf = (id: string): string | null => authors.get(id) ?? this.#rogues.authorOf(id);
    // Nobody deals with another site: what its own logs hold is all that an auditor of a site needs.
    for (const site of new Set(hosts().map(({ spec }) => spec.site))) {
      const there = hosts().filter(({ spec }) => spec.site === site);
      const audited = await auditLogs(there, { primitives, root, forgives, authorOf });
      checkForksFound(audited, this.#rogues.forks());
    }
  }

  /** Whose disk forgot, or whose clock or receiver was deceived, may have records that do not fit. */
  #forgives(host: string): boolean {
    if (this.#rogues.isRogue(host) || this.#chronicle.chainOf(host).losses > 0) return true;
    return this.#exemptUntilUs.time.has(host) || this.#exemptUntilUs.speed.has(host);
  }

  #recheckLog(host: Host): Promise<void> {
    const [ledger, chronicle, { primitives }] = [this.#ledger, this.#chronicle, this.#parts];
    return recheckLog(host, { ledger, chronicle, primitives });
  }

  reread(host: Host, records: readonly AnyRecord[]): void {
    const { name } = host.spec;
    const lossSeq = this.#chronicle.lossIn(name, records);
    this.#judge((invariant) => invariant.reread?.(name, records, lossSeq));
    this.#mayForget.set(name, (this.#mayForget.get(name) ?? 0) - 1);
    if (lossSeq !== null) {
      this.#chronicle.lose(name, lossSeq);
      this.#ledger.forget(name, lossSeq);
      this.#note(`${name} lost from ${lossSeq}`);
    }
    // Flushed, and the answer lost with the process or the error: durable all the same.
    for (const record of records.slice(this.#chronicle.chainOf(name).ids.length))
      this.#take(host, record, "disk");
  }

  appended(host: Host, record: AnyRecord): void {
    this.#take(host, record, "agent");
  }

  /** A dishonest peer signed a record, and is about to send it: its buyers and holders are judged by it. */
  signed(rogue: string, record: AnyRecord): void {
    this.#rogues.take(rogue, record);
    this.#ledger.take(rogue, record, WORLD_BEGAN_US + this.#parts.timeline.nowUs());
    this.#note(`${rogue} ${record.kind}`);
    if (record.kind === "offer") this.#parts.offered(record, CENTRE_SITE);
  }

  #take(host: Host, record: AnyRecord, by: "agent" | "disk"): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.appended?.(name, record, by));
    this.#ledger.take(name, record, WORLD_BEGAN_US + this.#parts.timeline.nowUs());
    this.#chronicle.append(name, record);
    this.#records.set(record.kind, (this.#records.get(record.kind) ?? 0) + 1);
    this.#note(`${name} ${record.kind} ${record.header.seq}`);
    if (record.kind === "offer") this.#parts.offered(record, host.spec.site);
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

  #hostOf(name: string): Host {
    if (this.#byName.size === 0)
      for (const each of this.#parts.hosts()) this.#byName.set(each.spec.name, each);
    const host = this.#byName.get(name);
    assert(host !== undefined, "invariants ask about hosts of the world");
    return host;
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
    this.#hash = this.#parts.primitives.sha256(concat(this.#hash, ascii(this.#lines.join("\n"))));
    this.#lines = [];
  }
}
