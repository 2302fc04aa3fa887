/** A host's whole log as a stranger would judge it, also with records at its end that its own key could sign. */
import type { AuditCheck } from "../../src/core/audit/audit-check.ts";
import type { BundleRecord } from "../../src/core/audit/bundle.ts";
import { verifyBundle } from "../../src/core/audit/verify.ts";
import type { Header } from "../../src/core/record/header.ts";
import type { Bodies, KindName } from "../../src/core/record/kinds.ts";
import type { AnyRecord } from "../../src/core/record/record.ts";
import type { Authority } from "./scripted-authority.ts";
import { type Host, packEnvelope } from "./scripted-host.ts";
import type { Scene } from "./two-agents.ts";

/** The whole log of `host` and all that it stored of others, with `more` of its own at its end; by the auditor's root alone. */
export function verifiedLog(
  scene: Scene,
  host: Host,
  more: readonly AnyRecord[] = [],
  auditor: Pick<Authority, "root"> = scene.authority,
): readonly AuditCheck[] {
  const { lineage } = host.lineage.inception.header;
  const root = auditor.root.inception;
  const framesOf = (wanted: string) =>
    host.disk.filter(({ kind }) => kind === wanted).map(({ bytes }) => bytes);
  const own = [...framesOf("own"), ...more.map(({ envelope }) => packEnvelope(envelope))];
  const foreign = framesOf("foreign");
  const records: readonly BundleRecord[] = [
    ...own.map((envelope) => ({ lineage, envelope })),
    ...foreign.map((envelope) => ({ lineage: null, envelope })),
  ];
  const claims = { lineages: [{ lineage, records: own.length }], foreign: foreign.length };
  const trustedRoots = [{ lineage: root.header.lineage }];
  return verifyBundle({ records, claims, trustedRoots, primitives: scene.scheme.primitives }).checks;
}

/** The next record of a host's log, as its key could sign it: the header is `like`'s but for its place and `change`. */
export function nextOf<K extends KindName>(
  host: Host,
  like: Pick<AnyRecord, "header">,
  kind: K,
  body: Bodies[K],
  change: Partial<Header> = {},
): AnyRecord {
  const { head, nextSeq } = host.agent().durable;
  const place = { ...like.header, seq: nextSeq, previous: head, ...change };
  return host.lineage.write(kind, body, place) as unknown as AnyRecord;
}
