/** Runs of the production agent: on a log that was folded once, with its caches filled, and step by step. */
import { newAgent } from "../../core/agent/agent.ts";
import { apply } from "../../core/agent/apply.ts";
import type { AgentConfig } from "../../core/agent/config.ts";
import type { Effect } from "../../core/agent/effect.ts";
import type { Input, Now } from "../../core/agent/input.ts";
import { cloneState, type Entry, emptyState } from "../../core/agent/state.ts";
import { step } from "../../core/agent/step.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { assert } from "../../core/base/assert.ts";
import { ascii, concat, idText } from "../../core/base/bytes.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { branchAgent } from "./branch-agent.ts";
import { type Ground, type Member, packed } from "./ground.ts";
import { type Boot, FIRST_BOOT } from "./host-time.ts";
import { entriesOf, type Log } from "./world.ts";

/** Records that are recalled ask for no time. */
const BEFORE: Now = { bootUs: 0, wallUs: 0 };

export type RunsParts = {
  readonly ground: Ground;
  readonly sha256: Sha256;
  /** False: each log is folded from its beginning. */
  readonly reduces: boolean;
};

export class Runs {
  readonly #parts: RunsParts;
  /** By the key of the log. */
  readonly #known: Map<number, Agent> = new Map();
  readonly #packed: Map<string, Uint8Array> = new Map();
  /** Whose nonces are being drawn. */
  #drawing: Agent | null = null;

  constructor(parts: RunsParts) {
    this.#parts = parts;
  }

  /** Runs the production step on a branch of the agent. */
  take(agent: Agent, input: Input, now: Now): readonly Effect[] {
    this.#drawing = agent;
    return step(agent, input, now);
  }

  /** A fresh run on a log, before `started`. */
  run(member: Member, log: Log | null, boot: Boot): Agent {
    assert(log !== null, "a host has its inception");
    return { ...branchAgent(this.#recalled(member, log)), config: this.#config(member, boot) };
  }

  bootId({ name }: Member, { number }: Boot): Uint8Array {
    return this.#parts.sha256(ascii(`boot ${number} of ${name}`)).slice(0, 16);
  }

  bytesOf(record: AnyRecord): Uint8Array {
    const id = idText(record.id);
    const known = this.#packed.get(id);
    if (known !== undefined) return known;
    const bytes = packed(record.envelope);
    this.#packed.set(id, bytes);
    return bytes;
  }

  /** The log folded, and what it holds recalled. A log that goes on from another one goes on from its fold. */
  #recalled(member: Member, log: Log): Agent {
    const known = this.#known.get(log.key);
    if (known !== undefined) return known;
    const { before, entry } = log;
    // An own offer that the log lacks would be a record beyond its end: documents come where both stand.
    const isBegin = before === null || entry.own.kind === "offer";
    const goesOn = this.#parts.reduces && !isBegin;
    const agent = goesOn ? branchAgent(this.#recalled(member, before)) : this.#newAgent(member, before);
    this.#fold(agent, entry);
    agent.provisional = cloneState(agent.durable);
    if (!goesOn) {
      for (const bytes of this.#parts.ground.documents) this.take(agent, { kind: "document", bytes }, BEFORE);
      for (const { foreign } of entriesOf(before)) this.#recall(agent, foreign);
    }
    this.#recall(agent, entry.foreign);
    this.#known.set(log.key, agent);
    return agent;
  }

  #newAgent(member: Member, log: Log | null): Agent {
    const agent = newAgent(this.#config(member, FIRST_BOOT), emptyState(), new Map());
    for (const entry of entriesOf(log)) this.#fold(agent, entry);
    return agent;
  }

  #fold({ durable, documents, config }: Agent, entry: Entry): void {
    apply(durable, entry, { primitives: config.primitives, documents, ownDriftPpm: config.clockDriftPpm });
  }

  #recall(agent: Agent, foreign: readonly AnyRecord[]): void {
    for (const each of foreign)
      this.take(agent, { kind: "document", bytes: this.bytesOf(each), stored: true }, BEFORE);
  }

  /** Nonces follow from the history that they end: the same history has the same, and no other has. */
  #config(member: Member, boot: Boot): AgentConfig {
    const bootId = this.bootId(member, boot);
    const draw = (length: number): Uint8Array => {
      assert(this.#drawing !== null, "nonces are drawn within a step");
      return this.#parts.sha256(concat(this.#drawing.provisional.head, bootId)).slice(0, length);
    };
    return { ...member.config, bootId, draw };
  }
}
