/** A turn of one host in the world: what it says is on its way, what it does is judged, and it may die in it. */
import { idText } from "../../core/base/bytes.ts";
import type { RecordOf } from "../../core/record/record.ts";
import { turnOf } from "./host-turn.ts";
import { type Breach, judgeAppend, judgeArm } from "./judge.ts";
import type { Action, Fall, Outcome, Turn } from "./outcome.ts";
import type { AdverseKind } from "./scope.ts";
import type { Stage } from "./stage.ts";
import { type HostState, isBeyond, type Log, renewalsOf, type Said, type World } from "./world.ts";

export type Successor = {
  /** The event, for who reads a path. */
  readonly event: string;
  readonly world: World;
  readonly breach: Breach | null;
};

const FALLS: readonly Fall[] = ["crash", "reboot"];

export function mayGoWrong({ scope }: Stage, { adverse }: World, kind: AdverseKind): boolean {
  return adverse < scope.adverse && scope.adverseKinds.includes(kind);
}

/** One turn of one host, whole, and then dying after each number of its effects. */
export function turn(stage: Stage, before: World, host: number, action: Action): readonly Successor[] {
  const taken = turnOf(stage, host, before.hosts[host] as HostState, action);
  if (taken === null) return [];
  const { entry } = taken;
  if (entry === null) return outcomes(stage, before, host, taken);
  if (host === 0 && entry.own.kind === "settlement") countLease(stage, before.hosts[0]?.log ?? null);
  const world = entry.own.kind === "renewal" ? promised(stage, before, host, entry.own) : before;
  if (world === null) return [];
  const breach = judgeAppend(stage, world, host, entry);
  const all = outcomes(stage, world, host, taken);
  return breach === null ? all : all.map((each) => ({ ...each, breach }));
}

/** Of the calm beyond the scope none is counted. */
function countLease(stage: Stage, log: Log | null): void {
  if (stage.isCalm) return;
  let leases = 1;
  for (let at = log; at !== null; at = at.before) if (at.entry.own.kind === "settlement") leases += 1;
  stage.leasesMost = Math.max(stage.leasesMost, leases);
}

/** With one more renewal; null where the scope has no more of them. */
function promised(stage: Stage, before: World, host: number, { body }: RecordOf<"renewal">): World | null {
  const artifact = idText(body.artifact);
  if (renewalsOf(before.hosts[host]?.log ?? null, artifact) >= stage.scope.renewals && !stage.isCalm) {
    stage.cutHistories += 1;
    return null;
  }
  const expiryUs = Math.max(body.transmitExpiryUs, before.promised.get(artifact) ?? 0);
  return { ...before, promised: new Map(before.promised).set(artifact, expiryUs) };
}

function outcomes(stage: Stage, before: World, host: number, taken: Turn): readonly Successor[] {
  const all = [come(stage, before, host, taken.whole)];
  for (const kind of FALLS) {
    if (!mayGoWrong(stage, before, kind)) continue;
    for (const fallen of taken.falls(kind)) all.push(...fall(stage, before, host, fallen));
  }
  return all;
}

/** It is up again at once, or stays down until time passes. */
export function fall(stage: Stage, before: World, host: number, fallen: Outcome): readonly Successor[] {
  const { world, breach, event } = come(stage, { ...before, adverse: before.adverse + 1 }, host, fallen);
  const ups = turn(stage, world, host, { kind: "start" }).map((up) => {
    return { ...up, event: `${event}; ${up.event}`, breach: breach ?? up.breach };
  });
  if (!mayGoWrong(stage, world, "expiry")) return ups;
  return [...ups, { event: `${event}, which stays down`, world, breach }];
}

/** What a turn brought about is the case from now on. */
function come(stage: Stage, before: World, host: number, { to, says, arms, event }: Outcome): Successor {
  const { trueUs, adverse, orders, promised } = before;
  const hosts = before.hosts.slice();
  hosts[host] = to;
  let { flight } = before;
  for (const said of says) {
    if (!isBeyondScope(stage, said, hosts)) flight = stage.flights.with(flight, { said, late: false });
  }
  const world: World = { trueUs, hosts, flight, adverse, orders, promised };
  let breach: Breach | null = null;
  for (const arm of arms) breach ??= judgeArm(stage, world, host, arm);
  return { event, world, breach };
}

/** A request that asks for more renewals than the scope has never arrives: the lease runs out. */
function isBeyondScope(stage: Stage, { request }: Said, [holder]: readonly HostState[]): boolean {
  if (request === null || stage.isCalm) return false;
  return isBeyond(holder?.log ?? null, request, stage.scope.renewals);
}
