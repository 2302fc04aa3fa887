/** Refusals become records, within a quota a peer and window; beyond it, aggregates (PROTOCOL §6 Rejections). */
import { chainOf } from "../authority/chain.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Rejection } from "../base/rejection.ts";
import { profileOf } from "../policy/profiles.ts";
import { fieldBytes } from "../record/field.ts";
import { finding } from "../record/finding-field.ts";
import type { Consequence, Policy } from "../record/kinds/policy.ts";
import type { AnyRecord } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import { enqueue, lookUp, refused } from "./agent.ts";
import { bounds } from "./bounds.ts";
import { bodiesOf } from "./documents.ts";
import { put } from "./known.ts";
import { ownTime } from "./own-evidence.ts";
import { ownPolicy } from "./policies.ts";
import { laneOf } from "./receive.ts";
import { recognitionAtHand } from "./recognitions.ts";
import type { Turn } from "./turn.ts";

const FINDINGS_MAX = 32;
/** What header and the rest of the body take is far below the difference. */
const FINDINGS_BYTES_MAX = limits.RECORD_BYTES_MAX - 2_048;

/** A name for each finding. */
const PROFILES_BYTES_MAX = FINDINGS_MAX * 66;

/** Refuses `subject` with every finding; the record goes to its author once it is durable. */
export function refuseRecord(turn: Turn, subject: AnyRecord, findings: readonly Rejection[]): void {
  refused(turn, subject.id, findings);
  const { agent } = turn;
  if (agent.provisional.closedAcceptances.has(toHex(subject.id))) return;
  const policy = ownPolicy(turn);
  const first = findings[0];
  if (policy === null || first === undefined) return;
  const peer = subject.header.lineage;
  if (!withinRecordQuota(turn, "rejections", subject)) {
    aggregate(turn, peer, first);
    return;
  }
  const { consequence, afterUs } = consequenceOf(policy, findings);
  const kept = fitting(findings, policy.profiles.length === 0 ? 0 : PROFILES_BYTES_MAX);
  enqueue(
    turn,
    "rejection",
    {
      subject: subject.id,
      peer,
      findings: kept,
      profile: policy.name,
      profiles: profilesOf(policy, kept),
      consequence,
      retryAfterUs: afterUs,
      count: 1,
    },
    { foreign: [...standing(turn, subject), subject] },
  );
}

/** Said only where the policy is composed: else all of them are its own. */
function profilesOf(policy: Policy, findings: readonly Rejection[]): readonly string[] {
  return policy.profiles.length === 0 ? [] : findings.map(({ code }) => profileOf(policy, code));
}

/** Peer-controlled texts: as many findings as one record holds, the first one without its figures if they are too long. */
export function fitting(findings: readonly Rejection[], besideBytes: number = 0): readonly Rejection[] {
  const kept: Rejection[] = [];
  let room = FINDINGS_BYTES_MAX - besideBytes;
  for (const each of findings.slice(0, FINDINGS_MAX)) {
    room -= fieldBytes(finding, each).length;
    if (room < 0) break;
    kept.push(each);
  }
  const [first] = findings;
  return kept.length > 0 || first === undefined ? kept : [{ ...first, measured: {}, required: {} }];
}

/** What the refusal stands on, so that a copy of the log can be judged alone: chain, evidence, documents, offer. */
function standing({ agent }: Turn, subject: AnyRecord): readonly AnyRecord[] {
  const { credential, attestation, policy } = subject.header;
  const chain = chainOf(credential, bodiesOf(agent)).links;
  const offer = subject.kind === "acceptance" ? lookUp(agent, subject.body.offer) : undefined;
  const schema = offer?.kind === "offer" ? lookUp(agent, offer.body.schema) : undefined;
  const named = [attestation, policy].map((id) => (id === null ? undefined : lookUp(agent, id)));
  return [...chain, ...named, schema, offer].filter((each) => each !== undefined);
}

/** The gravest consequence that policy names for any of the findings. */
function consequenceOf(policy: Policy, findings: readonly Rejection[]): Omit<Consequence, "code"> {
  const order = ["none", "retry-after", "quota", "suspend-peer", "dispute"];
  let gravest: Omit<Consequence, "code"> = { consequence: "none", afterUs: 0 };
  for (const { code } of findings) {
    const named = policy.consequences.find((each) => each.code === code);
    if (named !== undefined && order.indexOf(named.consequence) > order.indexOf(gravest.consequence))
      gravest = named;
  }
  return gravest;
}

/** Peers with a chain to a trusted or recognised root have a lane each; all others share one, however many lineages they make. */
function laneName(turn: Turn, { header }: AnyRecord): string {
  const { agent } = turn;
  const chain = chainOf(header.credential, bodiesOf(agent));
  const [last, top] = [chain.links[0], chain.links.at(-1)];
  const rooted = top !== undefined && isVouchedFor(turn, top.header.lineage);
  const own = last !== undefined && equalBytes(last.body.subjectLineage, header.lineage);
  return chain.missing === null && rooted && own ? toHex(header.lineage) : "of strangers";
}

/** A trusted root, or one that such a one recognises wherever. */
function isVouchedFor(turn: Turn, root: Uint8Array): boolean {
  const { roots } = turn.agent.config;
  if (roots.some((each) => equalBytes(each, root))) return true;
  const interval = ownTime(turn);
  return (
    interval !== null && recognitionAtHand(turn.agent, { root, by: roots, interval, block: null }) !== null
  );
}

/** May one more record of that sort answer the author of `subject` in this window? */
export function withinRecordQuota(turn: Turn, sort: "rejections" | "deferrals", subject: AnyRecord): boolean {
  const quotas = ownPolicy(turn)?.quotas;
  if (quotas === undefined) return false;
  const lane = laneOf(turn, `${sort} ${laneName(turn, subject)}`);
  if (turn.now.bootUs - lane.rejectionWindowStartUs >= quotas.windowUs) {
    lane.rejectionWindowStartUs = turn.now.bootUs;
    lane.rejections = 0;
  }
  lane.rejections += 1;
  return lane.rejections <= quotas.rejections;
}

function aggregate(turn: Turn, peer: Uint8Array, { code, measured }: Rejection): void {
  const { aggregates } = turn.agent.volatile;
  const value = Object.values(measured).find((each) => typeof each === "number") ?? 0;
  const key = `${toHex(peer)} ${code}`;
  const standing = aggregates.get(key);
  if (standing === undefined) {
    put(
      aggregates,
      key,
      { peer, code, count: 1, least: value, greatest: value, sinceBootUs: turn.now.bootUs },
      bounds.PEERS_MAX,
    );
    return;
  }
  standing.count += 1;
  standing.least = Math.min(standing.least, value);
  standing.greatest = Math.max(standing.greatest, value);
}

/** One record for each peer and code whose window is over. */
export function flushAggregates(turn: Turn): void {
  const { aggregates } = turn.agent.volatile;
  const policy = aggregates.size === 0 ? null : ownPolicy(turn);
  if (policy === null) return;
  for (const [key, each] of aggregates) {
    if (turn.now.bootUs - each.sinceBootUs < policy.quotas.windowUs) continue;
    const findings = [
      { code: each.code, field: "least", measured: { value: each.least }, required: {} },
      { code: each.code, field: "greatest", measured: { value: each.greatest }, required: {} },
    ];
    const made = enqueue(turn, "rejection", {
      subject: null,
      peer: each.peer,
      findings,
      profile: policy.name,
      profiles: profilesOf(policy, findings),
      consequence: "quota",
      retryAfterUs: policy.quotas.windowUs,
      count: each.count,
    });
    if (made === null) return;
    aggregates.delete(key);
  }
}
