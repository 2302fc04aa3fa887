/** One agent of the production core on scripted devices: a disk, a signer, a receiver, a guarded radio, a TPM counter. */

import { msgpackrEnvelope } from "../../src/adapters/envelope/msgpackr-envelope.ts";
import { newAgent } from "../../src/core/agent/agent.ts";
import { apply } from "../../src/core/agent/apply.ts";
import type { AgentConfig } from "../../src/core/agent/config.ts";
import type { Draft, Effect } from "../../src/core/agent/effect.ts";
import type { Command, CommandAnswer, Input, Now } from "../../src/core/agent/input.ts";
import { emptyState, type State } from "../../src/core/agent/state.ts";
import { step } from "../../src/core/agent/step.ts";
import type { Agent } from "../../src/core/agent/turn.ts";
import { assert } from "../../src/core/base/assert.ts";
import { equalBytes, toHex } from "../../src/core/base/bytes.ts";
import { type Primitives, SUITE_ES256 } from "../../src/core/base/primitives.ts";
import type { Rejection } from "../../src/core/base/rejection.ts";
import { keyId } from "../../src/core/record/identity.ts";
import type { KindName } from "../../src/core/record/kinds.ts";
import { type AnyRecord, type RecordOf, readRecord } from "../../src/core/record/record.ts";
import { type Envelope, readEnvelope } from "../../src/core/wire/envelope.ts";
import type { GnssFix } from "../../src/ports/gnss.ts";
import { CENTRE, type ScriptedLineage, signedEnvelope } from "./scripted-authority.ts";
import { type KeyScheme, named, type ScriptedKey } from "./scripted-keys.ts";
import type { RadioScript, ScriptedRadio } from "./scripted-radio.ts";
import { scriptedRadio } from "./scripted-radio.ts";
import { assertTold } from "./told.ts";
import { type Agenda, type HostClock, hostClock } from "./virtual-clock.ts";

export const packEnvelope = msgpackrEnvelope();

export type StoredFrame = { readonly kind: "own" | "foreign"; readonly bytes: Uint8Array };

export type HostScript = {
  readonly name: string;
  readonly driftPpm: number;
  /** How far the receiver's time is off; within its own estimate `timeBoundUs`. */
  readonly timeErrorUs: number;
  readonly timeBoundUs: number;
  readonly radio: RadioScript;
  readonly counter: boolean;
  readonly fixEveryUs: number;
  readonly tickEveryUs: number;
};

export const HOST_DEFAULT: Omit<HostScript, "name"> = {
  driftPpm: 0,
  timeErrorUs: 0,
  timeBoundUs: 20_000,
  radio: { armUs: 5_000, muteUs: 10_000, arming: "on" },
  counter: false,
  fixEveryUs: 1_000_000,
  tickEveryUs: 500_000,
};

export type Traced = { readonly atUs: number; readonly effect: Effect };

export type Host = {
  readonly script: HostScript;
  readonly lineage: ScriptedLineage;
  readonly radio: ScriptedRadio;
  /** Flushed frames. */
  readonly disk: StoredFrame[];
  /** Everything that the agent wanted done, over all runs. */
  readonly trace: Traced[];
  /** What the devices do now; a test changes it at will. */
  readonly now: {
    storeUs: number;
    /** Signer or store do not answer. */
    stalled: boolean;
    fixes: boolean;
    /** What the receiver says otherwise than usual. */
    fixSays: Partial<GnssFix>;
    northE7: number;
    timeErrorUs: number;
    counter: number;
    counterFails: boolean;
    mark: { readonly seq: number; readonly reason: string } | null;
  };
  agent(): Agent;
  isRunning(): boolean;
  clock(): HostClock;
  reading(): Now;
  start(): void;
  /** The process dies; of what waits for the store, `flushed` drafts came through unseen. The guard goes on. */
  crash(flushed?: number): void;
  /** Power cycle: crash, RF off, another boot. Does not start the agent. */
  reboot(flushed?: number): void;
  /** Rolls the key of a host that is down, as src/agent/roll-key.ts does. */
  rotateKey(acceptedUntilUs: number): RecordOf<"key-rotation">;
  /** A flush error: what waits is lost but for `flushed` drafts, and the log is folded anew in place. */
  loseQueue(flushed?: number): void;
  /** Loses the last `entries` entries of the disk, as a restored copy or rotten bits would. */
  cutTail(entries: number, marked: boolean): void;
  take(input: Input): readonly Effect[];
  command(command: Command): CommandAnswer;
  /** Own records on disk, in order. */
  written<K extends KindName>(kind: K): readonly RecordOf<K>[];
  /** All of the effects of one kind since the scene began. */
  effects<K extends Effect["kind"]>(kind: K): readonly Extract<Effect, { kind: K }>[];
};

export type HostParts = {
  readonly script: HostScript;
  readonly lineage: ScriptedLineage;
  readonly timeline: Agenda;
  readonly primitives: Primitives;
  /** For its session keys. */
  readonly keyOf: KeyScheme["keyOf"];
  readonly config: Omit<AgentConfig, "primitives" | "draw" | "key" | "bootId" | "owner" | "counter">;
  readonly documents: () => readonly AnyRecord[];
  readonly send: (effect: Extract<Effect, { kind: "publish" | "want" }>) => void;
  /** After every input, effects performed. */
  readonly watch: () => void;
};

/** What every host of a scene declares of its own clock. */
export const SCENE_DRIFT_PPM = 200;

/** The first boot of a host was this long before the scene. */
const BOOTED_BEFORE_US = 900_000_000;

export function scriptedHost(parts: HostParts): Host {
  const { script, lineage, timeline, primitives } = parts;
  const radio = scriptedRadio(timeline, script.radio);
  const disk: StoredFrame[] = [{ kind: "own", bytes: packEnvelope(lineage.inception.envelope) }];
  const trace: Traced[] = [];
  const now: Host["now"] = {
    storeUs: 2_000,
    stalled: false,
    fixes: true,
    fixSays: {},
    northE7: 0,
    timeErrorUs: script.timeErrorUs,
    counter: 0,
    counterFails: false,
    mark: null,
  };
  const pending: Draft[] = [];
  /** Session keys of this run, by the hex id that headers name. */
  const sessions = new Map<string, ScriptedKey>();
  let [boots, run, drawn, ticket, sessionsMade] = [0, 0, 0, 0, 0];
  let clock = bootAt(timeline.nowUs() - BOOTED_BEFORE_US);
  let agent: Agent | null = null;

  function bootAt(trueUs: number): HostClock {
    boots += 1;
    return hostClock(named(`boot ${boots} of ${script.name}`).slice(0, 16), trueUs, script.driftPpm);
  }

  function reading(): Now {
    return { bootUs: clock.bootUsAt(timeline.nowUs()), wallUs: timeline.nowUs() };
  }

  function config(): AgentConfig {
    const key = {
      suite: SUITE_ES256,
      publicKey: lineage.key.publicKey,
      akName: null,
      tier: "simulated" as const,
    };
    const draw = (length: number): Uint8Array => {
      drawn += 1;
      return named(`draw ${drawn} of ${script.name}`).slice(0, length);
    };
    const { name: owner, counter } = script;
    return { ...parts.config, primitives, draw, owner, key, bootId: clock.bootId, counter };
  }

  function take(input: Input): readonly Effect[] {
    if (agent === null) return [];
    const effects = step(agent, input, reading());
    // What a peer says in a rejection is kept as it said it.
    if (!isRejection(input)) assertTold(effects.flatMap(rejectionsIn));
    for (const effect of effects) {
      trace.push({ atUs: timeline.nowUs(), effect });
      perform(effect);
    }
    parts.watch();
    return effects;
  }

  /** Only while the same run of the process lasts. */
  function later(us: number, act: () => void): void {
    const mine = run;
    timeline.at(timeline.nowUs() + us, () => {
      if (mine === run) act();
    });
  }

  function perform(effect: Effect): void {
    switch (effect.kind) {
      case "append":
        pending.push(effect.draft);
        if (pending.length === 1) storeNext();
        return;
      case "publish":
      case "want":
        parts.send(effect);
        return;
      case "arm":
      case "extend":
      case "mute":
        radio.order(effect);
        return;
      case "count":
        if (now.counterFails) return;
        later(1_000, () => {
          now.counter += 1;
          take({ kind: "counted", counter: now.counter });
        });
        return;
      case "make-session-key": {
        const key = parts.keyOf(`session key ${sessionsMade++} of ${script.name}`);
        sessions.set(toHex(keyId(SUITE_ES256, key.publicKey, primitives.sha256)), key);
        later(1_000, () => take({ kind: "session-key-made", publicKey: key.publicKey }));
        return;
      }
      case "set-quarantine-mark":
        now.mark = { seq: effect.seq, reason: effect.reason };
        return;
      case "drop-queue":
        pending.length = 0;
        later(now.storeUs, () => foldAnew(effect.reason));
        return;
      case "restore":
        later(now.storeUs, () => {
          for (const { own, foreign } of effect.entries) {
            for (const each of foreign) disk.push({ kind: "foreign", bytes: packEnvelope(each.envelope) });
            disk.push({ kind: "own", bytes: packEnvelope(own.envelope) });
          }
          foldAnew("restored");
        });
        return;
      case "clear-quarantine-mark":
        now.mark = null;
        return;
      default:
        return;
    }
  }

  function storeNext(): void {
    later(now.storeUs, () => {
      const draft = pending[0];
      if (draft === undefined) return;
      if (now.stalled) {
        storeNext();
        return;
      }
      pending.shift();
      const envelope = flush(draft);
      take({ kind: "appended", id: draft.record.id, envelope });
      if (pending.length > 0) storeNext();
    });
  }

  function foldAnew(reason: string): void {
    if (agent === null) return;
    const folded = refoldFrames(disk, primitives);
    agent.durable = folded.state;
    for (const [id, record] of folded.documents) agent.documents.set(id, record);
    take({ kind: "queue-lost", reason, lost: null });
  }

  function flush({ record, foreign }: Draft): Envelope {
    for (const each of foreign) {
      assert(each.envelope.signatures.length > 0, "a stored envelope is signed");
      disk.push({ kind: "foreign", bytes: packEnvelope(each.envelope) });
    }
    const envelope = signedEnvelope(record, sessions.get(toHex(record.header.signerKey)) ?? lineage.key);
    disk.push({ kind: "own", bytes: packEnvelope(envelope) });
    return envelope;
  }

  function start(): void {
    assert(agent === null, "a host runs one agent");
    const folded = refoldFrames(disk, primitives);
    agent = newAgent(config(), folded.state, folded.documents);
    run += 1;
    for (const each of parts.documents()) take({ kind: "document", bytes: packEnvelope(each.envelope) });
    for (const each of folded.foreign)
      take({ kind: "document", bytes: packEnvelope(each.envelope), stored: true });
    radio.connect(clock, (report) => take({ kind: "radio", report }));
    const standing = now.mark !== null && folded.state.quarantineEndSeq < now.mark.seq;
    const tpmCounter = script.counter ? now.counter : null;
    take({ kind: "started", quarantine: standing ? (now.mark?.reason ?? null) : null, tpmCounter });
    take({ kind: "mesh-up" });
    fixNow();
    tickLater();
  }

  function fixNow(): void {
    if (now.fixes) take({ kind: "fix", fix: fix() });
    later(script.fixEveryUs, fixNow);
  }

  function fix(): GnssFix {
    return {
      source: "simulated",
      mode: 3,
      receivedBootUs: reading().bootUs,
      timeUs: timeline.nowUs() + now.timeErrorUs,
      timeErrorUs: script.timeBoundUs,
      pps: false,
      leapPending: false,
      latE7: CENTRE.latE7 + now.northE7,
      lonE7: CENTRE.lonE7,
      heightMm: 520_000,
      horizontalErrorMm: 3_000,
      verticalErrorMm: 5_000,
      satellitesUsed: 9,
      interference: "",
      ...now.fixSays,
    };
  }

  function tickLater(): void {
    later(script.tickEveryUs, () => {
      take({ kind: "tick" });
      tickLater();
    });
  }

  function stop(flushed: number): void {
    for (const draft of pending.slice(0, flushed)) flush(draft);
    pending.length = 0;
    sessions.clear();
    agent = null;
    run += 1;
    radio.disconnect();
  }

  return {
    script,
    lineage,
    radio,
    disk,
    trace,
    now,
    agent() {
      assert(agent !== null, `${script.name} runs`);
      return agent;
    },
    isRunning: () => agent !== null,
    clock: () => clock,
    reading,
    start,
    crash(flushed = 0) {
      stop(flushed);
    },
    reboot(flushed = 0) {
      stop(flushed);
      radio.powerOff();
      clock = bootAt(timeline.nowUs());
    },
    rotateKey(acceptedUntilUs) {
      assert(agent === null, "a key is rolled while the agent is stopped");
      const { epoch, nextSeq: seq, head: previous } = refoldFrames(disk, primitives).state;
      const rotation = lineage.rotate(acceptedUntilUs, { epoch, seq, previous });
      disk.push({ kind: "own", bytes: packEnvelope(rotation.envelope) });
      return rotation;
    },
    loseQueue(flushed = 0) {
      for (const draft of pending.slice(0, flushed)) flush(draft);
      pending.length = 0;
      foldAnew("store-flush-failed");
    },
    cutTail(entries, marked) {
      for (let cut = 0; cut < entries; cut++) {
        disk.pop();
        while (disk.at(-1)?.kind === "foreign") disk.pop();
      }
      if (marked) {
        const { nextSeq } = refoldFrames(disk, primitives).state;
        now.mark = { seq: nextSeq, reason: "flushed bytes do not read back" };
      }
    },
    take,
    command(command) {
      ticket += 1;
      const answer = take({ kind: "command", ticket, command }).find(
        (each) => each.kind === "answer" && each.ticket === ticket,
      );
      assert(answer?.kind === "answer", "a command is answered at once");
      return answer.answer;
    },
    written: <K extends KindName>(kind: K) =>
      recordsOf(disk, primitives).filter(
        (each) => each.kind === kind && equalBytes(each.header.lineage, lineage.inception.header.lineage),
      ) as unknown as readonly RecordOf<K>[],
    effects: <K extends Effect["kind"]>(kind: K) =>
      trace.map(({ effect }) => effect).filter((each) => each.kind === kind) as unknown as readonly Extract<
        Effect,
        { kind: K }
      >[],
  };
}

function rejectionsIn(effect: Effect): readonly Rejection[] {
  if (effect.kind === "answer") return effect.answer.ok ? [] : effect.answer.rejections;
  return effect.kind === "note" && effect.event.what === "refused" ? effect.event.rejections : [];
}

function recordsOf(frames: readonly StoredFrame[], primitives: Primitives): readonly AnyRecord[] {
  return frames.map(({ bytes }) => recordFrom(bytes, primitives));
}

export function recordFrom(bytes: Uint8Array, { sha256 }: Primitives): AnyRecord {
  const envelope = readEnvelope(bytes);
  assert(envelope.ok, "a scene's bytes are envelopes");
  const record = readRecord(envelope.value, sha256);
  assert(record.ok, "a scene's envelopes are records");
  return record.value;
}

export type Refolded = {
  readonly state: State;
  readonly documents: Map<string, AnyRecord>;
  readonly foreign: readonly AnyRecord[];
};

/** As src/agent/fold.ts does, without waiting: compared with it in test/agent/fold.test.ts. */
export function refoldFrames(
  frames: readonly StoredFrame[],
  primitives: Primitives,
  ownDriftPpm: number = SCENE_DRIFT_PPM,
): Refolded {
  const state = emptyState();
  const documents = new Map<string, AnyRecord>();
  const kept: AnyRecord[] = [];
  let foreign: AnyRecord[] = [];
  for (const { kind, bytes } of frames) {
    const record = recordFrom(bytes, primitives);
    if (kind === "foreign") {
      foreign.push(record);
      continue;
    }
    apply(state, { own: record, foreign }, { primitives, documents, ownDriftPpm });
    kept.push(...foreign);
    foreign = [];
  }
  return { state, documents, foreign: kept };
}

function isRejection(input: Input): boolean {
  const envelope = input.kind === "message" ? readEnvelope(input.bytes) : null;
  return envelope?.ok === true && envelope.value.kind === "rejection";
}
