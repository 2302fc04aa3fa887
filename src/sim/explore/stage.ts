/** What an exploration keeps beside its states: the ground, names of ids, logs folded once, records packed once. */
import { newAgent } from "../../core/agent/agent.ts";
import { apply } from "../../core/agent/apply.ts";
import type { AgentConfig } from "../../core/agent/config.ts";
import type { Effect } from "../../core/agent/effect.ts";
import type { Input, Now } from "../../core/agent/input.ts";
import { type Entry, emptyState, type State } from "../../core/agent/state.ts";
import { step } from "../../core/agent/step.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { assert } from "../../core/base/assert.ts";
import { ascii, concat, idText } from "../../core/base/bytes.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { branchAgent } from "./branch-agent.ts";
import { type Ground, ground, type Member, packed } from "./ground.ts";
import { hostKey } from "./host-key.ts";
import { type HostClocks, TRUE_CLOCKS } from "./host-time.ts";
import type { Scope } from "./scope.ts";
import { entriesOf, type HostState, type Log, type World } from "./world.ts";

export class Stage {
  readonly scope: Scope;
  readonly ground: Ground;
  readonly #sha256: Sha256;
  readonly #names: Map<string, number> = new Map();
  readonly #logs: Map<string, number> = new Map();
  readonly #runs: Map<string, Agent> = new Map();
  readonly #packed: Map<string, Uint8Array> = new Map();
  readonly #hostKeys: WeakMap<HostState, string> = new WeakMap();
  /** Histories that were not followed beyond the scope's number of renewals. */
  cutHistories = 0;
  /** Nothing goes wrong any more, and the scope's number of renewals does not count. */
  isCalm = false;
  /** Whose nonces are being drawn. */
  #drawing: Agent | null = null;

  constructor(scope: Scope, sha256: Sha256) {
    this.scope = scope;
    this.#sha256 = sha256;
    this.ground = ground(scope, sha256);
  }

  member(host: number): Member {
    const member = this.ground.members[host];
    assert(member !== undefined, "hosts and members go together");
    return member;
  }

  clocks(host: number): HostClocks {
    return this.scope.clocks[host] ?? TRUE_CLOCKS;
  }

  /** A short name for an id, the same whenever it comes up. */
  readonly name = (id: string): string => {
    const known = this.#names.get(id);
    if (known !== undefined) return known.toString(36);
    this.#names.set(id, this.#names.size);
    return (this.#names.size - 1).toString(36);
  };

  key(world: World): string {
    const { trueUs, hosts, flight, orders } = world;
    const copies = flight.map(({ to, key, late }) => `${to}${late ? "~" : "."}${this.name(key)}`);
    const parts = [
      trueUs,
      copies.sort().join(" "),
      orders.map(({ host, verb }) => `${host} ${verb}`).join(" "),
    ];
    for (const host of hosts) parts.push(this.#hostKey(host));
    const digest = this.#sha256(ascii(parts.join("\n")));
    return String.fromCharCode(...digest.subarray(0, 12));
  }

  #hostKey(host: HostState): string {
    const known = this.#hostKeys.get(host);
    if (known !== undefined) return known;
    const key = hostKey(host, this.name);
    this.#hostKeys.set(host, key);
    return key;
  }

  append(log: Log | null, entry: Entry): Log {
    const text = [
      log?.key ?? 0,
      ...[entry.own, ...entry.foreign].map(({ id }) => this.name(idText(id))),
    ].join(" ");
    const key = this.#logs.get(text) ?? this.#logs.size + 1;
    this.#logs.set(text, key);
    return { entry, before: log, key };
  }

  bytesOf(record: AnyRecord): Uint8Array {
    const id = idText(record.id);
    const known = this.#packed.get(id);
    if (known !== undefined) return known;
    const bytes = packed(record.envelope);
    this.#packed.set(id, bytes);
    return bytes;
  }

  /** Runs the production step on a branch of the agent. */
  take(agent: Agent, input: Input, now: Now): readonly Effect[] {
    this.#drawing = agent;
    return step(agent, input, now);
  }

  /** A fresh run of the host's agent on its log, its caches filled, before `started`. */
  run(host: number, { log, boot }: Pick<HostState, "log" | "boot">, bootUs: number): Agent {
    const key = `${host} ${boot.number} ${boot.bootedUs} ${log?.key ?? 0}`;
    const known = this.#runs.get(key);
    if (known !== undefined) return branchAgent(known);
    const { state, documents, foreign } = this.#refold(log, host);
    const agent = newAgent(this.#config(host, boot.number), state, documents);
    const now = { bootUs, wallUs: 0 };
    for (const bytes of this.ground.documents) this.take(agent, { kind: "document", bytes }, now);
    for (const each of foreign)
      this.take(agent, { kind: "document", bytes: this.bytesOf(each), stored: true }, now);
    this.#runs.set(key, agent);
    return branchAgent(agent);
  }

  #refold(
    log: Log | null,
    host: number,
  ): {
    readonly state: State;
    readonly documents: Map<string, AnyRecord>;
    readonly foreign: readonly AnyRecord[];
  } {
    const state = emptyState();
    const documents = new Map<string, AnyRecord>();
    const kept: AnyRecord[] = [];
    const { primitives } = this.ground;
    const ownDriftPpm = this.member(host).config.clockDriftPpm;
    for (const entry of entriesOf(log)) {
      apply(state, entry, { primitives, documents, ownDriftPpm });
      kept.push(...entry.foreign);
    }
    return { state, documents, foreign: kept };
  }

  /** Nonces follow from the history that they end: the same history has the same, and no other has. */
  #config(host: number, boot: number): AgentConfig {
    const { config, name } = this.member(host);
    const bootId = this.#sha256(ascii(`boot ${boot} of ${name}`)).slice(0, 16);
    const draw = (length: number): Uint8Array => {
      assert(this.#drawing !== null, "nonces are drawn within a step");
      return this.#sha256(concat(this.#drawing.provisional.head, bootId)).slice(0, length);
    };
    return { ...config, bootId, draw };
  }
}
