/** Each settled pair: parties, roots, time, and the artifact derived anew and compared on both sides (PROTOCOL §6). */
import { chainOf, supportsOf } from "../authority/chain.ts";
import { equalBytes, toHex } from "../base/bytes.ts";
import type { Measure } from "../base/rejection.ts";
import { leaseClassOf } from "../policy/taxonomy.ts";
import type { RecordOf } from "../record/record.ts";
import { isAnySealed, missingIdentifiers, statedBy } from "../settlement/identifiers.ts";
import { type AuditCheck, failed, notCheckable, orPassed, passed, type Subject } from "./audit-check.ts";
import { type Deal, isParty } from "./deals.ts";
import { type Evidence, find, ofKind } from "./evidence.ts";
import { chainsOfDeal, isAmong, recognisedRoots } from "./lease-chains.ts";
import { usablePolicy } from "./policies.ts";
import { bodiesOf, type Rederivation, rederive } from "./rederive.ts";

export function settlementChecks(evidence: Evidence, deals: readonly Deal[]): readonly AuditCheck[] {
  const listed = revocations(evidence);
  return [
    ...deals.flatMap((deal) => [
      ...parties(deal),
      ...pair(deal),
      ...roots(evidence, deal),
      ...times(evidence, deal),
      ...usablePolicy(evidence, deal),
      ...deal.settlements.flatMap((each) => rederived(evidence, deal, each)),
      ...bothSides(deal),
      ...identified(evidence, deal),
      ...revoked(evidence, deal, listed),
      ...truth(deal),
    ]),
    ...once(deals),
  ];
}

type Settlement = RecordOf<"settlement">;

/** A check about one record of a deal. */
export function about(deal: Deal, record: { readonly id: Uint8Array }): Subject {
  return { subject: toHex(record.id), artifact: deal.artifact };
}

/** A check about the deal as a whole. */
export function whole({ artifact }: Deal): Subject {
  return { subject: artifact, artifact };
}

function parties(deal: Deal): readonly AuditCheck[] {
  const { offer, acceptance, settlements, holderSettlement } = deal;
  const strangers = settlements
    .filter((each) => !isParty(offer?.header.lineage, each) && !isParty(acceptance?.header.lineage, each))
    .map((each) => {
      const required = { author: "the author of the offer or of the acceptance" };
      return failed("settlement-party", about(deal, each), { author: toHex(each.header.lineage) }, required);
    });
  const missing =
    holderSettlement === null
      ? [failed("settlement-party", whole(deal), { holderSettlement: "none" }, { holderSettlement: "here" })]
      : [];
  return orPassed("settlement-party", whole(deal), settlements.length, [...strangers, ...missing]);
}

function pair(deal: Deal): readonly AuditCheck[] {
  const { acceptance } = deal;
  const found = deal.settlements.flatMap((each) => {
    const same =
      acceptance !== null &&
      equalBytes(acceptance.id, each.body.acceptance) &&
      equalBytes(acceptance.body.offer, each.body.offer);
    if (same) return [];
    const measured = { offer: acceptance === null ? "unknown" : toHex(acceptance.body.offer) };
    return [failed("settlement-pair", about(deal, each), measured, { offer: toHex(each.body.offer) })];
  });
  return orPassed("settlement-pair", whole(deal), deal.settlements.length, found);
}

/** Roots come from the auditor alone: what the context calls a root counts only if it is one of these, or recognised by one. */
function roots(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const { offer } = deal;
  const policy = find(evidence, "policy", offer?.header.policy ?? null);
  const schema = find(evidence, "schema", offer?.body.schema ?? null);
  const named: readonly (readonly [string, Uint8Array])[] = [
    ...deal.settlements.flatMap((each) =>
      each.body.context.roots.map((root) => ["context.roots", root] as const),
    ),
    ...(policy === undefined ? [] : [["policy", policy.header.lineage] as const]),
    ...(schema === undefined ? [] : [["schema", schema.header.lineage] as const]),
  ];
  const strange = named.filter(([, lineage]) => !evidence.roots.has(toHex(lineage)));
  const recognised = strange.length === 0 ? null : recognisedRoots(evidence, deal);
  const found = strange
    .filter(([what, lineage]) => {
      const stand = what === "context.roots" ? recognised?.chains : recognised?.documents;
      return !isAmong(stand ?? [], lineage);
    })
    .map(([what, lineage]) =>
      failed(
        "settlement-roots",
        whole(deal),
        { what, lineage: toHex(lineage) },
        { lineage: "a trusted root, or recognised by one for this pair" },
      ),
    );
  return orPassed("settlement-roots", whole(deal), named.length, found);
}

function times(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const policy = find(evidence, "policy", deal.offer?.header.policy ?? null);
  const confirmByUs = deal.acceptance?.body.confirmByUs;
  if (policy === undefined || confirmByUs === undefined) return [];
  const skewMaxUs = policy.body.contextSkewMaxUs;
  const found = deal.settlements.flatMap((each) => {
    const { time } = each.header;
    if (time === null) return [];
    const { interval } = each.body.context;
    const { earliestUs, latestUs } = time;
    const overlaps =
      interval.earliestUs - skewMaxUs <= latestUs && interval.latestUs + skewMaxUs >= earliestUs;
    // The holder goes by the centre of its interval; for the consumer the acceptance is dead at the earliest edge.
    const holder = isParty(deal.offer?.header.lineage, each);
    const signedUs = holder ? Math.floor((earliestUs + latestUs) / 2) : earliestUs;
    if (overlaps && signedUs <= confirmByUs) return [];
    const required = {
      signedUsMax: confirmByUs,
      earliestUs: interval.earliestUs,
      latestUs: interval.latestUs,
      skewMaxUs,
    };
    return [failed("settlement-time", about(deal, each), { signedUs, earliestUs, latestUs }, required)];
  });
  return orPassed("settlement-time", whole(deal), deal.settlements.length, found);
}

function rederived(evidence: Evidence, deal: Deal, settlement: Settlement): readonly AuditCheck[] {
  const at = about(deal, settlement);
  const result: Rederivation =
    settlement === deal.holderSettlement ? deal.rederived : rederive(evidence, settlement);
  const measured = { artifact: toHex(settlement.body.artifact) };
  switch (result.kind) {
    case "derived": {
      const required = { artifact: toHex(result.derived.id) };
      const same = measured.artifact === required.artifact;
      return [(same ? passed : failed)("artifact-rederived", at, measured, required)];
    }
    case "refused": {
      const { first } = result;
      const findings: Measure = { ...measured, findings: result.findings.length, code: first.code };
      return [failed("artifact-rederived", at, { ...findings, ...first.measured }, first.required)];
    }
    case "sealed":
      return [
        notCheckable(
          "artifact-rederived",
          at,
          "A sealed field that evaluation reads is not opened here.",
          measured,
        ),
      ];
    case "missing":
      return [missingBodies(evidence, deal, settlement, result.ids)];
  }
}

/** Whoever binds itself stores what it evaluated; a holder's settlement that nobody confirmed may have come alone. */
function missingBodies(
  evidence: Evidence,
  deal: Deal,
  settlement: Settlement,
  ids: readonly string[],
): AuditCheck {
  const measured = { missing: ids.length, first: ids[0] ?? "" };
  const alone = deal.consumerSettlement === null && !evidence.exported.has(toHex(settlement.header.lineage));
  const at = about(deal, settlement);
  if (alone) {
    const reason =
      "Records that the context names are not here, and the exporter never confirmed this settlement.";
    return notCheckable("artifact-rederived", at, reason, measured);
  }
  return failed("artifact-rederived", at, measured, { missing: 0 });
}

function bothSides(deal: Deal): readonly AuditCheck[] {
  const { holderSettlement, consumerSettlement, settlements } = deal;
  if (holderSettlement !== null && consumerSettlement !== null) {
    return [
      passed("artifact-both-sides", whole(deal), { settlements: settlements.length }, { settlementsMin: 2 }),
    ];
  }
  const missing = holderSettlement === null ? "holder" : "consumer";
  const reason = `The ${missing}'s settlement is not here: that both sides signed this artifact is not shown.`;
  return [notCheckable("artifact-both-sides", whole(deal), reason, { missing })];
}

/** What the lease class asks of each side stands in its credentials or in its settlement. */
function identified(evidence: Evidence, deal: Deal): readonly AuditCheck[] {
  const policy = find(evidence, "policy", deal.offer?.header.policy ?? null);
  const asked = policy === undefined ? null : leaseClassOf(policy.body, deal.offer?.body.leaseClass ?? "");
  if (asked === null) return [];
  const sides = [
    { side: "holder" as const, by: deal.offer, settlement: deal.holderSettlement },
    { side: "consumer" as const, by: deal.acceptance, settlement: deal.consumerSettlement },
  ];
  const found = sides.flatMap(({ side, by, settlement }) => {
    if (by === null || settlement === null) return [];
    const chain = chainOf(by.header.credential, bodiesOf(evidence));
    const own = settlement.body.identifiers;
    return missingIdentifiers(asked, side, statedBy(chain, own)).map(({ measured, required }) =>
      isAnySealed(chain, own)
        ? notCheckable("identifiers-stated", about(deal, settlement), SEALED_IDENTIFIERS, measured)
        : failed("identifiers-stated", about(deal, settlement), measured, required),
    );
  });
  const schemes = asked.identifiers.holder.length + asked.identifiers.consumer.length;
  return orPassed("identifiers-stated", whole(deal), schemes, found);
}

const SEALED_IDENTIFIERS =
  "Identifiers are sealed, and not opened here: what the class asks for may be there.";

/** Never two artifacts for one pair; two sides that name different ones are the plainest case. */
function once(deals: readonly Deal[]): readonly AuditCheck[] {
  const artifacts = new Map<string, Deal[]>();
  for (const deal of deals) {
    for (const { body } of deal.settlements) {
      const key = toHex(body.acceptance);
      const of = artifacts.get(key) ?? [];
      if (!of.includes(deal)) artifacts.set(key, [...of, deal]);
    }
  }
  const found = [...artifacts].flatMap(([acceptance, of]) => {
    const [first, second] = of;
    if (first === undefined || second === undefined) return [];
    const differ = first.holderSettlement === null || second.holderSettlement === null;
    const code = differ ? "artifact-both-sides" : "artifact-once";
    return [
      failed(
        code,
        whole(second),
        { acceptance, artifacts: of.length, other: first.artifact },
        { artifacts: 1 },
      ),
    ];
  });
  return orPassed("artifact-once", "bundle", deals.length, found);
}

/** By credential, the first snapshot here of its own issuer that lists it. */
function revocations(evidence: Evidence): ReadonlyMap<string, RecordOf<"status-snapshot">> {
  const listed = new Map<string, RecordOf<"status-snapshot">>();
  for (const snapshot of ofKind(evidence, "status-snapshot")) {
    for (const id of snapshot.body.revoked) {
      const listedOne = find(evidence, "credential", id) ?? find(evidence, "recognition", id);
      const issuer = listedOne?.header.lineage;
      if (issuer === undefined || !equalBytes(issuer, snapshot.header.lineage)) continue;
      const before = listed.get(toHex(id));
      if (before === undefined || snapshot.body.issuedUs < before.body.issuedUs)
        listed.set(toHex(id), snapshot);
    }
  }
  return listed;
}

/** A link that was revoked at some time: whether the settlement is older is only its authors' claim. */
function revoked(
  evidence: Evidence,
  deal: Deal,
  listed: ReadonlyMap<string, RecordOf<"status-snapshot">>,
): readonly AuditCheck[] {
  const links = chainsOfDeal(evidence, deal).flatMap(supportsOf);
  const reason =
    "A link was revoked: that the settlement is older is its authors' claim, and no independent record from before then refers to it.";
  return links.flatMap((link) => {
    const snapshot = listed.get(toHex(link.id));
    if (snapshot === undefined) return [];
    const measured = { credential: toHex(link.id), issuedUs: snapshot.body.issuedUs };
    return [notCheckable("before-revocation", whole(deal), reason, measured)];
  });
}

function truth(deal: Deal): readonly AuditCheck[] {
  const places = [deal.offer, deal.acceptance].map(
    (each) => each?.header.place?.value?.assurance ?? "sealed",
  );
  const times = [deal.offer, deal.acceptance].map((each) => each?.header.time?.assurance ?? "none");
  const reason =
    "Time and place are what the parties' receivers said; that they were so in the world is not in the records.";
  const measured = { time: times.join(" "), place: places.join(" ") };
  return [notCheckable("evidence-true", whole(deal), reason, measured)];
}
