/** Takes an input, steps the core, performs the effects: everything that awaits stands around this loop (DESIGN §3). */
import { newAgent } from "../core/agent/agent.ts";
import type { AgentConfig } from "../core/agent/config.ts";
import type { Effect, Note } from "../core/agent/effect.ts";
import type { Command, CommandAnswer, Input, Now } from "../core/agent/input.ts";
import { ownPlace } from "../core/agent/own-evidence.ts";
import { step } from "../core/agent/step.ts";
import type { Agent } from "../core/agent/turn.ts";
import { concat } from "../core/base/bytes.ts";
import type { PackEnvelope } from "../core/wire/envelope.ts";
import { writeWant } from "../core/wire/want.ts";
import type { Clock } from "../ports/clock.ts";
import type { Gnss } from "../ports/gnss.ts";
import type { Log } from "../ports/log.ts";
import type { Mesh } from "../ports/mesh.ts";
import { PortError } from "../ports/port-error.ts";
import type { Radio } from "../ports/radio.ts";
import type { Signer } from "../ports/signatures.ts";
import type { Store } from "../ports/store.ts";
import type { Tpm } from "../ports/tpm.ts";
import { type AppendQueue, appendQueue } from "./append-queue.ts";
import { type Failpoints, failpoint } from "./failpoints.ts";
import { type Folded, fold } from "./fold.ts";
import { type Health, health } from "./health.ts";
import { markOf, QUARANTINE_MARK } from "./open-log.ts";
import { radioPerformer } from "./radio-performer.ts";
import { type CellsAround, filtersFor, topicOf } from "./routes.ts";

export type AgentPorts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly mesh: Mesh;
  readonly store: Store;
  readonly signer: Signer;
  readonly gnss: Gnss;
  readonly tpm: Tpm | null;
  readonly radio: Radio | null;
};

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
  now(): Now;
  command(command: Command): Promise<CommandAnswer>;
  /** Feeds an input as a driver would; for the fault drills of bench and tests. */
  input(input: Input): void;
  /** Mutes, then lets go of everything. */
  stop(): Promise<void>;
};

const TICK_US = 100_000;
/** PCRs that a quote covers: firmware, boot loader and kernel. */
const QUOTED_PCRS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

export async function runAgent(parts: AgentParts): Promise<RunningAgent> {
  const { ports, config } = parts;
  const { clock, log, mesh, store } = ports;
  const agent = newAgent(config, parts.folded.state, parts.folded.documents);
  const tickets = new Map<number, (answer: CommandAnswer) => void>();
  const stops: (() => void)[] = [];
  let nextTicket = 0;
  let stopped = false;
  let cells = "";

  const state = health((port, reason) => {
    if (reason === null) log.info("ready", { port });
    else log.warn("not-ready", { port, reason });
  });
  const now = (): Now => clock.read();
  const queue: AppendQueue = appendQueue({
    signer: ports.signer,
    store,
    pack: parts.pack,
    clock,
    keyId: agent.keyId,
    failpoints: parts.failpoints,
    onAppended: (id, envelope) => take({ kind: "appended", id, envelope }),
    onTrouble: (port, trouble) =>
      state.set(port, trouble === null ? null : `${trouble.code}: ${trouble.message}`),
    onFlushFailed: (error) => {
      void refold(error);
    },
  });
  const radio = radioPerformer({
    radio: ports.radio,
    clock,
    failpoints: parts.failpoints,
    health: state,
    take: (input) => take(input),
  });

  function take(input: Input): void {
    if (stopped) return;
    for (const effect of step(agent, input, now())) perform(effect);
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case "append":
        queue.push(effect.draft);
        return;
      case "publish":
        void publish(
          topicOf(effect.route, lineage(), ownCell()),
          parts.pack(effect.record.envelope),
          effect.route.to !== "agent",
        );
        return;
      case "want":
        void publish(
          topicOf({ to: "agent", lineage: effect.lineage }, lineage(), ""),
          writeWant({ lineage: lineage(), ids: effect.ids }),
          false,
        );
        return;
      case "arm":
      case "extend":
      case "mute":
        radio(effect);
        return;
      case "attest":
        void attest(effect.head);
        return;
      case "count":
        void raiseCounter();
        return;
      case "set-quarantine-mark":
        state.set("quarantine", effect.reason);
        void mark(markOf(agent.durable.nextSeq, effect.reason));
        return;
      case "clear-quarantine-mark":
        state.set("quarantine", null);
        void mark(null);
        return;
      case "answer":
        tickets.get(effect.ticket)?.(effect.answer);
        tickets.delete(effect.ticket);
        return;
      case "note":
        parts.onNote(effect.event);
        return;
    }
  }

  function lineage(): Uint8Array {
    return agent.provisional.key?.lineage ?? new Uint8Array(32);
  }

  function ownCell(): string {
    return cells === "" ? "nowhere" : (cells.split(" ")[0] ?? "nowhere");
  }

  async function publish(topic: string, bytes: Uint8Array, retain: boolean): Promise<void> {
    await failpoint(parts.failpoints, "before-publish");
    try {
      await mesh.publish({ topic, bytes, retain });
      state.set("mesh", null);
    } catch (error) {
      // The outbox is derived from the log: what was not answered is sent again.
      if (!(error instanceof PortError)) throw error;
      state.set("mesh", `${error.code}: ${error.message}`);
    }
  }

  async function attest(head: Uint8Array): Promise<void> {
    const { tpm } = ports;
    if (tpm === null) return;
    try {
      const quote = await tpm.quote(config.primitives.sha256(concat(head, config.bootId)), QUOTED_PCRS);
      const { akPublic, signingPublic, certification } = tpm.identity;
      state.set("tpm", null);
      take({
        kind: "attested",
        evidence: {
          akPublic,
          signingPublic,
          certification: certification.attestation,
          certificationSignature: certification.signature,
          quote: quote.attestation,
          quoteSignature: quote.signature,
          pcrs: QUOTED_PCRS,
          head,
          bootId: config.bootId,
        },
      });
    } catch (error) {
      troubled("tpm", error);
      take({ kind: "not-attested" });
    }
  }

  async function raiseCounter(): Promise<void> {
    const { tpm } = ports;
    if (tpm === null) return;
    try {
      await failpoint(parts.failpoints, "before-count");
      take({ kind: "counted", counter: Number(await tpm.incrementCounter()) });
      state.set("tpm", null);
    } catch (error) {
      troubled("tpm", error);
    }
  }

  async function mark(bytes: Uint8Array | null): Promise<void> {
    try {
      await store.writeMark(QUARANTINE_MARK, bytes);
    } catch (error) {
      troubled("store", error);
    }
  }

  function troubled(port: "tpm" | "store", error: unknown): void {
    if (!(error instanceof PortError)) throw error;
    state.set(port, `${error.code}: ${error.message}`);
  }

  /** Mute, close, re-read, flush anew, fold again (PROTOCOL §2): what came through is in the fold, the rest never left. */
  async function refold(error: PortError): Promise<void> {
    state.set("store", `${error.code}: ${error.message}`);
    radio({ kind: "mute", reason: "store-flush-failed" });
    queue.drop();
    for (;;) {
      try {
        await store.reopen();
        const folded = await fold(store.frames(), config.primitives);
        agent.durable = folded.state;
        for (const [id, record] of folded.documents) agent.documents.set(id, record);
        break;
      } catch (again) {
        troubled("store", again);
        await new Promise<void>((resolve) => clock.at(clock.read().bootUs + 1_000_000, resolve));
        if (stopped) return;
      }
    }
    state.set("store", null);
    take({ kind: "queue-lost", reason: error.code });
  }

  /** Cells follow the place: a mobile agent subscribes anew when it enters another. */
  function followPlace(): void {
    const place = ownPlace({ agent, now: now(), effects: [] });
    if (place === null || agent.provisional.key === null) return;
    const around = parts.cellsAround(place.latE7, place.lonE7);
    const joined = around.join(" ");
    if (joined === cells) return;
    cells = joined;
    mesh.subscribe(filtersFor(lineage(), around, parts.eligibilityClasses)).then(
      () => take({ kind: "mesh-up" }),
      (error: unknown) => {
        cells = "";
        if (!(error instanceof PortError)) throw error;
        state.set("mesh", `${error.code}: ${error.message}`);
      },
    );
  }

  function scheduleTick(): void {
    stops[0] = clock.at(clock.read().bootUs + TICK_US, () => {
      if (stopped) return;
      take({ kind: "tick" });
      followPlace();
      scheduleTick();
    });
  }

  for (const bytes of parts.documents) take({ kind: "document", bytes });
  for (const record of parts.folded.foreign) take({ kind: "document", bytes: parts.pack(record.envelope) });
  stops.push(() => {});
  stops.push(
    mesh.listen((event) => {
      if (event.kind === "message") take({ kind: "message", bytes: event.message.bytes });
      else if (event.kind === "up") {
        state.set("mesh", null);
        take({ kind: "mesh-up" });
      } else state.set("mesh", event.reason);
    }),
  );
  state.set("gnss", "no fix yet");
  stops.push(
    ports.gnss.listen((event) => {
      if (event.kind === "fix") {
        state.set("gnss", event.fix.mode >= 2 ? null : `mode ${event.fix.mode}: no fix`);
        take({ kind: "fix", fix: event.fix });
        followPlace();
      } else if (event.kind === "lost") {
        state.set("gnss", event.reason);
        take({ kind: "gnss-lost", reason: event.reason });
      }
    }),
  );
  if (ports.radio !== null) {
    stops.push(
      ports.radio.listen((event) => {
        if (event.kind === "muted") {
          take({
            kind: "radio",
            report: { kind: "muted", mutedBootUs: event.mutedBootUs, latencyUs: null, reason: event.reason },
          });
        } else state.set("radio", event.kind === "lost" ? event.reason : null);
      }),
    );
  }
  const tpmCounter = ports.tpm === null || !config.counter ? null : Number(await ports.tpm.readCounter());
  take({ kind: "started", quarantine: parts.quarantine, tpmCounter });
  scheduleTick();

  return {
    agent,
    health: state,
    now,
    command: (command) =>
      new Promise((resolve) => {
        nextTicket += 1;
        tickets.set(nextTicket, resolve);
        take({ kind: "command", ticket: nextTicket, command });
      }),
    input: (input) => take(input),
    async stop() {
      stopped = true;
      for (const stop of stops) stop();
      if (ports.radio !== null) await ports.radio.mute().catch(() => undefined);
      queue.drop();
      await queue.idle();
      await Promise.allSettled([mesh.close(), ports.gnss.close()]);
      await Promise.allSettled([store.close(), ports.radio?.close(), ports.tpm?.close()]);
    },
  };
}
