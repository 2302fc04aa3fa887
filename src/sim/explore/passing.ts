/** True time passes, to the next instant at which anything can be due. */

import type { Lease } from "../../core/settlement/lease.ts";
import { bootBoundPassed, expiryBoundPassed } from "../../core/settlement/renewal-bounds.ts";
import { type Branch, branchOf, change } from "./branch.ts";
import { bootUsAt, INSTANT_US, SCENE_BEGAN_US, trueUsAt } from "./host-time.ts";
import { judgeAir, silentUs } from "./judge.ts";
import type { Stage } from "./stage.ts";
import { job, mayGoWrong, type Successor, tick } from "./turns.ts";
import type { HostState, World } from "./world.ts";

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
  const isDown = agent === null;
  const steps = isDown
    ? []
    : jobs.length > 0
      ? job(stage, begun.world, host)
      : tick(stage, begun.world, host);
  const left = !isDown && jobs.length > 0 ? hosts : others;
  if (isDown) yield* ticks(stage, begun, others);
  for (const each of steps) {
    const after = { ...each, event: `${begun.event}; ${each.event}` };
    // Up again after it died: its start brought a tick.
    const isTicked = each.world.hosts[host]?.ticked === true;
    yield* ticks(stage, after, isTicked ? others : left);
  }
}

export function endUs({ scope }: Stage): number {
  return SCENE_BEGAN_US + scope.instants * INSTANT_US;
}

/** A message that just left, a record that waits to be stored, or a host that is down. */
export function isOutstanding({ flight, hosts }: World): boolean {
  return (
    flight.some(({ late }) => !late) ||
    hosts.some(({ agent, isAway }) => (agent === null ? !isAway : agent.queue.length > 0))
  );
}

/** Guards that reach their deadline fall silent on the way. */
export function passed(stage: Stage, world: World, costs: number): Successor {
  const branch = branchOf(world);
  const untilUs = nextUs(stage, world);
  const breach = judgeAir(stage, branch, untilUs);
  branch.trueUs = untilUs;
  branch.adverse += costs;
  branch.flight = lateOnce(branch);
  for (const [i, host] of branch.hosts.entries()) {
    change(branch, i, { ticked: false, isAway: host.agent === null, ...silenced(stage, host, i, untilUs) });
  }
  const { breach: _, ...next } = branch;
  return { event: `time passes to ${(untilUs - SCENE_BEGAN_US) / 1e6} s`, world: next, breach };
}

/** Late by one instant; what is late already is lost. */
function lateOnce({ flight }: Branch): World["flight"] {
  return flight.filter(({ late }) => !late).map((each) => ({ ...each, late: true }));
}

function silenced(stage: Stage, host: HostState, i: number, untilUs: number): Partial<HostState> {
  const offUs = silentUs(stage, host, i);
  if (offUs === null || offUs > untilUs) return {};
  if (host.agent === null) return { onAir: null };
  const mutedBootUs = bootUsAt(host.boot, stage.clocks(i), offUs);
  const report = { kind: "muted" as const, mutedBootUs, latencyUs: null, reason: "deadline" };
  return { onAir: null, jobs: [...host.jobs, { kind: "report", report }] };
}

function nextUs(stage: Stage, world: World): number {
  const { trueUs, hosts } = world;
  const sinceUs = trueUs - SCENE_BEGAN_US;
  const wholeUs = SCENE_BEGAN_US + (Math.floor(sinceUs / INSTANT_US) + 1) * INSTANT_US;
  if (!stage.scope.stopsAtBounds) return wholeUs;
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
