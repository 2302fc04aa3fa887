/**
 * Every foreign record has to do with the exported lineages, or with the lease that the bundle says it is of: parts that do
 * not refer to one another prove nothing of the whole, however valid each is.
 */
import { equalBytes, idText } from "../base/bytes.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord } from "../record/record.ts";
import { isInception } from "../record/signing-key.ts";
import { type AuditCheck, failed, notCheckable, orPassed } from "./audit-check.ts";
import type { Evidence } from "./evidence.ts";
import { artifactOf, referencesOf } from "./references.ts";

/** `lease`: its artifact, where the bundle says that it is of one lease; then it holds no lineage whole. */
export function connectionChecks(evidence: Evidence, lease: Uint8Array | null): readonly AuditCheck[] {
  const reached = reach(evidence, lease);
  const foreign = evidence.records.filter((record) => !isExported(evidence, record));
  const found = foreign
    .filter((record) => !reached.has(idText(record.id)) && !isTrustedInception(evidence, record))
    .map((record) => unconnected(record));
  return orPassed("record-connected", "bundle", foreign.length, found);
}

/** A document that nobody refers to is idle: it is only named. What parties say to one another is not. */
function unconnected(record: AnyRecord): AuditCheck {
  const about = idText(record.id);
  if (DOCUMENTS.has(record.kind)) {
    const reason = "Nothing here rests on this document, so it was only read.";
    return notCheckable("record-connected", about, reason, { kind: record.kind });
  }
  const required = { named: "by a record reached from the exported lineages, or from the lease" };
  return failed("record-connected", about, { kind: record.kind }, required);
}

/** Documents are named by everybody: from them the way leads on to what they name, never back to who names them. */
const DOCUMENTS: ReadonlySet<KindName> = new Set<KindName>([
  "key-event",
  "threshold-inception",
  "key-rotation",
  "session-key",
  "schema",
  "policy",
  "credential",
  "recognition",
  "status-snapshot",
  "attestation",
  "preemption",
]);

function isExported({ exported }: Evidence, record: AnyRecord): boolean {
  return exported.has(idText(record.header.lineage));
}

function isTrustedInception({ roots }: Evidence, record: AnyRecord): boolean {
  return isInception(record) && roots.has(idText(record.header.lineage));
}

function isAbout(record: AnyRecord, lease: Uint8Array | null): boolean {
  const artifact = artifactOf(record);
  return lease !== null && artifact !== null && equalBytes(artifact, lease);
}

/** Ids of all records reached; each record is looked at once. */
function reach(evidence: Evidence, lease: Uint8Array | null): ReadonlySet<string> {
  const { namedBy, about, keyRecords } = index(evidence);
  const reached = new Set<string>();
  const waiting: AnyRecord[] = [];
  const enter = (record: AnyRecord | undefined): void => {
    if (record === undefined || reached.has(idText(record.id))) return;
    reached.add(idText(record.id));
    waiting.push(record);
  };
  for (const record of evidence.records) {
    if (isExported(evidence, record) || isAbout(record, lease)) enter(record);
  }
  for (let record = waiting.pop(); record !== undefined; record = waiting.pop()) {
    for (const each of keyRecords.get(idText(record.header.lineage)) ?? []) enter(each);
    for (const { id } of referencesOf(record)) enter(evidence.byId.get(idText(id)));
    if (DOCUMENTS.has(record.kind)) continue;
    for (const each of namedBy.get(idText(record.id)) ?? []) enter(each);
    const artifact = artifactOf(record);
    for (const each of artifact === null ? [] : (about.get(idText(artifact)) ?? [])) enter(each);
  }
  return reached;
}

const SAYS_WHO_SIGNS: ReadonlySet<KindName> = new Set<KindName>(["key-rotation", "session-key"]);

type Index = {
  /** Records that name the one with this id. */
  readonly namedBy: ReadonlyMap<string, readonly AnyRecord[]>;
  readonly about: ReadonlyMap<string, readonly AnyRecord[]>;
  /** Of each lineage: what says who signs it. */
  readonly keyRecords: ReadonlyMap<string, readonly AnyRecord[]>;
};

function index({ records }: Evidence): Index {
  const namedBy = new Map<string, AnyRecord[]>();
  const about = new Map<string, AnyRecord[]>();
  const keyRecords = new Map<string, AnyRecord[]>();
  for (const record of records) {
    const saysWhoSigns = isInception(record) || SAYS_WHO_SIGNS.has(record.kind);
    if (saysWhoSigns) push(keyRecords, idText(record.header.lineage), record);
    const artifact = artifactOf(record);
    if (artifact !== null) push(about, idText(artifact), record);
    for (const { id } of referencesOf(record)) push(namedBy, idText(id), record);
  }
  return { namedBy, about, keyRecords };
}

function push(map: Map<string, AnyRecord[]>, key: string, record: AnyRecord): void {
  const of = map.get(key);
  if (of === undefined) map.set(key, [record]);
  else of.push(record);
}
