/** An agent under a script: its store, signer, radio and receiver answer at once, and every effect is looked at. */
import { bounds } from "../../../src/core/agent/bounds.ts";
import type { Effect } from "../../../src/core/agent/effect.ts";
import type { Input, Now } from "../../../src/core/agent/input.ts";
import type { step } from "../../../src/core/agent/step.ts";
import type { Agent } from "../../../src/core/agent/turn.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { type ScriptedLineage, scenePolicy, signedEnvelope } from "../../support/scripted-authority.ts";
import { breach } from "../target.ts";

export type Step = typeof step;

/** Effects of one input: the most are answers to a want, and what is sent again at a tick. */
const EFFECTS_MAX = 512;
/** Inputs that follow from the effects of one. */
const FOLLOWING_MAX = 2_048;

export type StepHost = {
  readonly agent: Agent;
  now: Now;
  stalled: boolean;
  /** Performs what follows too; the effects of this input alone. */
  take(input: Input): readonly Effect[];
};

export function stepHost(agent: Agent, lineage: ScriptedLineage, begin: Now, run: Step): StepHost {
  const waiting: Input[] = [];

  function one(input: Input): readonly Effect[] {
    const effects = run(agent, input, host.now);
    if (effects.length > EFFECTS_MAX) breach(`one ${input.kind} has at most ${EFFECTS_MAX} effects`);
    for (const effect of effects) {
      checkEffect(agent, effect, host.now);
      const next = answerTo(effect, host.now);
      if (next !== null) waiting.push(next);
    }
    checkBounds(agent);
    return effects;
  }

  function follow(): void {
    for (let i = 0; ; i++) {
      if (i > FOLLOWING_MAX) breach("what follows from one input ends");
      const next = waiting.shift() ?? storedNext();
      if (next === null) return;
      one(next);
    }
  }

  function storedNext(): Input | null {
    const first = host.stalled ? undefined : agent.queue[0];
    if (first === undefined) return null;
    const { record } = first.draft;
    return { kind: "appended", id: record.id, envelope: signedEnvelope(record, lineage.key) };
  }

  const host: StepHost = {
    agent,
    now: begin,
    stalled: false,
    take(input) {
      const effects = one(input);
      follow();
      return effects;
    },
  };
  return host;
}

function answerTo(effect: Effect, { bootUs }: Now): Input | null {
  switch (effect.kind) {
    case "arm": {
      const { artifact, actuation } = effect;
      return { kind: "radio", report: { kind: "on", artifact, actuation, bootUs, matches: true } };
    }
    case "mute": {
      const { reason } = effect;
      return { kind: "radio", report: { kind: "muted", mutedBootUs: bootUs, latencyUs: 1_000, reason } };
    }
    case "attest":
      return { kind: "not-attested" };
    case "drop-queue":
      return { kind: "queue-lost", reason: effect.reason, lost: null };
    case "restore":
      return { kind: "queue-lost", reason: "nothing was restored", lost: null };
    default:
      return null;
  }
}

const REACH_US: number = Math.max(...scenePolicy.leaseClasses.map(({ reachUs }) => reachUs));

function checkEffect(agent: Agent, effect: Effect, now: Now): void {
  if (effect.kind !== "arm" && effect.kind !== "extend") return;
  const lease = agent.durable.leases.get(toHex(effect.artifact));
  if (lease === undefined) breach("RF is switched on for a lease in the log only");
  if (lease.role !== "consumer") breach("only a consumer transmits");
  if (lease.termination !== null || lease.relinquishment !== null) breach("RF is off after a lease's end");
  if (effect.deadlineBootUs > now.bootUs + REACH_US) breach("no deadline is beyond the longest reach");
  if (effect.kind === "arm" && !agent.durable.ownIds.has(toHex(effect.actuation)))
    breach("RF waits for its actuation to be durable");
}

function checkBounds({ queue, volatile, durable, provisional }: Agent): void {
  const most: readonly (readonly [string, { readonly size: number }, number])[] = [
    ["seen", volatile.seen, bounds.SEEN_MAX],
    ["waiting", volatile.waiting, bounds.WAITING_MAX],
    ["sent", volatile.sent, bounds.SEEN_MAX],
    ["given", volatile.given, bounds.GIVEN_RECORDS_MAX],
    ["lanes", volatile.lanes, bounds.PEERS_MAX],
    ["aggregates", volatile.aggregates, bounds.PEERS_MAX],
    ["countersigned", volatile.countersigned, bounds.WAITING_MAX],
    ["pendingAcceptances", volatile.pendingAcceptances, bounds.WAITING_MAX],
    ["pendingSettlements", volatile.pendingSettlements, bounds.WAITING_MAX],
    ["pendingOffers", volatile.pendingOffers, bounds.WAITING_MAX],
    ["refusedOffers", volatile.refusedOffers, bounds.REFUSED_OFFERS_MAX],
    ["unstoredRenewals", volatile.unstoredRenewals, bounds.WAITING_MAX],
    ["otherBootRenewals", volatile.otherBootRenewals, bounds.WAITING_MAX],
    ["unstoredTerminations", volatile.unstoredTerminations, bounds.WAITING_MAX],
  ];
  for (const [name, { size }, bound] of most) if (size > bound) breach(`${name} is bounded`);
  if (queue.length > bounds.QUEUE_MAX + bounds.QUEUE_RESERVE) breach("the queue is bounded");
  if (provisional.nextSeq !== durable.nextSeq + queue.length)
    breach("the provisional state is the durable one with the queue applied");
}
