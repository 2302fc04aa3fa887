/** One host takes one turn, whole or dying after each number of its effects: nothing of it depends on the other hosts. */
import type { Effect } from "../../core/agent/effect.ts";
import type { Input } from "../../core/agent/input.ts";
import type { Entry } from "../../core/agent/state.ts";
import type { Agent } from "../../core/agent/turn.ts";
import { assert } from "../../core/base/assert.ts";
import { branchAgent, branchFor, shareUnchanged } from "./branch-agent.ts";
import type { Action, Fall, Outcome, Turn } from "./outcome.ts";
import { perform, shown } from "./perform.ts";
import { type Order, PLACE } from "./scope.ts";
import type { Stage } from "./stage.ts";
import type { HostDraft, HostState } from "./world.ts";

/** Taken once for each state of the host: nothing but the state and the action is read. */
export function turnOf(stage: Stage, host: number, state: HostState, action: Action): Turn | null {
  return stage.onceTurn(state, action, () => {
    const taken = act(stage, host, state, action);
    return taken === null ? null : new HostTurn(stage, host, taken);
  });
}

/** It dies between two steps. */
export function fallen(stage: Stage, host: number, state: HostState, kind: Fall): Outcome {
  return stage.onceOutcome(`${kind} ${state.id}`, () => {
    const event = `between two steps; ${kind} of ${stage.member(host).name}`;
    return { to: stage.known(host, down(state, kind)), says: [], arms: [], event };
  });
}

class HostTurn implements Turn {
  readonly whole: Outcome;
  readonly entry: Entry | null;
  readonly #stage: Stage;
  readonly #host: number;
  readonly #effects: readonly Effect[];
  readonly #before: HostDraft;
  readonly #falls: Map<Fall, readonly Outcome[]> = new Map();

  constructor(stage: Stage, host: number, { before, agent, entry, effects, event }: Taken) {
    const { state, ...rest } = perform(stage, host, { ...before, agent }, effects);
    this.whole = { ...rest, to: stage.known(host, state), event };
    this.entry = entry;
    this.#stage = stage;
    this.#host = host;
    this.#effects = shown(effects);
    this.#before = before;
  }

  falls(kind: Fall): readonly Outcome[] {
    const known = this.#falls.get(kind);
    if (known !== undefined) return known;
    const [stage, host] = [this.#stage, this.#host];
    const found: Outcome[] = [];
    for (let done = 0; done < this.#effects.length; done++) {
      const { state, ...rest } = perform(stage, host, this.#before, this.#effects.slice(0, done));
      const event = `${this.whole.event}, ${done} effects; ${kind} of ${stage.member(host).name}`;
      const dead = { ...rest, to: stage.known(host, down(state, kind)), event };
      // Two deaths that leave the same behind are one.
      if (!stage.reduces || !found.some((each) => isAlike(each, dead))) found.push(dead);
    }
    this.#falls.set(kind, found);
    return found;
  }
}

function isAlike(one: Outcome, other: Outcome): boolean {
  const isSame = one.to === other.to && one.arms.length === other.arms.length;
  return (
    isSame && one.says.length === other.says.length && one.says.every((each, i) => each === other.says[i])
  );
}

/** The process is gone, with its queue; the guard keeps its deadline, unless the host lost its power. */
function down(state: HostDraft, kind: Fall): HostDraft {
  const gone = { ...state, agent: null, jobs: [], heard: [], ticked: true };
  if (kind === "crash") return gone;
  const boot = { number: state.boot.number + 1, bootedUs: state.atUs };
  return { ...gone, onAir: null, boot };
}

type Taken = {
  /** With what the turn itself changed, before its effects. */
  readonly before: HostDraft;
  readonly agent: Agent;
  readonly entry: Entry | null;
  readonly effects: readonly Effect[];
  readonly event: string;
};

/** Null where there is nothing to do. */
function act(stage: Stage, host: number, state: HostState, action: Action): Taken | null {
  const { name } = stage.member(host);
  switch (action.kind) {
    case "tick": {
      const input: Input = { kind: "fix", fix: fixAt(stage, host, state) };
      return step(stage, host, { ...state, ticked: true }, { input, event: `${name} ticks` });
    }
    case "append":
      return append(stage, host, state);
    case "job":
      return job(stage, host, state);
    case "start":
      return start(stage, host, state);
    case "hear": {
      const { key, bytes, what } = action.said;
      const heard = state.heard.includes(key) ? state.heard : [...state.heard, key].sort();
      const input: Input = { kind: "message", bytes };
      return step(stage, host, { ...state, heard }, { input, event: `${name} hears the ${what}` });
    }
    case "obey":
      return obey(stage, host, state, action.verb);
  }
}

type Given = { readonly input: Input; readonly event: string; readonly entry?: Entry };

/** The production step, on a branch of the agent. */
function step(stage: Stage, host: number, before: HostDraft, { input, event, entry }: Given): Taken | null {
  if (before.agent === null) return null;
  const agent = stage.reduces ? branchFor(input, before.agent) : branchAgent(before.agent);
  if (input.kind === "fix") agent.volatile.sent.clear();
  const now = { bootUs: stage.bootUs(host, before), wallUs: before.atUs };
  const effects = stage.runs.take(agent, input, now);
  const kept = stage.reduces ? shareUnchanged(before.agent, agent) : agent;
  return { before, agent: kept, effects, event, entry: entry ?? null };
}

/** The queue's first record is flushed: it stays, whatever becomes of who wrote it. */
function append(stage: Stage, host: number, state: HostState): Taken | null {
  const first = state.agent?.queue[0];
  if (first === undefined) return null;
  const { name, sign } = stage.member(host);
  const own = sign(first.draft.record);
  const entry = { own, foreign: first.draft.foreign };
  const log = stage.append(state.log, entry);
  const input: Input = { kind: "appended", id: own.id, envelope: own.envelope };
  return step(stage, host, { ...state, log }, { input, entry, event: `${name} stores its ${own.kind}` });
}

function job(stage: Stage, host: number, state: HostState): Taken | null {
  const { agent, jobs, log, boot } = state;
  const [first, ...rest] = jobs;
  const { name } = stage.member(host);
  if (first === undefined || agent === null) return null;
  if (first.kind === "report") {
    const input: Input = { kind: "radio", report: first.report };
    return step(stage, host, { ...state, jobs: rest }, { input, event: `${name} hears its radio` });
  }
  const { durable, documents } = stage.runs.run(stage.member(host), log, boot);
  const input: Input = { kind: "queue-lost", reason: first.reason, lost: null };
  const before = { ...state, jobs: rest, agent: { ...agent, durable, documents } };
  return step(stage, host, before, { input, event: `${name} folds its log anew` });
}

function start(stage: Stage, host: number, state: HostState): Taken {
  const { log, mark, boot } = state;
  const bootUs = stage.bootUs(host, state);
  const agent = stage.runs.run(stage.member(host), log, boot);
  const now = { bootUs, wallUs: state.atUs };
  const stands = mark !== null && agent.durable.quarantineEndSeq < mark.seq;
  const started: Input = { kind: "started", quarantine: stands ? mark.reason : null, tpmCounter: null };
  const effects = [...stage.runs.take(agent, started, now)];
  effects.push(...stage.runs.take(agent, { kind: "fix", fix: fixAt(stage, host, state) }, now));
  const before = { ...state, ticked: true, isAway: false };
  return { before, agent, effects, entry: null, event: `${stage.member(host).name} starts` };
}

function obey(stage: Stage, host: number, state: HostState, verb: Order["verb"]): Taken | null {
  const event = `${stage.member(host).name} is told to ${verb}`;
  const told = (command: Extract<Input, { kind: "command" }>["command"]): Taken | null =>
    step(stage, host, state, { input: { kind: "command", ticket: 0, command }, event });
  if (verb === "accept")
    return told({ verb, accept: { offer: stage.ground.offer.id, block: null, insist: false } });
  const lease = [...(state.agent?.provisional.leases.values() ?? [])].at(-1);
  return lease === undefined ? null : told({ verb, artifact: lease.derived.id });
}

function fixAt(stage: Stage, host: number, state: HostDraft): Extract<Input, { kind: "fix" }>["fix"] {
  const { timeErrorUs } = stage.clocks(host);
  assert(Math.abs(timeErrorUs) <= stage.scope.timeBoundUs, "a receiver is within the bound that it states");
  return {
    source: "simulated",
    mode: 3,
    receivedBootUs: stage.bootUs(host, state),
    timeUs: state.atUs + timeErrorUs,
    timeErrorUs: stage.scope.timeBoundUs,
    pps: false,
    leapPending: false,
    ...PLACE,
    horizontalErrorMm: 3_000,
    verticalErrorMm: 5_000,
    interference: "",
  };
}
