/** Acknowledgements: an authority says that it has a lease in hand, only where the lease's radio would go by it (PROTOCOL §6). */
import { overseenOf } from "../core/audit/acknowledgements.ts";
import type { Bundle } from "../core/audit/bundle.ts";
import { dealsOf } from "../core/audit/deals.ts";
import { gatherEvidence } from "../core/audit/evidence.ts";
import { takeInventory } from "../core/audit/inventory.ts";
import { type Verification, verifyBundle } from "../core/audit/verify.ts";
import { acknowledgementFaults, type Overseen } from "../core/authority/oversight.ts";
import { accept, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { bodiesFrom } from "../core/pairing/bodies.ts";
import type { RecordOf } from "../core/record/record.ts";
import type { Authority } from "./authority.ts";
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
  const overseen = verified(authority, shown);
  if (!overseen.ok) return overseen;
  const { artifact, holderSettlement } = overseen.value;
  const body = { artifact, record: holderSettlement.id };
  const what = { kind: "acknowledgement", body, credential: own.value.id } as const;
  const interval = { earliestUs: nowUs, latestUs: nowUs };
  const faults = [
    ...fallenLinks(chainFrom(own.value, view), view, nowUs),
    ...acknowledgementFaults(
      authority.draft(what),
      overseen.value,
      interval,
      bodiesFrom([...view.records, own.value]),
    ),
  ];
  return faults.length > 0 ? refuse(...faults) : accept(await authority.write(what));
}

function verified(authority: Authority, { bundle, artifact }: Shown): Result<Overseen> {
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
  if (told.length === 1 && one?.verdict === "passed" && overseen !== null) return accept(overseen);
  const measured = { settlements: told.length, verdict: one?.verdict ?? "none" };
  const required = { settlements: 1, verdict: "passed" };
  return refuse(rejection("acknowledgement-unverified", "artifact", measured, required));
}
