/** What everybody needs who rests on an authority: keys, policy, its own chain, the latest snapshots. */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { AuthorityView } from "./authority.ts";
import { ofKind } from "./standing.ts";

/** In the order in which a reader can take them in. */
export const PUBLIC_KINDS: readonly KindName[] = [
  "key-event",
  "threshold-inception",
  "key-rotation",
  "policy",
  "schema",
  "credential",
  "recognition",
  "status-snapshot",
];

/** Whom else it issued to is nobody's business: of credentials only its own chain. */
export function publicRecords(view: AuthorityView): readonly AnyRecord[] {
  const own = ofKind(view.records, "credential").filter(({ body, header }) => {
    return equalBytes(body.subjectLineage, view.self) || !equalBytes(header.lineage, view.self);
  });
  const snapshots = ofKind(view.records, "status-snapshot");
  const issuers = [
    ...new Map(snapshots.map(({ header }) => [toHex(header.lineage), header.lineage])).values(),
  ];
  const latest = issuers.map((issuer) => latestSnapshot(snapshots, issuer)).filter((each) => each !== null);
  const rest = view.records.filter(({ kind }) => PUBLIC_KINDS.includes(kind));
  const plain = rest.filter(({ kind }) => kind !== "credential" && kind !== "status-snapshot");
  return [...plain, ...own, ...latest];
}
