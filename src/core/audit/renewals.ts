/** Renewals: each answers one request of the same boot, after both settlements, within reach and every end (PROTOCOL §6). */
import { transmitExpiryUs } from "../authority/snapshots.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { RecordOf } from "../record/record.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import { type Deal, isParty } from "./deals.ts";
import { type Evidence, find } from "./evidence.ts";
import { precedes } from "./inventory.ts";
import { chainsOfDeal } from "./lease-chains.ts";
import { about, whole } from "./settlements.ts";

type Renewal = RecordOf<"renewal">;

export function renewalChecks(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { requests, renewals } = deal;
  const each = (code: Parameters<typeof orPassed>[0], judge: (renewal: Renewal) => readonly AuditCheck[]) =>
    orPassed(code, whole(deal), renewals.length, renewals.flatMap(judge));
  return [
    ...orPassed(
      "request-order",
      whole(deal),
      requests.length,
      requests.flatMap((request) => asked(evidence, deal, request)),
    ),
    ...each("renewal-answers-request", (renewal) => answering(evidence, deal, renewal)),
    ...orPassed("renewal-once", whole(deal), renewals.length, twice(deal)),
    ...each("renewal-after-settlements", (renewal) => settled(deal, renewal)),
    ...each("renewal-reach", (renewal) => reach(deal, renewal)),
    ...each("renewal-expiry", (renewal) => expiry(evidence, deal, renewal)),
    ...orPassed("renewal-clock", whole(deal), renewals.length, backwards(deal)),
    ...each("renewal-after-end", (renewal) => ended(deal, renewal)),
  ];
}

/** The request that `renewal` answers as it must, or undefined. */
export function answeredRequest(
  evidence: Evidence,
  deal: Deal,
  { body }: Renewal,
): RecordOf<"renewal-request"> | undefined {
  const request = find(evidence, "renewal-request", body.request);
  if (request === undefined || !isParty(deal.acceptance?.header.lineage, request)) return undefined;
  const same =
    equalBytes(request.body.artifact, body.artifact) &&
    equalBytes(request.body.nonce, body.nonce) &&
    equalBytes(request.body.bootId, body.consumerBootId);
  return same ? request : undefined;
}

function asked(evidence: Evidence, deal: Deal, request: RecordOf<"renewal-request">): readonly AuditCheck[] {
  const { consumerSettlement, offer } = deal;
  const seen = evidence.byId.get(toHex(request.body.lastHolderRecord));
  const after = consumerSettlement !== null && precedes(consumerSettlement, request);
  const holders = seen !== undefined && isParty(offer?.header.lineage, seen);
  if (after && holders) return [];
  const measured = { afterSettlement: after, namesHolder: holders };
  if (holders && consumerSettlement === null && !evidence.exported.has(toHex(request.header.lineage))) {
    const reason = "The asker's own settlement is not here: that it had countersigned before is not shown.";
    return [notCheckable("request-order", about(deal, request), reason, measured)];
  }
  return [
    failed("request-order", about(deal, request), measured, { afterSettlement: true, namesHolder: true }),
  ];
}

function answering(evidence: Evidence, deal: Deal, renewal: Renewal): readonly AuditCheck[] {
  if (answeredRequest(evidence, deal, renewal) !== undefined) return [];
  const request = find(evidence, "renewal-request", renewal.body.request);
  const { nonce, consumerBootId, artifact } = renewal.body;
  const measured = { nonce: toHex(nonce), bootId: toHex(consumerBootId), artifact: toHex(artifact) };
  const required =
    request === undefined
      ? { request: "here" }
      : {
          nonce: toHex(request.body.nonce),
          bootId: toHex(request.body.bootId),
          artifact: toHex(request.body.artifact),
          author: "the consumer",
        };
  return [failed("renewal-answers-request", about(deal, renewal), measured, required)];
}

function twice(deal: Deal): readonly AuditCheck[] {
  const first = new Map<string, Renewal>();
  return deal.renewals.flatMap((renewal) => {
    const key = toHex(renewal.body.request);
    const before = first.get(key);
    first.set(key, before ?? renewal);
    if (before === undefined) return [];
    return [failed("renewal-once", about(deal, renewal), { other: toHex(before.id) }, { renewalsMax: 1 })];
  });
}

function settled(deal: Deal, renewal: Renewal): readonly AuditCheck[] {
  const { holderSettlement, consumerSettlement } = deal;
  const bound = holderSettlement !== null && precedes(holderSettlement, renewal);
  if (bound && consumerSettlement !== null) return [];
  const measured = { holder: bound, consumer: consumerSettlement !== null };
  return [
    failed("renewal-after-settlements", about(deal, renewal), measured, { holder: true, consumer: true }),
  ];
}

function reach(deal: Deal, renewal: Renewal): readonly AuditCheck[] {
  if (deal.derived === null) return [termsUnknown("renewal-reach", deal, renewal)];
  const { durationUs } = renewal.body;
  const durationUsMax = deal.derived.artifact.terms.reachUs;
  if (durationUs <= durationUsMax) return [];
  return [failed("renewal-reach", about(deal, renewal), { durationUs }, { durationUsMax })];
}

export function termsUnknown(
  code: Parameters<typeof orPassed>[0],
  deal: Deal,
  record: { readonly id: Uint8Array },
): AuditCheck {
  const reason = "The artifact does not come out again, so the lease's terms are not known.";
  return notCheckable(code, about(deal, record), reason);
}

/** With every snapshot here the whole bound is checked; else only that of the grant and the links. */
function expiry(evidence: Evidence, deal: Deal, renewal: Renewal): readonly AuditCheck[] {
  const { derived, offer, acceptance } = deal;
  if (derived === null || offer === null || acceptance === null) {
    return [termsUnknown("renewal-expiry", deal, renewal)];
  }
  const { block, terms } = derived.artifact;
  const chains = chainsOfDeal(evidence, deal);
  const snapshots = renewal.body.snapshots
    .map((id) => find(evidence, "status-snapshot", id))
    .filter((each) => each !== undefined);
  const { transmitExpiryUs: expiryUs } = renewal.body;
  const all = snapshots.length === renewal.body.snapshots.length;
  const ageUs = all ? terms.snapshotAgeMaxUs : 0;
  const expiryUsMax = transmitExpiryUs(chains, snapshots, ageUs, block.untilUs);
  if (expiryUs > expiryUsMax) {
    return [failed("renewal-expiry", about(deal, renewal), { expiryUs }, { expiryUsMax })];
  }
  if (all) return [];
  const reason = "Snapshots that the renewal was judged by are not here: only grant and links were compared.";
  const missing = renewal.body.snapshots.length - snapshots.length;
  return [notCheckable("renewal-expiry", about(deal, renewal), reason, { expiryUs, missing })];
}

function backwards(deal: Deal): readonly AuditCheck[] {
  const inOrder = [...deal.renewals].sort((a, b) => (precedes(a, b) ? -1 : 1));
  return inOrder.flatMap((renewal, i) => {
    const before = inOrder[i - 1];
    if (before === undefined || !equalBytes(before.body.holderBootId, renewal.body.holderBootId)) return [];
    if (renewal.body.holderBootUs >= before.body.holderBootUs) return [];
    const measured = { holderBootUs: renewal.body.holderBootUs };
    return [
      failed("renewal-clock", about(deal, renewal), measured, { holderBootUsMin: before.body.holderBootUs }),
    ];
  });
}

function ended(deal: Deal, renewal: Renewal): readonly AuditCheck[] {
  return deal.terminations
    .filter((each) => equalBytes(each.header.lineage, renewal.header.lineage) && precedes(each, renewal))
    .map((each) => {
      const measured = { seq: renewal.header.seq };
      return failed("renewal-after-end", about(deal, renewal), measured, { seqMax: each.header.seq });
    });
}
