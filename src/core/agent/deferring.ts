/** The holder's word that an acceptance is not decided yet: what is missing, and until when (PROTOCOL §4 Verdicts). */
import { type Chain, chainOf, supportsOf } from "../authority/chain.ts";
import { recogniserOf } from "../authority/recognition.ts";
import { checkSnapshots } from "../authority/snapshots.ts";
import { idText, sortedUnique } from "../base/bytes.ts";
import { bodyOf } from "../pairing/bodies.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import type { Context } from "../record/kinds/settlement.ts";
import type { RecordOf } from "../record/record.ts";
import { limits } from "../wire/limits.ts";
import { enqueue } from "./agent.ts";
import { bodiesOf, inceptions } from "./documents.ts";
import { centreUs } from "./own-evidence.ts";
import { withinRecordQuota } from "./refuse.ts";
import type { Agent, Turn } from "./turn.ts";

/**
 * Said once for an acceptance, within its author's quota, as long as it can still be bound: its confirmBy is the deadline,
 * since nothing is settled after it.
 */
export function deferRecord(
  turn: Turn,
  acceptance: RecordOf<"acceptance">,
  missing: readonly Uint8Array[],
): void {
  const { agent } = turn;
  const nowUs = centreUs(turn);
  const deadlineUs = acceptance.body.confirmByUs;
  // A deferral keeps the acceptance among the documents.
  if (agent.documents.has(idText(acceptance.id)) || nowUs === null || nowUs > deadlineUs) return;
  if (missing.length === 0 || !withinRecordQuota(turn, "deferrals", acceptance)) return;
  const body = { subject: acceptance.id, missing: missing.slice(0, limits.WANT_IDS_MAX), deadlineUs };
  enqueue(turn, "deferral", body, { foreign: [...inceptions(agent, acceptance), acceptance] });
}

/** Lineages of the issuers whose status snapshot `context` lacks, or has too old: the next one's id is not known yet. */
export function awaitedIssuers(
  agent: Agent,
  offer: RecordOf<"offer">,
  acceptance: RecordOf<"acceptance">,
  context: Context,
): readonly Uint8Array[] {
  const bodies = bodiesOf(agent);
  const policy = offer.header.policy === null ? undefined : bodyOf(bodies, "policy", offer.header.policy);
  if (policy === undefined) return [];
  const snapshots = context.snapshots
    .map((id) => bodyOf(bodies, "status-snapshot", id))
    .filter((each) => each !== undefined);
  const demand = {
    snapshots,
    atUs: context.interval.latestUs,
    ageMaxUs: leaseClassOf(policy.body, offer.body.leaseClass)?.snapshotAgeMaxUs ?? 0,
    clockBoundUs: policy.body.clockBoundUs,
    side: "pair",
  };
  const recognisers = context.recognitions
    .map((id) => bodyOf(bodies, "recognition", id))
    .filter((each) => each !== undefined)
    .map((each) => recogniserOf(each, bodies));
  const pair = [offer, acceptance].map(({ header }) => chainOf(header.credential, bodies));
  const waiting = [...pair, ...recognisers].flatMap(supportsOf).filter((each) => {
    const alone: Chain =
      each.kind === "recognition"
        ? { links: [], missing: null, recognition: each }
        : { links: [each], missing: null };
    return checkSnapshots(alone, demand).some(({ passed }) => !passed);
  });
  return sortedUnique(waiting.map(({ header }) => header.lineage));
}
