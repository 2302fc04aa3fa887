/** True time passes, to the next instant at which anything can be due. */

import type { Lease } from "../../core/settlement/lease.ts";
import { bootBoundPassed, expiryBoundPassed } from "../../core/settlement/renewal-bounds.ts";
import { bootUsAt, SCENE_BEGAN_US, trueUsAt } from "./host-time.ts";
import { judgeAir, silentUs } from "./judge.ts";
import type { Stage } from "./stage.ts";
import { mayGoWrong, type Successor, turn } from "./turns.ts";
import type { HostDraft, HostState, World } from "./world.ts";

/**
 * Nothing while a radio or a fold is owed to an agent, or one has not had its tick: those are prompt. Each instant begins
 * with a tick of everybody; one that comes later in the instant counts as an expiry.
 */
export function* pass(stage: Stage, world: World): Generator<Successor> {
  if (world.trueUs >= endUs(stage)) return;
  if (world.hosts.some(({ agent, jobs, ticked }) => jobs.length > 0 || (agent !== null && !ticked))) return;
  const costs = isOutstanding(world) ? 1 : 0;
  if (costs > 0 && !mayGoWrong(stage, world, "expiry")) return;
  const next = passed(stage, world, costs);
  const running = [...world.hosts.keys()].filter((host) => world.hosts[host]?.agent !== null);
  yield* ticks(stage, next, running);
  if (!mayGoWrong(stage, next.world, "expiry")) return;
  for (const slow of running) {
    const world = { ...next.world, adverse: next.world.adverse + 1 };
    const event = `${next.event}, ${stage.member(slow).name} is slow`;
    const others = running.filter((host) => host !== slow);
    yield* ticks(stage, { ...next, event, world }, others);
  }
}

/** What each radio did on the way is heard, then its agent ticks; any of them may die in it. */
function* ticks(stage: Stage, begun: Successor, hosts: readonly number[]): Generator<Successor> {
  const [host, ...others] = hosts;
  if (host === undefined || begun.breach !== null) {
    yield begun;
    return;
  }
  const { jobs, agent } = begun.world.hosts[host] as HostState;
  if (agent === null) {
    yield* ticks(stage, begun, others);
    return;
  }
  const isOwed = jobs.length > 0;
  const steps = turn(stage, begun.world, host, { kind: isOwed ? "job" : "tick" });
  const left = isOwed ? hosts : others;
  for (const each of steps) {
    const after = { ...each, event: `${begun.event}; ${each.event}` };
    // Up again after it died: its start brought a tick.
    const isTicked = each.world.hosts[host]?.ticked === true;
    yield* ticks(stage, after, isTicked ? others : left);
  }
}

export function endUs({ scope }: Stage): number {
  return SCENE_BEGAN_US + scope.instants * scope.instantUs;
}

/** A message that just left, a record that waits to be stored, or a host that is down. */
export function isOutstanding({ flight, hosts }: World): boolean {
  return (
    flight.messages.some(({ late }) => !late) ||
    hosts.some(({ agent, isAway }) => (agent === null ? !isAway : agent.queue.length > 0))
  );
}

/** Guards that reach their deadline fall silent on the way. */
export function passed(stage: Stage, world: World, costs: number): Successor {
  const untilUs = nextUs(stage, world);
  const next: World = {
    ...world,
    trueUs: untilUs,
    adverse: world.adverse + costs,
    flight: lateOnce(stage, world),
    hosts: world.hosts.map((host, i) => later(stage, i, host, untilUs)),
  };
  const event = `time passes to ${(untilUs - SCENE_BEGAN_US) / 1e6} s`;
  return { event, world: next, breach: judgeAir(stage, world, untilUs) };
}

/** Late by one instant; what is late already is lost. */
function lateOnce(stage: Stage, { flight }: World): World["flight"] {
  const prompt = flight.messages.filter(({ late }) => !late);
  return stage.flights.of(prompt.map(({ said }) => ({ said, late: true })));
}

function later(stage: Stage, host: number, state: HostState, untilUs: number): HostState {
  const { to } = stage.onceOutcome(`${untilUs} ${state.id}`, () => {
    return { to: stage.known(host, laterState(stage, host, state, untilUs)), says: [], arms: [], event: "" };
  });
  return to;
}

/** The host at the next instant, its guard silent where its deadline came. */
function laterState(stage: Stage, host: number, state: HostState, untilUs: number): HostDraft {
  const isAway = state.agent === null;
  const next: HostDraft = { ...state, atUs: untilUs, ticked: false, isAway };
  const offUs = silentUs(stage, state, host);
  if (offUs === null || offUs > untilUs) return next;
  if (isAway) return { ...next, onAir: null };
  const mutedBootUs = bootUsAt(state.boot, stage.clocks(host), offUs);
  const report = { kind: "muted" as const, mutedBootUs, latencyUs: null, reason: "deadline" };
  return { ...next, onAir: null, jobs: [...state.jobs, { kind: "report", report }] };
}

function nextUs(stage: Stage, world: World): number {
  const { trueUs, hosts } = world;
  const { instantUs, stopsAtBounds } = stage.scope;
  const sinceUs = trueUs - SCENE_BEGAN_US;
  const wholeUs = SCENE_BEGAN_US + (Math.floor(sinceUs / instantUs) + 1) * instantUs;
  if (!stopsAtBounds) return wholeUs;
  const stops = hosts.flatMap((host, i) => [silentUs(stage, host, i), ...bounds(stage, world, host, i)]);
  const ahead = stops.filter((each): each is number => each !== null && each > trueUs && each < wholeUs);
  return Math.min(wholeUs, ...ahead);
}

/** The first instants at which the holder takes a bound of its renewals for passed, and may let the block again. */
function bounds(stage: Stage, { trueUs }: World, { agent, boot }: HostState, i: number): readonly number[] {
  if (i > 0 || agent === null) return [];
  const { timeErrorUs } = stage.clocks(i);
  const at = (lease: Lease): readonly number[] => {
    if (lease.bounds === null) return [];
    const { untilBootUs, reachUs, earlierReachUs, expiryUs } = lease.bounds;
    const byBoot = [untilBootUs, reachUs, earlierReachUs].map((each) =>
      trueUsAt(boot, stage.clocks(i), each),
    );
    // The earliest edge of the own time: what the receiver says less its bound.
    return [...byBoot, expiryUs + stage.scope.timeBoundUs - timeErrorUs];
  };
  const isWaiting = ({ bounds: waits }: Lease): boolean =>
    !bootBoundPassed(waits, agent.config.bootId, bootUsAt(boot, stage.clocks(i), trueUs)) ||
    !expiryBoundPassed(waits, trueUs + timeErrorUs - stage.scope.timeBoundUs);
  return [...agent.durable.leases.values()].filter(isWaiting).flatMap(at);
}
