/** One agent takes one step: whole, or dying after each number of its effects. */
import type { Input } from "../../core/agent/input.ts";
import { type Branch, branchOf, change, hostOf, nowBootUs, perform, type Step, shown } from "./branch.ts";
import { branchAgent } from "./branch-agent.ts";
import { bootUsAt } from "./host-time.ts";
import type { Breach } from "./judge.ts";
import { type AdverseKind, PLACE } from "./scope.ts";
import type { Stage } from "./stage.ts";
import type { World } from "./world.ts";

export type Successor = {
  /** The event, for who reads a path. */
  readonly event: string;
  readonly world: World;
  readonly breach: Breach | null;
};

export function mayGoWrong({ scope }: Stage, { adverse }: World, kind: AdverseKind): boolean {
  return adverse < scope.adverse && scope.adverseKinds.includes(kind);
}

/** One step of one agent, whole, and then dying after each number of its effects. */
export function* turn(
  stage: Stage,
  before: Branch,
  event: string,
  [host, input]: readonly [number, Input],
): Generator<Successor> {
  const agent = hostOf(before, host).agent;
  if (agent === null) return;
  const now = { bootUs: nowBootUs(stage, before, host), wallUs: before.trueUs };
  const moved = branchAgent(agent);
  if (input.kind === "fix") moved.volatile.sent.clear();
  const step: Step = { host, agent: moved, effects: stage.take(moved, input, now) };
  yield* outcomes(stage, before, event, step);
}

function* outcomes(stage: Stage, before: Branch, event: string, step: Step): Generator<Successor> {
  const whole = fork(before);
  perform(stage, whole, step);
  yield finished(whole, event);
  const { host } = step;
  const effects = shown(step.effects);
  for (let done = 0; done < effects.length; done++) {
    for (const kind of ["crash", "reboot"] as const) {
      if (!mayGoWrong(stage, before, kind)) continue;
      const cut = fork(before);
      perform(stage, cut, { host, agent: null, effects: effects.slice(0, done) });
      yield* fall(stage, cut, [host, kind], `${event}, ${done} effects`);
    }
  }
}

function fork(branch: Branch): Branch {
  return { ...branch, hosts: [...branch.hosts] };
}

export function finished({ breach, ...world }: Branch, event: string): Successor {
  return { event, world, breach };
}

/** The process is gone, with its queue; the guard keeps its deadline, unless the host lost its power. */
export function* fall(
  stage: Stage,
  branch: Branch,
  [host, kind]: readonly [number, "crash" | "reboot"],
  event: string,
): Generator<Successor> {
  branch.adverse += 1;
  change(branch, host, { agent: null, jobs: [], heard: [], ticked: true });
  if (kind === "reboot") {
    const { boot } = hostOf(branch, host);
    change(branch, host, { onAir: null, boot: { number: boot.number + 1, bootedUs: branch.trueUs } });
  }
  const { breach, ...down } = branch;
  const what = `${event}; ${kind} of ${stage.member(host).name}`;
  for (const up of start(stage, down, host))
    yield { ...up, event: `${what}; ${up.event}`, breach: breach ?? up.breach };
  if (mayGoWrong(stage, down, "expiry")) yield { event: `${what}, which stays down`, world: down, breach };
}

export function* start(stage: Stage, world: World, host: number): Generator<Successor> {
  const branch = branchOf(world);
  const { log, mark, boot } = hostOf(branch, host);
  const bootUs = bootUsAt(boot, stage.clocks(host), world.trueUs);
  const agent = stage.run(host, { log, boot }, bootUs);
  const now = { bootUs, wallUs: world.trueUs };
  const stands = mark !== null && agent.durable.quarantineEndSeq < mark.seq;
  const started: Input = { kind: "started", quarantine: stands ? mark.reason : null, tpmCounter: null };
  const effects = [...stage.take(agent, started, now)];
  effects.push(...stage.take(agent, { kind: "fix", fix: fixAt(stage, branch, host) }, now));
  change(branch, host, { agent, ticked: true, isAway: false });
  yield* outcomes(stage, branch, `${stage.member(host).name} starts`, { host, agent, effects });
}

export function* job(stage: Stage, world: World, host: number): Generator<Successor> {
  const branch = branchOf(world);
  const { agent, jobs, log } = hostOf(branch, host);
  const [first, ...rest] = jobs;
  const { name } = stage.member(host);
  if (first === undefined || agent === null) return;
  change(branch, host, { jobs: rest });
  if (first.kind === "report") {
    yield* turn(stage, branch, `${name} hears its radio`, [host, { kind: "radio", report: first.report }]);
    return;
  }
  const fresh = stage.run(host, { log, boot: hostOf(branch, host).boot }, nowBootUs(stage, branch, host));
  change(branch, host, { agent: { ...agent, durable: fresh.durable, documents: fresh.documents } });
  yield* turn(stage, branch, `${name} folds its log anew`, [
    host,
    { kind: "queue-lost", reason: first.reason, lost: null },
  ]);
}

export function* tick(stage: Stage, world: World, host: number): Generator<Successor> {
  const branch = branchOf(world);
  change(branch, host, { ticked: true });
  const fix = fixAt(stage, branch, host);
  yield* turn(stage, branch, `${stage.member(host).name} ticks`, [host, { kind: "fix", fix }]);
}

function fixAt(stage: Stage, branch: Branch, host: number): Extract<Input, { kind: "fix" }>["fix"] {
  return {
    source: "simulated",
    mode: 3,
    receivedBootUs: nowBootUs(stage, branch, host),
    timeUs: branch.trueUs + stage.clocks(host).timeErrorUs,
    timeErrorUs: stage.scope.timeBoundUs,
    pps: false,
    leapPending: false,
    ...PLACE,
    horizontalErrorMm: 3_000,
    verticalErrorMm: 5_000,
    interference: "",
  };
}
