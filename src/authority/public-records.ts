/** What everybody needs who rests on an authority: keys, policy, its own chain, the latest snapshots, directives that stand. */
import { latestSnapshot } from "../core/authority/snapshots.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { KindName } from "../core/record/kinds.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { AuthorityView } from "./authority.ts";
import { ofKind } from "./standing.ts";

/** Who signs a lineage. */
export const KEY_KINDS: readonly KindName[] = ["key-event", "threshold-inception", "key-rotation"];

/** In the order in which a reader can take them in. */
export const PUBLIC_KINDS: readonly KindName[] = [
  ...KEY_KINDS,
  "policy",
  "schema",
  "credential",
  "recognition",
  "status-snapshot",
  "preemption",
];

/** Of these not all. */
const CHOSEN: readonly KindName[] = ["credential", "status-snapshot", "preemption"];

/**
 * Whom else it issued to is nobody's business: of credentials only its own chain; of directives those that stand. Nor is whose
 * leases it acknowledged: their parties' keys lie in the folder too.
 */
export function publicRecords(view: AuthorityView, nowUs: number): readonly AnyRecord[] {
  const own = ofKind(view.records, "credential").filter(({ body, header }) => {
    return equalBytes(body.subjectLineage, view.self) || !equalBytes(header.lineage, view.self);
  });
  const snapshots = ofKind(view.records, "status-snapshot");
  const issuers = [
    ...new Map(snapshots.map(({ header }) => [toHex(header.lineage), header.lineage])).values(),
  ];
  const latest = issuers.map((issuer) => latestSnapshot(snapshots, issuer)).filter((each) => each !== null);
  const rest = view.records.filter(({ kind }) => PUBLIC_KINDS.includes(kind));
  const parties = partiesAlone(view);
  const plain = rest.filter(
    ({ kind, header }) => !CHOSEN.includes(kind) && !parties.has(toHex(header.lineage)),
  );
  const standing = ofKind(view.records, "preemption").filter(
    ({ body }) => (body.untilUs ?? nowUs + 1) > nowUs,
  );
  return [...plain, ...own, ...latest, ...standing];
}

/** Lineages, in hex, of which the folder holds leases and keys, and nothing that anybody rests on. */
function partiesAlone({ records }: AuthorityView): ReadonlySet<string> {
  const lineageOf = ({ header }: AnyRecord): string => toHex(header.lineage);
  const leases = [...ofKind(records, "settlement"), ...ofKind(records, "acceptance")];
  const others = records.filter(({ kind }) => PUBLIC_KINDS.includes(kind) && !KEY_KINDS.includes(kind));
  const needed = new Set(others.map(lineageOf));
  return new Set(leases.map(lineageOf).filter((lineage) => !needed.has(lineage)));
}
