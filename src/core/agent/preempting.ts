/** Directives: silence at once, then the records of it; while one stands nothing is renewed, armed or settled in scope (PROTOCOL §7). */
import { chainOf, isRooted } from "../authority/chain.ts";
import type { Recogniser } from "../authority/recognition.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import { directiveFaults, standsUntilUs } from "../preemption/entitlement.ts";
import { exposureOf } from "../preemption/exposure.ts";
import { reachOf } from "../preemption/reach.ts";
import { terminates, unservedMicroUnits, unservedUs } from "../preemption/zones.ts";
import type { LeaseState } from "../record/kinds/lease-state.ts";
import type { RecordOf } from "../record/record.ts";
import { isOver, type Lease } from "../settlement/lease.ts";
import { count, emit, enqueue, lookUp } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { bodiesOf } from "./documents.ts";
import { terminate } from "./holder-lease.ts";
import { put } from "./known.ts";
import { ownTime } from "./own-evidence.ts";
import { keepPending } from "./pending.ts";
import { ownPolicy } from "./policies.ts";
import { recognitionsAtHand } from "./recognitions.ts";
import { refuseRecord } from "./refuse.ts";
import { leave } from "./silencing.ts";
import { hitsLease, standingBehind } from "./standing.ts";
import { leaseById, liveLeases } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { Standing } from "./volatile.ts";
import { want } from "./want.ts";

type Directive = RecordOf<"preemption">;

/** A directive that was heard: obeyed, refused by a record, or kept until its chain or the own time is at hand. */
export function onPreemption(turn: Turn, directive: Directive): void {
  const { agent } = turn;
  const key = idText(directive.id);
  const { pendingDirectives } = agent.volatile;
  const chain = chainOf(directive.header.credential, bodiesOf(agent));
  // What a root of others orders may come before the recognition of that root does: it is asked again then.
  const isRefused = agent.provisional.rejections.has(key);
  const isFinal = isRefused && isRooted(chain, agent.config.roots);
  if (agent.volatile.directives.has(key) || isFinal) return;
  const [interval, policy, [last]] = [ownTime(turn), ownPolicy(turn), chain.links];
  // Without own time nothing of this agent is on the air: it arms by its own time only, and a run never loses what it had.
  if (chain.missing !== null || interval === null) {
    const missing = chain.missing === null ? [] : [chain.missing];
    if (!keepPending(turn, pendingDirectives, directive, missing)) return;
    if (missing.length > 0) want(turn, directive.header.lineage, missing);
    return;
  }
  pendingDirectives.delete(key);
  if (policy === null) return;
  if ((directive.body.untilUs ?? Number.POSITIVE_INFINITY) <= interval.earliestUs) {
    // Retained somewhere, and long over: nobody has to be told.
    count(turn, "preemption-time");
    return;
  }
  const snapshots = [...agent.volatile.known.ofKind("status-snapshot")];
  const by = isRooted(chain, agent.config.roots) ? [] : recognised(turn, chain.links.at(-1)?.header.lineage);
  const { roots, reach, faults: beyond } = reachOf(chain, agent.config.roots, by, policy);
  const judging = { chain, roots, policy, interval, snapshots };
  const others = obeyedOf(turn, directive.header.lineage).map(({ body }) => body);
  const untilUs = last === undefined ? interval.earliestUs : standsUntilUs(directive.body, last.body);
  const standing = { directive, untilUs, reach };
  const faults = [
    ...beyond,
    ...directiveFaults(directive, { ...judging, others }),
    ...tooMany(turn, standing),
  ];
  if (faults.length > 0) {
    if (!isRefused) refuseRecord(turn, directive, faults);
    return;
  }
  put(agent.volatile.directives, key, standing, bounds.DIRECTIVES_MAX);
  obeyDirectives(turn, true);
}

/** Recognitions of that root by own ones that hold, whatever they are good for. */
function recognised(turn: Turn, root: Uint8Array | undefined): readonly Recogniser[] {
  const { agent } = turn;
  const interval = ownTime(turn);
  if (root === undefined || interval === null) return [];
  return recognitionsAtHand(agent, { root, by: agent.config.roots, interval, block: null });
}

/** A root of others is recognised from now on: what stands by it, and was refused, is looked at again. */
export function reconsiderDirectives(turn: Turn, { id, body }: RecordOf<"recognition">): void {
  const { agent } = turn;
  if (!recognised(turn, body.root).some(({ recognition }) => equalBytes(recognition.id, id))) return;
  for (const each of [...agent.volatile.known.ofKind("preemption")]) {
    const top = chainOf(each.header.credential, bodiesOf(agent)).links.at(-1);
    if (top !== undefined && equalBytes(top.header.lineage, body.root)) onPreemption(turn, each);
  }
}

/** The other side obeyed a directive: who has not heard it asks for it. */
export function onLeaseState(turn: Turn, { header, body }: RecordOf<"lease-state">): void {
  const { agent } = turn;
  const lease = leaseById(agent.provisional, body.artifact);
  if (lease === undefined) return;
  const peer = lease.role === "holder" ? lease.acceptance : lease.offer;
  const key = idText(body.directive);
  const isHeard = agent.volatile.directives.has(key) || agent.provisional.rejections.has(key);
  if (isHeard || !equalBytes(peer.header.lineage, header.lineage)) return;
  const known = lookUp(agent, body.directive);
  if (known?.kind === "preemption") onPreemption(turn, known);
  else want(turn, header.lineage, [body.directive]);
}

/** Those of one author that this agent obeyed, whether they stand or not: what its budgets are held against. */
function obeyedOf({ agent }: Turn, lineage: Uint8Array): readonly Directive[] {
  const found = new Map<string, Directive>();
  const keep = (each: Directive): void => {
    if (equalBytes(each.header.lineage, lineage)) found.set(idText(each.id), each);
  };
  for (const { directive } of agent.volatile.directives.values()) keep(directive);
  for (const { preemptions } of agent.provisional.leases.values())
    for (const { directive } of preemptions) keep(directive);
  return [...found.values()];
}

function tooMany({ agent }: Turn, standing: Standing): readonly Rejection[] {
  const { leasesMax } = standing.directive.body;
  if (leasesMax === null) return [];
  let leases = 0;
  for (const lease of liveLeases(agent.provisional))
    if (!isOver(lease) && hitsLease(agent, standing, lease)) leases += 1;
  if (leases <= leasesMax) return [];
  return [rejection("preemption-leases", "preemption.leasesMax", { leases }, { leasesMax })];
}

/** Silence first, for every lease that is hit; only then records. Asked again at each tick, for what had no room or time. */
export function obeyDirectives(turn: Turn, isNew: boolean = false): void {
  forgetEnded(turn);
  const { directives } = turn.agent.volatile;
  if (directives.size === 0) return;
  const hit: { readonly artifact: Uint8Array; readonly standing: Standing }[] = [];
  for (const lease of liveLeases(turn.agent.provisional)) {
    if (isOver(lease)) continue;
    for (const standing of directives.values()) {
      if (!hitsLease(turn.agent, standing, lease)) continue;
      hit.push({ artifact: lease.derived.id, standing });
      silence(turn, lease, standing, isNew);
    }
  }
  for (const { artifact, standing } of hit) {
    const lease = leaseById(turn.agent.provisional, artifact);
    if (lease !== undefined && !isOver(lease)) record(turn, lease, standing);
  }
}

function forgetEnded(turn: Turn): void {
  const time = ownTime(turn);
  if (time === null) return;
  const { directives } = turn.agent.volatile;
  for (const [key, { untilUs }] of directives) if (untilUs <= time.earliestUs) directives.delete(key);
}

function silence(turn: Turn, lease: Lease, { directive }: Standing, isNew: boolean): void {
  const { armed, mutesUnderWay } = turn.agent.volatile;
  if (lease.role !== "consumer") return;
  if (terminates(directive.body, lease.derived.artifact.block)) leave(turn, lease, "preempted");
  else if (armed !== null && equalBytes(armed.artifact, lease.derived.id) && (isNew || mutesUnderWay === 0))
    emit(turn, { kind: "mute", reason: "preempted" });
}

/** Once a lease and directive; where nothing of the lease is left, its end too. */
function record(turn: Turn, lease: Lease, standing: Standing): void {
  const { directive } = standing;
  const isKnown = lease.preemptions.some(({ state }) => equalBytes(state.body.directive, directive.id));
  if (isKnown) return;
  const made = enqueue(turn, "lease-state", stateOf(turn, lease, directive), {
    foreign: [...standingBehind(turn, standing, lease), directive],
    urgent: true,
  });
  if (made === null || made.body.state !== "terminated" || lease.role !== "holder") return;
  terminate(turn, lease, "preempted", { cause: directive });
}

/** From the artifact, the directive and the pair's policy alone, but for what was seen: both sides compute the same. */
function stateOf(turn: Turn, lease: Lease, directive: Directive): LeaseState {
  const { artifact } = lease.derived;
  const { block, price, terms } = artifact;
  const ends = terminates(directive.body, block);
  const money = price.digest === null ? price.value : null;
  const { policy: law } = lease.offer.header;
  const policy = lease.documents.find(({ id }) => law !== null && equalBytes(id, law));
  const leaseClass = policy?.kind === "policy" ? leaseClassOf(policy.body, terms.leaseClass) : null;
  const others = obeyedOf(turn, directive.header.lineage).filter(({ id }) => !equalBytes(id, directive.id));
  const [link] = chainOf(directive.header.credential, bodiesOf(turn.agent)).links;
  const bodies = others.map(({ body }) => body);
  return {
    artifact: lease.derived.id,
    state: ends ? "terminated" : "suspended",
    directive: directive.id,
    cause: directive.body.cause,
    untilUs: ends ? null : directive.body.untilUs,
    unservedUs: unservedUs(directive.body, block),
    unservedMicroUnits: money === null ? null : unservedMicroUnits(money.microUnits, directive.body, block),
    settled: leaseClass?.preemption?.unserved ?? "none",
    seen: link === undefined ? [] : exposureOf(link.body, directive.body, bodies),
  };
}
