/** Which link of a lease's two chains holds no more: revoked, or at its end (PROTOCOL §3 Revocation). */
import { type Chain, chainOf, supportsOf } from "../authority/chain.ts";
import { recogniserOf } from "../authority/recognition.ts";
import { fallenLink, latestSnapshot } from "../authority/snapshots.ts";
import { equalBytes, sortedUnique } from "../base/bytes.ts";
import type { Bodies } from "../pairing/bodies.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { grantEndUs, type Lease } from "../settlement/lease.ts";
import { lookUp } from "./agent.ts";
import type { Agent } from "./turn.ts";

/** `cause`: the snapshot that lists it; none where it came to its own end. */
export type Fall = { readonly link: Uint8Array; readonly cause?: RecordOf<"status-snapshot"> };

/** Both chains of a lease, those of the recognitions that it rests on, and the newest snapshot of each of their issuers. */
export function leaseAuthority(
  agent: Agent,
  lease: Lease,
): {
  readonly chains: readonly Chain[];
  readonly snapshots: readonly RecordOf<"status-snapshot">[];
} {
  const documents: Bodies = {
    get: (id) => lease.documents.find((each) => equalBytes(each.id, id)) ?? lookUp(agent, id),
  };
  const pair = [lease.offer, lease.acceptance].map((each) => chainOf(each.header.credential, documents));
  const recognisers = lease.documents
    .filter((each) => each.kind === "recognition")
    .map((each) => recogniserOf(each, documents));
  const chains = [...pair, ...recognisers];
  const all = [
    ...lease.documents.filter((each) => each.kind === "status-snapshot"),
    ...agent.volatile.known.ofKind("status-snapshot"),
  ];
  const issuers = sortedUnique(chains.flatMap(supportsOf).map(({ header }) => header.lineage));
  return {
    chains,
    snapshots: issuers.map((issuer) => latestSnapshot(all, issuer)).filter((each) => each !== null),
  };
}

/** The first link of either chain that a snapshot lists, or null. */
export function revokedLink(agent: Agent, lease: Lease): Fall | null {
  // Asked of each lease at each tick, while nearly always nothing is listed at all.
  if (!listsAny(lease.documents) && !listsAny(agent.volatile.known.ofKind("status-snapshot"))) return null;
  const { chains, snapshots } = leaseAuthority(agent, lease);
  const fallen = fallenLink(chains, snapshots);
  return fallen === null ? null : { link: fallen.link.id, cause: fallen.snapshot };
}

function listsAny(records: Iterable<AnyRecord>): boolean {
  for (const each of records)
    if (each.kind === "status-snapshot" && each.body.revoked.length > 0) return true;
  return false;
}

/**
 * The first link of either chain that has ended by `earliestUs`, the earliest edge of the own time, while the grant goes
 * on; or null. Before the last renewal's transmit expiry none has: no renewal reaches beyond a link's end.
 */
export function endedLink(agent: Agent, lease: Lease, earliestUs: number): Fall | null {
  const { lastRenewal } = lease;
  if (lastRenewal !== null && earliestUs < lastRenewal.body.transmitExpiryUs) return null;
  if (earliestUs >= grantEndUs(lease)) return null;
  const links = leaseAuthority(agent, lease).chains.flatMap(supportsOf);
  const ended = links.find(({ body }) => body.untilUs <= earliestUs);
  return ended === undefined ? null : { link: ended.id };
}
