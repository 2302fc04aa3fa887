/** What directives made of a lease: entitled, in scope, computed alike on both sides, and silence while they stood (PROTOCOL §7). */
import { type Chain, chainOf } from "../authority/chain.ts";
import { checkRecognition, type Recogniser, recogniserOf } from "../authority/recognition.ts";
import { equalBytes, fromHex, toHex } from "../base/bytes.ts";
import type { Measure } from "../base/rejection.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import { directiveFaults, type Judging } from "../preemption/entitlement.ts";
import { type Reaching, reaches, reachOf } from "../preemption/reach.ts";
import { hitsBlock, terminates, unservedMicroUnits, unservedUs } from "../preemption/zones.ts";
import type { LeaseState } from "../record/kinds/lease-state.ts";
import type { Policy } from "../record/kinds/policy.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import type { Artifact } from "../settlement/artifact.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Deal } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { bodiesOf } from "./rederive.ts";
import { about, whole } from "./settlements.ts";

type State = RecordOf<"lease-state">;

export function preemptionChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { leaseStates } = deal;
  const each = (judge: (state: State) => readonly AuditCheck[]): readonly AuditCheck[] =>
    leaseStates.flatMap(judge);
  const looked = leaseStates.length;
  return [
    ...orPassed(
      "preemption-entitled",
      whole(deal),
      looked,
      each((state) => entitled(evidence, deal, state)),
    ),
    ...orPassed(
      "preemption-state",
      whole(deal),
      looked,
      each((state) => computed(evidence, deal, state)),
    ),
    ...orPassed(
      "preemption-silence",
      whole(deal),
      looked,
      each((state) => silence(deal, state)),
    ),
    ...ended(evidence, deal),
  ];
}

const NOT_HERE = "The directive, the policy or the artifact that it rests on is not here.";

/** As its author of the state could judge the directive, by that author's own time. */
function entitled(evidence: Evidence, deal: Deal, state: State): readonly AuditCheck[] {
  const at = about(deal, state);
  const directive = find(evidence, "preemption", state.body.directive);
  const policy = policyOf(evidence, deal);
  const interval = state.header.time;
  if (directive === undefined || policy === null || interval === null)
    return [notCheckable("preemption-entitled", at, NOT_HERE)];
  const chain = chainOf(directive.header.credential, bodiesOf(evidence));
  const own = buyersOwn(evidence, deal, state, chain);
  const { roots, reach, faults: beyond } = own ?? reachHere(evidence, { chain, policy, interval }, directive);
  const { offer, derived } = deal;
  const seller = (): Chain => chainOf(offer?.header.credential ?? null, bodiesOf(evidence));
  if (derived !== null && beyond.length === 0 && !reaches(reach, seller, derived.artifact.block)) {
    const measured = { root: toHex(reach?.root ?? new Uint8Array()) };
    return [failed("preemption-entitled", at, measured, { root: "of the seller, inside its recognition" })];
  }
  const judging = {
    chain,
    roots,
    policy,
    interval,
    // What a later snapshot lists was not listed when it was obeyed, perhaps.
    snapshots: [],
    others: obeyedBefore(evidence, state, directive),
  };
  const judged = directiveFaults(directive, judging).filter(({ code }) => code !== "credential-validity");
  const faults = [...beyond, ...judged];
  return faults.map(({ code, field, measured, required }) =>
    failed("preemption-entitled", at, { code, field, ...measured }, required),
  );
}

/** The buyer's own root silences its own radio, whoever audits; null where it is not about that. */
function buyersOwn(
  evidence: Evidence,
  { acceptance }: Deal,
  { header }: State,
  { links }: Chain,
): Reaching | null {
  if (acceptance === null || !equalBytes(acceptance.header.lineage, header.lineage)) return null;
  const buyer = chainOf(acceptance.header.credential, bodiesOf(evidence));
  const [root, its] = [links.at(-1)?.header.lineage, buyer.links.at(-1)?.header.lineage];
  if (root === undefined || its === undefined || !equalBytes(root, its)) return null;
  const trusted = [...evidence.roots].map(fromHex).filter((each) => each !== null);
  return { roots: [...trusted, root], reach: null, faults: [] };
}

/** Below one of the auditor's roots, or below one that such a one recognised at that time, by a recognition that is here. */
function reachHere(
  evidence: Evidence,
  { chain, policy, interval }: Pick<Judging, "chain" | "policy" | "interval">,
  directive: RecordOf<"preemption">,
): Reaching {
  const top = chain.links.at(-1)?.header.lineage;
  const trusted = [...evidence.roots].map(fromHex).filter((each) => each !== null);
  const bodies = bodiesOf(evidence);
  const demand = { roots: trusted, policy, side: "preemption" };
  const { issuedUs } = directive.body;
  // Heard when it was issued, perhaps, and recorded late.
  const times = [interval, { earliestUs: issuedUs, latestUs: issuedUs }];
  const holds = (each: Recogniser): boolean =>
    times.some((at) => checkRecognition(each, { ...demand, interval: at }).every(({ passed }) => passed));
  const standing = ofKind(evidence, "recognition")
    .filter(({ body }) => top !== undefined && equalBytes(body.root, top))
    .map((each) => recogniserOf(each, bodies))
    .filter(holds);
  return reachOf(chain, trusted, standing, policy);
}

/** Of the same author, that the author of `state` obeyed before it. */
function obeyedBefore(
  evidence: Evidence,
  state: State,
  { id, header }: RecordOf<"preemption">,
): readonly RecordOf<"preemption">["body"][] {
  const before = new Map<string, RecordOf<"preemption">["body"]>();
  for (const each of ofKind(evidence, "lease-state")) {
    if (!equalBytes(each.header.lineage, state.header.lineage) || !precedes(each, state)) continue;
    const directive = find(evidence, "preemption", each.body.directive);
    if (directive === undefined || equalBytes(directive.id, id)) continue;
    if (equalBytes(directive.header.lineage, header.lineage)) before.set(toHex(directive.id), directive.body);
  }
  return [...before.values()];
}

function policyOf(evidence: Evidence, { offer }: Deal): Policy | null {
  return offer === null ? null : (find(evidence, "policy", offer.header.policy)?.body ?? null);
}

/** It hits the block, and the state says of cause, end and unserved part what directive, artifact and policy give. */
function computed(evidence: Evidence, deal: Deal, state: State): readonly AuditCheck[] {
  const at = about(deal, state);
  const directive = find(evidence, "preemption", state.body.directive);
  const policy = policyOf(evidence, deal);
  if (directive === undefined || deal.derived === null || policy === null)
    return [notCheckable("preemption-state", at, NOT_HERE)];
  const { artifact } = deal.derived;
  if (!hitsBlock(directive.body, artifact.block))
    return [failed("preemption-state", at, { hits: false }, { hits: true })];
  const wanted = figures(directive.body, artifact, policy);
  const { state: word, cause, untilUs, unservedUs: us, unservedMicroUnits: money, settled } = state.body;
  const said = measureOf({ state: word, cause, untilUs, unservedUs: us, unservedMicroUnits: money, settled });
  const differing = Object.keys(wanted).filter((name) => wanted[name] !== said[name]);
  return differing.length === 0 ? [] : [failed("preemption-state", at, said, wanted)];
}

type Figures = Pick<
  LeaseState,
  "state" | "cause" | "untilUs" | "unservedUs" | "unservedMicroUnits" | "settled"
>;

function figures(directive: RecordOf<"preemption">["body"], artifact: Artifact, policy: Policy): Measure {
  const { block, price, terms } = artifact;
  const ends = terminates(directive, block);
  const money = price.digest === null ? price.value : null;
  return measureOf({
    state: ends ? "terminated" : "suspended",
    cause: directive.cause,
    untilUs: ends ? null : directive.untilUs,
    unservedUs: unservedUs(directive, block),
    unservedMicroUnits: money === null ? null : unservedMicroUnits(money.microUnits, directive, block),
    settled: leaseClassOf(policy, terms.leaseClass)?.preemption?.unserved ?? "none",
  });
}

function measureOf({ untilUs, unservedMicroUnits: money, ...rest }: Figures): Measure {
  return {
    ...rest,
    untilUs: untilUs ?? "none",
    unservedMicroUnits: money === null ? "sealed" : String(money),
  };
}

/** From the record of a directive to its end its author neither asks, nor renews, nor means to switch on; a report may be late. */
function silence(deal: Deal, state: State): readonly AuditCheck[] {
  const { untilUs } = state.body;
  const acts: readonly AnyRecord[] = [...deal.renewals, ...deal.requests, ...deal.actuations];
  return acts
    .filter((each) => equalBytes(each.header.lineage, state.header.lineage) && precedes(state, each))
    .filter(({ header }) => untilUs === null || (header.time !== null && header.time.earliestUs < untilUs))
    .map((each) => {
      const measured = { kind: each.kind, earliestUs: each.header.time?.earliestUs ?? "none" };
      return failed("preemption-silence", about(deal, each), measured, { fromUs: untilUs ?? "never" });
    });
}

/** A termination for a directive names one that its author recorded as the end of this lease. */
function ended(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const preempted = deal.terminations.filter(({ body }) => body.reason === "preempted");
  const found = preempted.flatMap((each) => {
    const { cause } = each.body;
    const directive = find(evidence, "preemption", cause);
    const state = deal.leaseStates.find(
      ({ header, body }) =>
        body.state === "terminated" &&
        equalBytes(header.lineage, each.header.lineage) &&
        cause !== null &&
        equalBytes(body.directive, cause),
    );
    // A consumer's log holds the holder's termination, and not what the holder wrote before it.
    const isWhole = evidence.exported.has(toHex(each.header.lineage));
    if (directive === undefined && !isWhole && cause !== null)
      return [notCheckable("preemption-ending", about(deal, each), NOT_HERE)];
    if (directive !== undefined && !isWhole) return [];
    if (directive !== undefined && state !== undefined && precedes(state, each)) return [];
    const measured = { cause: directive?.kind ?? "none", recorded: state !== undefined };
    return [
      failed("preemption-ending", about(deal, each), measured, { cause: "preemption", recorded: true }),
    ];
  });
  return orPassed("preemption-ending", whole(deal), preempted.length, found);
}
