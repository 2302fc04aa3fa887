/** The word of a level above the parties: heard of by notice, and stored before the radio is armed (PROTOCOL §6). */
import { chainOf } from "../authority/chain.ts";
import { acknowledgementFaults } from "../authority/oversight.ts";
import { fallenLink } from "../authority/snapshots.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import { type Rejection, rejection } from "../base/rejection.ts";
import type { RecordOf } from "../record/record.ts";
import { isOver, type Lease } from "../settlement/lease.ts";
import { emit, enqueue, refused } from "./agent.ts";
import { bodiesOf, inceptions } from "./documents.ts";
import { awaitsAcknowledgement, overseerOfLease, ruledBy } from "./overseen.ts";
import { ownTime } from "./own-evidence.ts";
import { requestRenewal } from "./renewing.ts";
import { leaseById } from "./state.ts";
import type { Turn } from "./turn.ts";
import { want } from "./want.ts";

type Acknowledgement = RecordOf<"acknowledgement">;

/** The holder's notice: its settlement, to the inbox of whoever stands above. */
export function giveNotice(turn: Turn, lease: Lease): void {
  const lineage = overseerOfLease(lease);
  if (lineage === null || lease.role !== "holder") return;
  emit(turn, { kind: "publish", route: { to: "agent", lineage }, record: lease.holderSettlement });
}

/** Said of a lease that waits for it: stored where it holds, said to be refused where it does not. */
export function onAcknowledgement(turn: Turn, given: Acknowledgement): void {
  const lease = leaseById(turn.agent.provisional, given.body.artifact);
  if (lease === undefined) return;
  const found = consider(turn, lease, given);
  if (found.length > 0) refused(turn, given.id, found);
}

/** It may have come before the lease, or before a link of its author's chain. True: it is stored now. */
export function takeAcknowledgement(turn: Turn, lease: Lease): boolean {
  if (!isWanted(turn, lease)) return false;
  const { agent } = turn;
  for (const given of agent.volatile.known.ofKind("acknowledgement")) {
    if (!equalBytes(given.body.artifact, lease.derived.id)) continue;
    consider(turn, lease, given);
    if (leaseById(agent.provisional, lease.derived.id)?.acknowledgement !== null) return true;
  }
  return false;
}

function isWanted({ agent }: Turn, lease: Lease): boolean {
  if (lease.role !== "consumer" || isOver(lease) || agent.volatile.quarantine !== null) return false;
  return awaitsAcknowledgement(lease) && !agent.volatile.leaving.has(idText(lease.derived.id));
}

/** What speaks against it; none also where it is not waited for, or cannot be judged yet. */
function consider(turn: Turn, lease: Lease, given: Acknowledgement): readonly Rejection[] {
  const { agent } = turn;
  const interval = ownTime(turn);
  const ruled = ruledBy(lease);
  if (!isWanted(turn, lease) || interval === null || ruled === null) return [];
  const bodies = bodiesOf(agent);
  const chain = chainOf(given.header.credential, bodies);
  if (chain.missing !== null) {
    want(turn, given.header.lineage, [chain.missing]);
    return [];
  }
  const overseen = {
    artifact: lease.derived.id,
    holderSettlement: lease.holderSettlement,
    consumer: lease.acceptance.header.lineage,
    block: lease.derived.artifact.block,
    leaseClass: lease.derived.artifact.terms.leaseClass,
    policy: ruled.policy,
  };
  const found = [...acknowledgementFaults(given, overseen, interval, bodies)];
  const fallen = fallenLink([chain], [...agent.volatile.known.ofKind("status-snapshot")]);
  if (fallen !== null) {
    const measured = { number: fallen.snapshot.body.number };
    const required = { revoked: "not listed" };
    found.push(rejection("credential-revoked", "acknowledgement.credential", measured, required));
  }
  if (found.length === 0) store(turn, lease, given);
  return found;
}

/** By a record of one's own that names it; and a renewal is asked for, so that the radio waits no whole period more. */
function store(turn: Turn, lease: Lease, given: Acknowledgement): void {
  const { agent } = turn;
  const { links } = chainOf(given.header.credential, bodiesOf(agent));
  const body = { artifact: lease.derived.id, record: given.id };
  const foreign = [...inceptions(agent, given, ...links), ...links, given];
  if (enqueue(turn, "acknowledgement", body, { foreign, urgent: true }) === null) return;
  requestRenewal(turn, lease.derived.id);
}
