/** Takes an input, steps the core, performs the effects: everything that awaits stands around this loop (DESIGN §3). */
import { newAgent } from "../core/agent/agent.ts";
import type { AgentConfig } from "../core/agent/config.ts";
import type { Effect, Note } from "../core/agent/effect.ts";
import type { Command, CommandAnswer, Input, Now } from "../core/agent/input.ts";
import { ownPlace, ownTime } from "../core/agent/own-evidence.ts";
import { step } from "../core/agent/step.ts";
import type { Agent } from "../core/agent/turn.ts";
import { assert, unreachable } from "../core/base/assert.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import type { PortError } from "../ports/port-error.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { type AppendQueue, appendQueue } from "./append-queue.ts";
import type { Failpoints } from "./failpoints.ts";
import type { Folded } from "./fold.ts";
import { type Health, health } from "./health.ts";
import { keyCheck } from "./key-check.ts";
import { type LogRecovery, logRecovery } from "./log-recovery.ts";
import { type Neighbourhood, neighbourhood } from "./neighbourhood.ts";
import { markOf } from "./open-log.ts";
import { listenToPorts } from "./port-events.ts";
import { publisher } from "./publisher.ts";
import { type QuarantineMark, quarantineMark } from "./quarantine-mark.ts";
import { radioPerformer } from "./radio-performer.ts";
import { type RefusalCounts, refusalCounts } from "./refusal-counts.ts";
import type { CellsAround } from "./routes.ts";
import { type SessionSigners, sessionSigners } from "./session-signers.ts";
import { tpmPerformer } from "./tpm-performer.ts";

export type AgentParts = {
  readonly config: AgentConfig;
  readonly ports: AgentPorts;
  readonly pack: PackEnvelope;
  readonly folded: Folded;
  /** Record files of the operator: roots' inceptions, policy, schema, credentials, snapshots. */
  readonly documents: readonly Uint8Array[];
  /** Why the log was opened uncleanly, or null. */
  readonly quarantine: string | null;
  readonly cellsAround: CellsAround;
  readonly eligibilityClasses: readonly string[];
  readonly failpoints: Failpoints;
  readonly onNote: (note: Note) => void;
};

export type RunningAgent = {
  readonly agent: Agent;
  readonly health: Health;
  readonly refusals: RefusalCounts;
  now(): Now;
  command(command: Command): Promise<CommandAnswer>;
  /** Feeds an input as a driver would; for the fault drills of bench and tests. */
  input(input: Input): void;
  /** Mutes, then lets go of everything. */
  stop(): Promise<void>;
};

const TICK_US = 100_000;

export async function runAgent(parts: AgentParts): Promise<RunningAgent> {
  const { ports, config } = parts;
  const loop = new Loop(parts);
  for (const bytes of parts.documents) loop.take({ kind: "document", bytes });
  for (const record of parts.folded.foreign)
    loop.take({ kind: "document", bytes: parts.pack(record.envelope), stored: true });
  const tpmCounter = ports.tpm === null || !config.counter ? null : Number(await ports.tpm.readCounter());
  loop.take({ kind: "started", quarantine: parts.quarantine, tpmCounter });
  loop.begin();
  return {
    agent: loop.agent,
    health: loop.health,
    refusals: loop.refusals,
    now: () => ports.clock.read(),
    command: (command) => loop.command(command),
    input: (input) => loop.take(input),
    stop: () => loop.stop(),
  };
}

/** The one place where inputs become steps; its parts call back into `take`. */
class Loop {
  readonly agent: Agent;
  readonly health: Health;
  readonly refusals = refusalCounts();
  readonly #parts: AgentParts;
  readonly #queue: AppendQueue;
  readonly #around: Neighbourhood;
  readonly #publish: ReturnType<typeof publisher>;
  readonly #radio: ReturnType<typeof radioPerformer>;
  readonly #tpm: ReturnType<typeof tpmPerformer>;
  readonly #sessions: SessionSigners;
  readonly #mark: QuarantineMark;
  readonly #recovery: LogRecovery;
  /** The signer's key is being looked for. */
  #keyLost = false;
  readonly #tickets = new Map<number, (answer: CommandAnswer) => void>();
  #unlisten: () => void = () => {};
  #cancelTick: () => void = () => {};
  #nextTicket = 0;
  #stopped = false;

  constructor(parts: AgentParts) {
    const { ports, config, pack, failpoints } = parts;
    const { clock, log, mesh, store, signer } = ports;
    this.#parts = parts;
    this.agent = newAgent(config, parts.folded.state, parts.folded.documents);
    const { key } = this.agent.durable;
    assert(key !== null, "an opened log has its inception");
    this.health = health((port, reason) => {
      if (reason === null) log.info("ready", { port });
      else log.warn("not-ready", { port, reason });
    });
    const take = (input: Input): void => this.take(input);
    const common = { health: this.health, failpoints, take };
    const { lineage } = key;
    this.#around = neighbourhood({
      ...parts,
      mesh,
      health: this.health,
      lineage,
      onArrived: () => take({ kind: "mesh-up" }),
    });
    this.#publish = publisher({ mesh, pack, ...common, lineage, cell: () => this.#around.cell() });
    this.#radio = radioPerformer({ radio: ports.radio, clock, ...common });
    this.#tpm = tpmPerformer({
      tpm: ports.tpm,
      bootId: config.bootId,
      sha256: config.primitives.sha256,
      ...common,
    });
    const trouble = (port: "signer" | "store", error: PortError | null): void => {
      this.health.set(port, error === null ? null : `${error.code}: ${error.message}`);
    };
    const stopped = (): boolean => this.#stopped;
    this.#sessions = sessionSigners(ports.sessionKeys, config.primitives.sha256);
    this.#queue = appendQueue({
      signer,
      sessionSigner: this.#sessions.signerOf,
      store,
      pack,
      clock,
      keyId: this.agent.keyId,
      failpoints,
      onAppended: (id, envelope) => take({ kind: "appended", id, envelope }),
      onTrouble: trouble,
      onKeyLost: (error) => void this.#awaitKey(error),
      onFlushFailed: (error) => {
        trouble("store", error);
        this.#recovery.begin(error.code);
      },
    });
    this.#mark = quarantineMark({ store, clock, stopped, onTrouble: (error) => trouble("store", error) });
    this.#recovery = logRecovery({
      agent: this.agent,
      store,
      pack,
      clock,
      failpoints,
      health: this.health,
      queue: this.#queue,
      mark: this.#mark,
      mute: (reason) => this.#radio({ kind: "mute", reason }),
      onFolded: (reason, { lost }) => take({ kind: "queue-lost", reason, lost }),
      stopped,
    });
  }

  take(input: Input): void {
    if (this.#stopped) return;
    for (const effect of step(this.agent, input, this.#parts.ports.clock.read())) this.#perform(effect);
  }

  begin(): void {
    const followPlace = (): void => this.#followPlace();
    this.#unlisten = listenToPorts({
      ports: this.#parts.ports,
      health: this.health,
      take: (input) => this.take(input),
      followPlace,
      notAssured: () => this.#notAssured(),
    });
    this.#scheduleTick();
  }

  command(command: Command): Promise<CommandAnswer> {
    return new Promise((resolve) => {
      this.#nextTicket += 1;
      this.#tickets.set(this.#nextTicket, resolve);
      this.take({ kind: "command", ticket: this.#nextTicket, command });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    this.#unlisten();
    const { mesh, gnss, store, radio, tpm } = this.#parts.ports;
    if (radio !== null) await radio.mute().catch(() => undefined);
    this.#queue.drop();
    await this.#queue.idle();
    await this.#mark.settled();
    await Promise.allSettled([mesh.close(), gnss.close()]);
    await Promise.allSettled([store.close(), radio?.close(), tpm?.close()]);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "append":
        // Until the log is folded anew, the core stands on what may not be in it: `queue-lost` drops these too.
        if (!this.#recovery.underWay()) this.#queue.push(effect.draft);
        return;
      case "drop-queue":
        this.#recovery.begin(effect.reason);
        return;
      case "restore":
        this.#recovery.begin("records fetched from peers", effect.entries);
        return;
      case "publish":
      case "want":
        this.#publish(effect);
        return;
      case "arm":
      case "extend":
      case "mute":
        this.#radio(effect);
        return;
      case "attest":
      case "count":
        this.#tpm(effect);
        return;
      case "make-session-key":
        void this.#makeSessionKey();
        return;
      case "set-quarantine-mark":
        this.health.set("quarantine", effect.reason);
        this.#mark.set(markOf(effect.seq, effect.reason));
        return;
      case "clear-quarantine-mark":
        this.health.set("quarantine", null);
        this.#mark.set(null);
        return;
      case "answer":
        this.#tickets.get(effect.ticket)?.(effect.answer);
        this.#tickets.delete(effect.ticket);
        return;
      case "note":
        this.refusals.add(effect.event);
        this.#parts.onNote(effect.event);
        return;
      default:
        unreachable(effect);
    }
  }

  /** After the step that asked for it: what that step queued goes first. */
  async #makeSessionKey(): Promise<void> {
    const publicKey = await Promise.resolve(this.#sessions.make());
    if (publicKey !== null) this.take({ kind: "session-key-made", publicKey });
  }

  /** Nothing of the unappended tail left the process. What comes back must be the same key: it is tried, not trusted. */
  async #awaitKey(error: PortError): Promise<void> {
    if (this.#keyLost) return;
    this.#keyLost = true;
    const { ports, config } = this.#parts;
    const reason = `${error.code}: ${error.message}`;
    this.#recovery.begin(reason);
    this.take({ kind: "key-lost", reason });
    await keyCheck({ ...ports, config, health: this.health, stopped: () => this.#stopped });
    this.#keyLost = false;
    this.take({ kind: "key-back" });
  }

  #followPlace(): void {
    const now = this.#parts.ports.clock.read();
    this.#around.follow(ownPlace({ agent: this.agent, now, effects: [] }));
  }

  #notAssured(): string | null {
    const turn = { agent: this.agent, now: this.#parts.ports.clock.read(), effects: [] };
    if (ownTime(turn) === null) return "not-assured: no fix's time was admitted; a time-fault says why";
    return ownPlace(turn) === null ? "not-assured: no fix had a height and known errors" : null;
  }

  #scheduleTick(): void {
    const { clock } = this.#parts.ports;
    this.#cancelTick = clock.at(clock.read().bootUs + TICK_US, () => {
      if (this.#stopped) return;
      this.take({ kind: "tick" });
      this.#followPlace();
      this.#scheduleTick();
    });
  }
}
