/** What an exploration keeps beside its states: the ground, names of ids, and what each host did in each of its states. */
import type { Effect } from "../../core/agent/effect.ts";
import type { Entry } from "../../core/agent/state.ts";
import { assert } from "../../core/base/assert.ts";
import { ascii, equalBytes, idText, toHex } from "../../core/base/bytes.ts";
import type { Sha256 } from "../../core/base/primitives.ts";
import type { AnyRecord } from "../../core/record/record.ts";
import { writeWant } from "../../core/wire/want.ts";
import { Flights } from "./flight.ts";
import { type Ground, ground, type Member } from "./ground.ts";
import { hostKey, type Wording } from "./host-key.ts";
import { bootUsAt, type HostClocks, TRUE_CLOCKS } from "./host-time.ts";
import type { Action, Outcome, Turn } from "./outcome.ts";
import { Runs } from "./runs.ts";
import type { Order, Scope } from "./scope.ts";
import { type HostDraft, type HostState, type Log, recordsOf, type Said, type World } from "./world.ts";

export class Stage {
  readonly scope: Scope;
  /** False: every step is taken anew in every history, and nothing is forgotten that could be told apart. */
  readonly reduces: boolean;
  readonly ground: Ground;
  readonly runs: Runs;
  readonly flights: Flights = new Flights();
  readonly #sha256: Sha256;
  readonly #names: Map<string, number> = new Map();
  readonly #logs: Map<string, number> = new Map();
  readonly #said: Map<string, Said> = new Map();
  readonly #hosts: Map<string, HostState> = new Map();
  readonly #turns: Map<number, Turn | null>[] = [];
  readonly #outcomes: Map<string, Outcome> = new Map();
  readonly #wording: Wording;
  /** Histories that were not followed beyond the scope's number of renewals. */
  cutHistories = 0;
  /** The most leases that the holder's log held in one state. */
  leasesMost = 0;
  /** Nothing goes wrong any more, and the scope's number of renewals does not count. */
  isCalm = false;

  constructor(scope: Scope, sha256: Sha256, reduces: boolean = true) {
    this.scope = scope;
    this.reduces = reduces;
    this.#sha256 = sha256;
    this.ground = ground(scope, sha256);
    this.runs = new Runs({ ground: this.ground, sha256, reduces });
    const nameLog = (log: Log | null): number => log?.key ?? 0;
    this.#wording = { name: this.name, nameLog, isWhole: !reduces, asks: scope.begins === "restored" };
  }

  #digest(text: string): string {
    return String.fromCharCode(...this.#sha256(ascii(text)).subarray(0, 16));
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

  /** The world's state as numbers; what was promised follows from the holder's log, and time stands in each host. */
  row({ hosts, flight, orders }: World): readonly number[] {
    let left = 0;
    for (const order of orders) left += 1 << this.scope.orders.indexOf(order);
    return [...hosts.map(({ id }) => id), flight.id * (1 << this.scope.orders.length) + left];
  }

  /** The one state, of those that go on alike, that is gone on from: `hostKey` says why the others may be left. */
  known(host: number, draft: HostDraft): HostState {
    const key = this.#digest(`${host}|${hostKey(draft, this.#wording)}`);
    const standing = this.#hosts.get(key);
    if (standing !== undefined) return this.reduces ? standing : { ...draft, id: standing.id };
    const state = { ...draft, id: this.#hosts.size };
    this.#hosts.set(key, state);
    return state;
  }

  /**
   * A host reads its own state, its clocks and what it is given, and nothing of the others: its turn is taken once for
   * each of its states. What depends on them (is the word beyond the scope, does it break anything) is asked in each world.
   */
  onceTurn(state: HostState, action: Action, take: () => Turn | null): Turn | null {
    if (!this.reduces) return take();
    const turns = this.#turnsOf(state);
    const at = actionNumber(action);
    const known = turns.get(at);
    if (known !== undefined) return known;
    const taken = take();
    turns.set(at, taken);
    return taken;
  }

  #turnsOf({ id }: HostState): Map<number, Turn | null> {
    const turns = this.#turns[id] ?? new Map();
    this.#turns[id] = turns;
    return turns;
  }

  /** The same for what becomes of a state without a turn; `key` names both. */
  onceOutcome(key: string, make: () => Outcome): Outcome {
    if (!this.reduces) return make();
    const known = this.#outcomes.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#outcomes.set(key, made);
    return made;
  }

  /** Null where nobody of the scope is meant. */
  sayRecord(host: number, lineage: Uint8Array, record: AnyRecord): Said | null {
    const { name, sign } = this.member(host);
    // Whatever leaves has its author's signature: what should not have left is not stopped by the lack of one.
    const signed = record.envelope.signatures.length === 0 ? sign(record) : record;
    const key = idText(record.id);
    return this.#say(lineage, key, () => ({
      bytes: this.runs.bytesOf(signed),
      what: `${record.kind} of ${name}`,
      request: record.kind === "renewal-request" ? record : null,
    }));
  }

  sayWant(
    host: number,
    { lineage, ids }: Pick<Extract<Effect, { kind: "want" }>, "lineage" | "ids">,
  ): Said | null {
    // What hosts heard and did not store is let out of their states on that ground.
    const isMeant = !this.reduces || this.scope.begins === "restored";
    assert(isMeant, "nobody asks for records where no log lacks its end");
    const { name, inception } = this.member(host);
    const bytes = writeWant({ lineage: inception.header.lineage, ids });
    return this.#say(lineage, toHex(bytes), () => ({ bytes, what: `want of ${name}`, request: null }));
  }

  #say(lineage: Uint8Array, key: string, say: () => Pick<Said, "bytes" | "what" | "request">): Said | null {
    const to = this.ground.members.findIndex(({ inception }) =>
      equalBytes(inception.header.lineage, lineage),
    );
    if (to < 0) return null;
    const known = this.#said.get(`${to} ${key}`);
    if (known !== undefined) return known;
    const said = { ...say(), id: this.#said.size, to, key };
    this.#said.set(`${to} ${key}`, said);
    return said;
  }

  /** The state in words that every exploration of the scope has for it, however it went there. */
  inWords({ hosts, flight, orders }: World): string {
    const wording = { ...this.#wording, isWhole: false, name: (id: string) => id, nameLog: logInWords };
    const told = [
      ...hosts.map((host) => hostKey(host, wording)),
      ...flight.messages.map(({ said, late }) => `${said.to} ${said.key} ${late}`).sort(),
      ...orders.map(({ host, verb }) => `${host} ${verb}`),
    ];
    return toHex(this.#sha256(ascii(told.join("\n"))));
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

  bootUs(host: number, { boot, atUs }: Pick<HostDraft, "boot" | "atUs">): number {
    return bootUsAt(boot, this.clocks(host), atUs);
  }
}

/** Each action of one host has its own. */
function actionNumber(action: Action): number {
  switch (action.kind) {
    case "obey":
      return ["tick", "append", "job", "start"].length + VERBS.indexOf(action.verb);
    case "hear":
      return ["tick", "append", "job", "start"].length + VERBS.length + action.said.id;
    default:
      return ["tick", "append", "job", "start"].indexOf(action.kind);
  }
}

function logInWords(log: Log | null): string {
  return [...recordsOf(log)].map(({ id }) => toHex(id)).join(" ");
}

const VERBS: readonly Order["verb"][] = ["accept", "relinquish", "terminate"];
