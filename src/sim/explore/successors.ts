/** Every state that one event makes of a state: what comes by itself, and what may go wrong, at any effect. */
import type { Input } from "../../core/agent/input.ts";
import { idText } from "../../core/base/bytes.ts";
import { type Branch, branchOf, change, hostOf } from "./branch.ts";
import { judgeAppend } from "./judge.ts";
import { pass } from "./passing.ts";
import type { Order } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { fall, finished, job, mayGoWrong, type Successor, start, tick, turn } from "./turns.ts";
import { entriesOf, type Message, type World } from "./world.ts";

/** In a fixed order: what is prompt first, what is adverse last. */
export function* successors(stage: Stage, world: World): Generator<Successor> {
  const { hosts, flight, orders } = world;
  const steps: (() => Generator<Successor>)[] = [];
  for (const [host, { agent, jobs, ticked }] of hosts.entries()) {
    if (agent === null) {
      // Within one instant the others cannot tell whether it is up again: it starts at once, or once time has passed.
      if (!ticked) steps.push(() => start(stage, world, host));
      continue;
    }
    const isRefolding = jobs.some(({ kind }) => kind === "refold");
    if (jobs.length > 0) steps.push(() => job(stage, world, host));
    if (agent.queue.length > 0 && !isRefolding) steps.push(() => append(stage, world, host));
    if (!ticked) steps.push(() => tick(stage, world, host));
  }
  for (const message of flight) {
    if (hostOf(world as Branch, message.to).agent !== null) steps.push(() => deliver(stage, world, message));
  }
  for (const order of orders) {
    if (hostOf(world as Branch, order.host).agent !== null) steps.push(() => obey(stage, world, order));
  }
  for (const each of steps) yield* each();
  yield* pass(stage, world);
  yield* losses(stage, world);
}

/** The queue's first record is flushed: it stays, whatever becomes of who wrote it. */
function* append(stage: Stage, world: World, host: number): Generator<Successor> {
  const branch = branchOf(world);
  const { agent, log } = hostOf(branch, host);
  const first = agent?.queue[0];
  if (first === undefined) return;
  const { name, sign } = stage.member(host);
  const own = sign(first.draft.record);
  const entry = { own, foreign: first.draft.foreign };
  if (own.kind === "renewal") {
    const artifact = idText(own.body.artifact);
    let signed = 1;
    for (const each of entriesOf(log))
      if (each.own.kind === "renewal" && idText(each.own.body.artifact) === artifact) signed += 1;
    if (signed > stage.scope.renewals && !stage.isCalm) {
      stage.cutHistories += 1;
      return;
    }
    const expiryUs = Math.max(own.body.transmitExpiryUs, branch.promised.get(artifact) ?? 0);
    branch.promised = new Map(branch.promised).set(artifact, expiryUs);
  }
  branch.breach = judgeAppend(stage, branch, host, entry);
  change(branch, host, { log: stage.append(log, entry) });
  const { id, envelope } = own;
  yield* turn(stage, branch, `${name} stores its ${own.kind}`, [host, { kind: "appended", id, envelope }]);
}

function* deliver(stage: Stage, world: World, message: Message): Generator<Successor> {
  const { to, key, bytes, what } = message;
  const input: readonly [number, Input] = [to, { kind: "message", bytes }];
  const flight = world.flight.filter((each) => each !== message);
  const event = `${stage.member(to).name} hears the ${what}`;
  const once: Branch = { ...branchOf(world), flight };
  hear(once, to, key);
  yield* turn(stage, once, event, input);
  if (message.late || !mayGoWrong(stage, world, "duplicate")) return;
  // The second copy may come at any later time, or never.
  const copy: Message = { ...message, late: true };
  const hasLate = flight.some((each) => each.to === to && each.key === key && each.late);
  if (hasLate) return;
  const twice: Branch = { ...branchOf(world), flight: [...flight, copy], adverse: world.adverse + 1 };
  hear(twice, to, key);
  yield* turn(stage, twice, `${event}, doubled`, input);
}

function hear(branch: Branch, host: number, key: string): void {
  const { heard } = hostOf(branch, host);
  if (!heard.includes(key)) change(branch, host, { heard: [...heard, key].sort() });
}

function* obey(stage: Stage, world: World, order: Order): Generator<Successor> {
  const { host, verb } = order;
  const branch: Branch = { ...branchOf(world), orders: world.orders.filter((each) => each !== order) };
  const { agent } = hostOf(branch, host);
  const event = `${stage.member(host).name} is told to ${verb}`;
  if (verb === "accept") {
    const accept = { offer: stage.ground.offer.id, block: null, insist: false };
    yield* turn(stage, branch, event, [host, { kind: "command", ticket: 0, command: { verb, accept } }]);
    return;
  }
  const lease = [...(agent?.provisional.leases.values() ?? [])].at(-1);
  if (lease === undefined) return;
  const command = { verb, artifact: lease.derived.id };
  yield* turn(stage, branch, event, [host, { kind: "command", ticket: 0, command }]);
}

/** Messages that never come, and processes that die between two steps. */
function* losses(stage: Stage, world: World): Generator<Successor> {
  if (mayGoWrong(stage, world, "drop")) {
    for (const message of world.flight) {
      if (message.late) continue;
      const flight = world.flight.filter((each) => each !== message);
      const lost: Branch = { ...branchOf(world), flight, adverse: world.adverse + 1 };
      yield finished(lost, `the ${message.what} is lost`);
    }
  }
  for (const [host, { agent }] of world.hosts.entries()) {
    for (const kind of ["crash", "reboot"] as const) {
      if (agent === null || !mayGoWrong(stage, world, kind)) continue;
      yield* fall(stage, branchOf(world), [host, kind], "between two steps");
    }
  }
}
