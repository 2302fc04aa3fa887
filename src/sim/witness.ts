/** Sees everything that a world does, keeps the ledger and the hash of it, and asks the invariants. */
import type { Agent } from "../core/agent/turn.ts";
import { assert } from "../core/base/assert.ts";
import { ascii, concat, equalBytes, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import type { MeshMessage } from "../ports/mesh.ts";
import { checkAgreement } from "./agreement.ts";
import { newChronicle } from "./chronicle.ts";
import type { Transmission } from "./drivers.ts";
import { newForgiveness } from "./forgiveness.ts";
import { type FreshAudit, newFreshAudit } from "./fresh-audit.ts";
import { type Harms, newHarms } from "./harms.ts";
import type { Host, HostEvents } from "./host.ts";
import { WORLD_BEGAN_US } from "./host-clock.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariants/invariant.ts";
import { worldInvariants } from "./invariants/world-invariants.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { auditLogs, checkForksFound, type LogAuditParts } from "./log-audit.ts";
import { recheckLog } from "./log-recheck.ts";
import type { Ground } from "./market.ts";
import { type LogReader, newLogReader, type ReadLog } from "./read-logs.ts";
import type { Register } from "./register.ts";
import { newRogueRecords } from "./rogue-records.ts";
import { bySite, CENTRE_SITE } from "./sites.ts";
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
  readonly ground: Ground;
  readonly offered: (offer: Extract<AnyRecord, { kind: "offer" }>, site: number) => void;
  /** Besides the ones that hold in every world. None unless told. */
  readonly invariants?: (watched: Watched) => readonly Invariant[];
  /** True for what a dishonest party breaks on purpose: it is no breach then. None unless told. */
  readonly excused?: (broken: InvariantBroken) => boolean;
};

/** Lines hashed together: the chain is the same however they fall. */
const LINES_A_LINK = 256;

export class Witness implements HostEvents {
  /** What faults tell of what they do to hosts. */
  readonly harms: Harms;
  readonly #parts: WitnessParts;
  readonly #ledger: Ledger;
  readonly #rogues = newRogueRecords();
  readonly #invariants: readonly Invariant[];
  readonly #records = new Map<string, number>();
  readonly #chronicle = newChronicle();
  readonly #byName = new Map<string, Host>();
  readonly #reader: LogReader;
  /** By site. */
  readonly #shelves = new Map<number, FreshAudit>();
  #hash: Uint8Array = new Uint8Array(32);
  #lines: string[] = [];
  #breach: Breach | null = null;
  #transmissions = 0;
  #lastOnUs = 0;
  #isOver = false;

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#reader = newLogReader(parts.primitives);
    this.harms = newHarms(() => parts.timeline.nowUs());
    const { policy, schema } = parts.ground;
    this.#ledger = newLedger(Math.max(...policy.leaseClasses.map(({ reachUs }) => reachUs)));
    const watched: Watched = {
      ledger: this.#ledger,
      chronicle: this.#chronicle,
      register: parts.register,
      policy,
      sha256: parts.primitives.sha256,
      guardBandHz: schema.guardBandHz,
      sliceOf: (host) => this.#hostOf(host).spec.settings.offers.map(({ offer }) => offer.block),
      utcUs: () => WORLD_BEGAN_US + parts.timeline.nowUs(),
      running: () => this.#running(),
      agentOf: (host) => this.#hostOf(host).agent(),
      lineageOf: (host) => this.#hostOf(host).lineage(),
      isDishonest: (name) => this.#rogues.isRogue(name),
      mayForget: this.harms.mayForget,
      isExempt: this.harms.isExempt,
    };
    this.#invariants = [...worldInvariants(watched), ...(parts.invariants?.(watched) ?? [])];
  }

  /** The first one, or null while everything held. */
  breach(): Breach | null {
    return this.#breach;
  }

  /** When a radio last went on, true time; 0: never. */
  lastOnUs(): number {
    return this.#lastOnUs;
  }

  /** Its disk lost records that it had acknowledged. */
  hasLost({ spec }: Host): boolean {
    return this.#chronicle.chainOf(spec.name).losses > 0;
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

  /** Every log to its last byte, and all that came since the last time as an auditor sees it; `root`: its inception. */
  async recheck(root: Uint8Array): Promise<void> {
    for (const [site, hosts] of bySite(this.#parts.hosts())) {
      const read: ReadLog[] = [];
      for (const host of hosts) read.push(...(await this.#recheckLog(host, this.#reader)));
      const shelf = this.#shelves.get(site) ?? newFreshAudit();
      this.#shelves.set(site, shelf);
      shelf.audit(read, this.#auditing(root));
    }
  }

  /** After a calm: every log, both sides of every lease, and all records as an auditor sees them. */
  async finish(root: Uint8Array): Promise<void> {
    this.#isOver = true;
    const { hosts, primitives, timeline } = this.#parts;
    for (const host of hosts()) await this.#recheckLog(host, newLogReader(primitives));
    const whole = hosts().filter((host) => !this.hasLost(host));
    checkAgreement(whole, WORLD_BEGAN_US + timeline.nowUs());
    const judging = this.#auditing(root);
    // Nobody deals with another site: what its own logs hold is all that an auditor of a site needs.
    for (const [, there] of bySite(hosts())) {
      checkForksFound(await auditLogs(there, judging), this.#rogues.forks());
      // Each alone too: a copy of one log has to hold all that its own records stand on.
      for (const host of there) await auditLogs([host], judging);
    }
  }

  async #recheckLog(host: Host, reader: LogReader): Promise<readonly ReadLog[]> {
    const log = await recheckLog(host, { ledger: this.#ledger, chronicle: this.#chronicle, reader });
    return log === null ? [] : [log];
  }

  #auditing(root: Uint8Array): LogAuditParts {
    const [{ hosts, primitives }, rogues] = [this.#parts, this.#rogues];
    const forgives = newForgiveness({ chronicle: this.#chronicle, harms: this.harms, rogues });
    return { primitives, root, forgives, rogueOf: rogues.nameOf, people: hosts() };
  }

  reread(host: Host, records: readonly AnyRecord[]): void {
    const { name } = host.spec;
    const lossSeq = this.#chronicle.lossIn(name, records);
    this.#judge((invariant) => invariant.reread?.(name, records, lossSeq));
    this.harms.wasRead(name);
    if (lossSeq !== null) {
      this.#chronicle.lose(name, lossSeq);
      this.#ledger.forget(name, lossSeq);
      this.#note(`${name} lost from ${lossSeq}`);
    }
    // Flushed, and the answer lost with the process or the error: durable all the same.
    for (const record of records.slice(this.#chronicle.chainOf(name).ids.length))
      this.#take(host, record, "disk");
  }

  began({ spec }: Host, isClean: boolean): void {
    this.#judge((invariant) => invariant.began?.(spec.name, isClean));
  }

  /** A message leaves a host: of its own records the log has to hold each. */
  published(host: Host, { bytes }: MeshMessage): void {
    const record = recordOfBytes(bytes, this.#parts.primitives);
    if (!record.ok || !equalBytes(record.value.header.lineage, host.lineage())) return;
    this.#judge((invariant) => invariant.published?.(host.spec.name, record.value));
  }

  moved({ spec: { name } }: Host, isAway: boolean): void {
    this.#note(`${name} ${isAway ? "away" : "home"}`);
    this.#judge((invariant) => invariant.moved?.(name, isAway));
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

  /** A dishonest peer wrote what nobody honest may rely on: who does so is in breach. */
  forged(rogue: string, record: AnyRecord): void {
    this.#rogues.take(rogue, record);
    this.#note(`${rogue} ${record.kind}`);
  }

  #take(host: Host, record: AnyRecord, by: "agent" | "disk"): void {
    const { name } = host.spec;
    this.#judge((invariant) => invariant.appended?.(name, record, by));
    this.#ledger.take(name, record, WORLD_BEGAN_US + this.#parts.timeline.nowUs());
    this.#chronicle.append(name, record, this.#parts.timeline.nowUs());
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
    // What goes on after a pause went on before.
    if (state === "on" && reason !== "duty-cycle") {
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
