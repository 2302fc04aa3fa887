/** Every state that one event makes of a state: what comes by itself, and what may go wrong, at any effect. */
import { fallen } from "./host-turn.ts";
import type { Action, Fall } from "./outcome.ts";
import { pass } from "./passing.ts";
import type { Order } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { fall, mayGoWrong, type Successor, turn } from "./turns.ts";
import type { Message, World } from "./world.ts";

const START: Action = { kind: "start" };
const JOB: Action = { kind: "job" };
const APPEND: Action = { kind: "append" };
const TICK: Action = { kind: "tick" };

/** In a fixed order: what is prompt first, what is adverse last. */
export function* successors(stage: Stage, world: World): Generator<Successor> {
  const { hosts, flight, orders } = world;
  for (const [host, { agent, jobs, ticked }] of hosts.entries()) {
    if (agent === null) {
      // Within one instant the others cannot tell whether it is up again: it starts at once, or once time has passed.
      if (!ticked) yield* turn(stage, world, host, START);
      continue;
    }
    const isRefolding = jobs.some(({ kind }) => kind === "refold");
    if (jobs.length > 0) yield* turn(stage, world, host, JOB);
    if (agent.queue.length > 0 && !isRefolding) yield* turn(stage, world, host, APPEND);
    if (!ticked) yield* turn(stage, world, host, TICK);
  }
  for (const message of flight.messages) {
    if (hosts[message.said.to]?.agent !== null) yield* deliver(stage, world, message);
  }
  for (const order of orders) {
    if (hosts[order.host]?.agent !== null) yield* obey(stage, world, order);
  }
  yield* pass(stage, world);
  yield* losses(stage, world);
}

function deliver(stage: Stage, world: World, message: Message): readonly Successor[] {
  const { said, late } = message;
  const flight = stage.flights.without(world.flight, message);
  const action: Action = { kind: "hear", said };
  const once = turn(stage, { ...world, flight }, said.to, action);
  if (late || !mayGoWrong(stage, world, "duplicate")) return once;
  // The second copy may come at any later time, or never.
  const both = stage.flights.with(flight, { said, late: true });
  if (both === flight) return once;
  const twice = turn(stage, { ...world, flight: both, adverse: world.adverse + 1 }, said.to, action);
  return [...once, ...twice.map((each) => ({ ...each, event: `${each.event}, doubled` }))];
}

function obey(stage: Stage, world: World, order: Order): readonly Successor[] {
  const { host, verb } = order;
  const orders = world.orders.filter((each) => each !== order);
  return turn(stage, { ...world, orders }, host, { kind: "obey", verb });
}

const FALLS: readonly Fall[] = ["crash", "reboot"];

/** Messages that never come, and processes that die between two steps. */
function losses(stage: Stage, world: World): readonly Successor[] {
  const all: Successor[] = [];
  if (mayGoWrong(stage, world, "drop")) {
    for (const message of world.flight.messages) {
      if (message.late) continue;
      const flight = stage.flights.without(world.flight, message);
      const event = `the ${message.said.what} is lost`;
      all.push({ event, world: { ...world, flight, adverse: world.adverse + 1 }, breach: null });
    }
  }
  for (const [host, state] of world.hosts.entries()) {
    for (const kind of FALLS) {
      if (state.agent === null || !mayGoWrong(stage, world, kind)) continue;
      all.push(...fall(stage, world, host, fallen(stage, host, state, kind)));
    }
  }
  return all;
}
