/** Acknowledgements: an authority says that it has a lease in hand, only where the lease's radio would go by it (PROTOCOL §6). */
import { overseenOf } from "../core/audit/acknowledgements.ts";
import type { Bundle } from "../core/audit/bundle.ts";
import { dealsOf } from "../core/audit/deals.ts";
import { type Evidence, gatherEvidence } from "../core/audit/evidence.ts";
import { takeInventory } from "../core/audit/inventory.ts";
import { type Verification, verifyBundle } from "../core/audit/verify.ts";
import { acknowledgementFaults, type Overseen } from "../core/authority/oversight.ts";
import { toHex } from "../core/base/bytes.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { bodiesFrom } from "../core/pairing/bodies.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import type { Authority } from "./authority.ts";
import { KEY_KINDS } from "./public-records.ts";
import { chainFrom, fallenLinks, ownCredential } from "./standing.ts";

/** What is put before the authority: records that prove a lease, and the first digits of its artifact's id. */
export type Shown = { readonly bundle: Bundle; readonly artifact: string };

/**
 * Refuses `acknowledgement-unverified` unless exactly one lease of that artifact comes out again from the records, without a
 * fault, under the authority's own roots; `authority-not-entitled` for a link that fell; and all that its radio would refuse.
 */
export async function acknowledge(
  authority: Authority,
  shown: Shown,
  nowUs: number,
): Promise<Result<RecordOf<"acknowledgement">>> {
  const view = authority.view();
  const own = ownCredential(view, nowUs);
  if (!own.ok) return own;
  const proved = verified(authority, shown);
  if (!proved.ok) return proved;
  const { overseen } = proved.value;
  const { artifact, holderSettlement } = overseen;
  const body = { artifact, record: holderSettlement.id };
  const what = { kind: "acknowledgement", body, credential: own.value.id } as const;
  const interval = { earliestUs: nowUs, latestUs: nowUs };
  const faults = [
    ...fallenLinks(chainFrom(own.value, view), view, nowUs),
    ...acknowledgementFaults(
      authority.draft(what),
      overseen,
      interval,
      bodiesFrom([...view.records, own.value]),
    ),
  ];
  if (faults.length > 0) return refuse(...faults);
  await keepLease(authority, proved.value);
  return accept(await authority.write(what));
}

type Proved = { readonly overseen: Overseen; readonly evidence: Evidence; readonly acceptance: AnyRecord };

/** For whom the word is, and until when: what `announcements` reads, with the keys of both authors, stays in the folder. */
async function keepLease(authority: Authority, { overseen, evidence, acceptance }: Proved): Promise<void> {
  const { folder, pack } = authority.parts;
  const known = new Set(authority.view().records.map(({ id }) => toHex(id)));
  const lease = [overseen.holderSettlement, acceptance];
  const keys = lease.flatMap(({ header }) =>
    (evidence.lineages.get(toHex(header.lineage)) ?? []).filter(({ kind }) => KEY_KINDS.includes(kind)),
  );
  const fresh = [...keys, ...lease].filter(({ id }) => !known.has(toHex(id)));
  const nameOf = ({ kind, id }: AnyRecord): string => `lease-${kind}-${toHex(id)}.record`;
  await folder.keepDocuments(fresh.map((each) => ({ name: nameOf(each), bytes: pack(each.envelope) })));
}

function verified(authority: Authority, { bundle, artifact }: Shown): Result<Proved> {
  const { primitives, pack } = authority.parts;
  const { records: known, roots } = authority.view();
  const beside = known.map(({ envelope }) => ({ lineage: null, envelope: pack(envelope) }));
  const verification: Verification = {
    records: [...bundle.records, ...beside],
    claims: bundle.header,
    trustedRoots: roots.map((lineage) => ({ lineage })),
    primitives,
  };
  const told = verifyBundle(verification).settlements.filter((each) => each.artifactId.startsWith(artifact));
  const [one] = told;
  const inventory = takeInventory(verification.records, verification.claims, primitives);
  const { evidence } = gatherEvidence(inventory, verification.trustedRoots, primitives);
  const deal = dealsOf(evidence).find((each) => each.artifact === one?.artifactId);
  const overseen = deal === undefined ? null : overseenOf(evidence, deal);
  const acceptance = deal?.acceptance ?? null;
  if (told.length === 1 && one?.verdict === "passed" && overseen !== null && acceptance !== null)
    return accept({ overseen, evidence, acceptance });
  const measured = { settlements: told.length, verdict: one?.verdict ?? "none" };
  const required = { settlements: 1, verdict: "passed" };
  return refuse(rejection("acknowledgement-unverified", "artifact", measured, required));
}
