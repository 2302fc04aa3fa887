/** The records that are what they say: signed by keys whose inceptions certify themselves (PROTOCOL §2 Identity). */
import { assert } from "../base/assert.ts";
import { equalBytes, idText } from "../base/bytes.ts";
import type { Primitives } from "../base/primitives.ts";
import { accept, type Result } from "../base/rejection.ts";
import type { KindName } from "../record/kinds.ts";
import type { AnyRecord, RecordOf } from "../record/record.ts";
import { recordOfBytes } from "../record/record-of-bytes.ts";
import { isBySession, type LineageKeys, sessionOfRecord } from "../record/session.ts";
import {
  checkSigned,
  type Inception,
  isInception,
  type RecordSigner,
  signerOfRecord,
} from "../record/signing-key.ts";
import { type AuditCheck, failed, notCheckable, passed } from "./audit-check.ts";
import { firstKey, type SignersOfLineages, signersOfLineages } from "./author-keys.ts";
import { type Inventory, type InventoryLine, precedes } from "./inventory.ts";

/** A root by its lineage id, or by its inception's envelope, which then need not be in the bundle. */
export type TrustedRoot = { readonly lineage: Uint8Array } | { readonly inception: Uint8Array };

export type Evidence = {
  readonly primitives: Primitives;
  /** Lineage ids of the trusted roots, in hex. */
  readonly roots: ReadonlySet<string>;
  /** Verified records, one for each id, in the order of the file. */
  readonly records: readonly AnyRecord[];
  readonly byId: ReadonlyMap<string, AnyRecord>;
  /** Records whose author's inception is not at hand. */
  readonly unverified: ReadonlyMap<string, AnyRecord>;
  /** Who signs each lineage, as the records here tell. */
  readonly keys: SignersOfLineages;
  /** Verified records of each lineage, by position. */
  readonly lineages: ReadonlyMap<string, readonly AnyRecord[]>;
  /** Lineages of which the bundle has own lines. */
  readonly exported: ReadonlySet<string>;
  /** Lineages without a gap from their inception to their last record here. */
  readonly gapless: ReadonlySet<string>;
  readonly kinds: ReadonlyMap<KindName, readonly AnyRecord[]>;
};

export function gatherEvidence(
  inventory: Inventory,
  trusted: readonly TrustedRoot[],
  primitives: Primitives,
): { readonly evidence: Evidence; readonly checks: readonly AuditCheck[] } {
  const given = trusted.flatMap((root) => givenInception(root, primitives));
  const keys = signersOfLineages([...given, ...inventory.lines.map(({ record }) => record)], primitives);
  const roots = new Set([
    ...trusted.flatMap((root) => ("lineage" in root ? [idText(root.lineage)] : [])),
    ...given.map((record) => idText(record.header.lineage)),
  ]);
  const judged = judge(inventory.lines, keys, primitives);
  const byId = new Map(given.map((record) => [idText(record.id), record]));
  for (const record of judged.verified) keepMostOpen(byId, record);
  const records = [...byId.values()];
  const lineages = byLineage(records);
  const kinds = byKind(records);
  const exported = new Set(
    inventory.lines.flatMap(({ lineage }) => (lineage === null ? [] : [idText(lineage)])),
  );
  const gapless = new Set([...lineages].filter(([, of]) => isGapless(of)).map(([lineage]) => lineage));
  const unverified = new Map(judged.unverified.map((record) => [idText(record.id), record]));
  return {
    evidence: { primitives, roots, records, byId, unverified, keys, lineages, exported, gapless, kinds },
    checks: [...rootChecks(roots, keys), ...judged.checks],
  };
}

/** The first record of a lineage, in hex, of which `lineages` has records: without its key none would be verified. */
export function inceptionOf({ lineages }: Evidence, lineage: string): Inception {
  const inception = lineages.get(lineage)?.find(isInception);
  assert(inception !== undefined, "a verified record's inception is verified too");
  return inception;
}

/** The verified record of that id and kind. */
export function find<K extends KindName>(
  { byId }: Evidence,
  kind: K,
  id: Uint8Array | null,
): RecordOf<K> | undefined {
  const found = id === null ? undefined : byId.get(idText(id));
  return found?.kind === kind ? (found as RecordOf<K>) : undefined;
}

/** The verified records of a kind, in the order of the file. */
export function ofKind<K extends KindName>({ kinds }: Evidence, kind: K): readonly RecordOf<K>[] {
  return (kinds.get(kind) ?? []) as unknown as readonly RecordOf<K>[];
}

function givenInception(root: TrustedRoot, primitives: Primitives): readonly Inception[] {
  if ("lineage" in root) return [];
  const record = recordOfBytes(root.inception, primitives);
  if (!record.ok || !isInception(record.value)) return [];
  return firstKey(record.value, primitives) === null ? [] : [record.value];
}

function rootChecks(roots: ReadonlySet<string>, keys: SignersOfLineages): readonly AuditCheck[] {
  const known = [...roots].filter((root) => keys.has(root));
  if (known.length > 0) return known.map((root) => passed("trust-root", root));
  return [failed("trust-root", "bundle", { rootsHere: 0 }, { trustedRoots: roots.size, rootsHereMin: 1 })];
}

type Judged = {
  readonly verified: readonly AnyRecord[];
  readonly unverified: readonly AnyRecord[];
  readonly checks: readonly AuditCheck[];
};

function judge(lines: readonly InventoryLine[], keys: SignersOfLineages, primitives: Primitives): Judged {
  const verified: AnyRecord[] = [];
  const unverified: AnyRecord[] = [];
  const checks: AuditCheck[] = [];
  const signed = new Map<string, number>();
  const doubted = new Set<string>();
  for (const { record } of lines) {
    const lineage = idText(record.header.lineage);
    const signers = keys.get(lineage);
    if (signers === undefined) {
      unverified.push(record);
      continue;
    }
    const key = isBySession(record, signers)
      ? signerOfSession(record, signers)
      : signerOfRecord(record, signers.keys, primitives.sha256);
    const result = key.ok ? checkSigned(record as RecordOf<KindName>, key.value, primitives) : key;
    if (result.ok) {
      verified.push(record);
      signed.set(lineage, (signed.get(lineage) ?? 0) + 1);
      continue;
    }
    doubted.add(lineage);
    const first = result.rejections[0];
    const measured = { code: first?.code ?? "", kind: record.kind, seq: record.header.seq };
    checks.push(failed("record-signature", idText(record.id), measured, first?.required ?? {}));
  }
  const subjects = refusedSubjects(verified);
  checks.push(...unverified.map((record) => authorUnknown(record, subjects)));
  for (const [lineage, records] of signed) {
    if (!doubted.has(lineage)) checks.push(passed("record-signature", lineage, { records }));
  }
  return { verified, unverified, checks };
}

function signerOfSession(record: AnyRecord, keys: LineageKeys): Result<RecordSigner> {
  const session = sessionOfRecord(record, keys);
  return session.ok ? accept(session.value.signer) : session;
}

/** Whoever refuses a stranger stores what it refused, and may know no more of its author. */
function refusedSubjects(verified: readonly AnyRecord[]): ReadonlySet<string> {
  return new Set(
    verified.flatMap((record) => {
      if (record.kind !== "rejection" && record.kind !== "deferral") return [];
      return record.body.subject === null ? [] : [idText(record.body.subject)];
    }),
  );
}

function authorUnknown(record: AnyRecord, subjects: ReadonlySet<string>): AuditCheck {
  const about = idText(record.id);
  const measured = { kind: record.kind, lineage: idText(record.header.lineage) };
  if (!subjects.has(about))
    return failed("record-author", about, measured, { inception: "here, certifying itself" });
  const reason = "It was refused, and the inception of its author is not here: nobody can say who signed it.";
  return notCheckable("record-author", about, reason, measured);
}

/** The same record may come with more or fewer openings. */
function keepMostOpen(byId: Map<string, AnyRecord>, record: AnyRecord): void {
  const id = idText(record.id);
  const held = byId.get(id);
  if (held !== undefined && held.envelope.openings.length >= record.envelope.openings.length) return;
  byId.set(id, record);
}

function byLineage(records: readonly AnyRecord[]): ReadonlyMap<string, readonly AnyRecord[]> {
  const lineages = new Map<string, AnyRecord[]>();
  for (const record of records) {
    const key = idText(record.header.lineage);
    const of = lineages.get(key);
    if (of === undefined) lineages.set(key, [record]);
    else of.push(record);
  }
  for (const of of lineages.values()) of.sort((a, b) => (precedes(a, b) ? -1 : precedes(b, a) ? 1 : 0));
  return lineages;
}

function byKind(records: readonly AnyRecord[]): ReadonlyMap<KindName, readonly AnyRecord[]> {
  const kinds = new Map<KindName, AnyRecord[]>();
  for (const record of records) {
    const of = kinds.get(record.kind);
    if (of === undefined) kinds.set(record.kind, [record]);
    else of.push(record);
  }
  return kinds;
}

function isGapless(records: readonly AnyRecord[]): boolean {
  return records.every((record, i) => {
    const before = records[i - 1];
    if (before === undefined) return isInception(record) && record.header.seq === 0;
    if (equalBytes(before.id, record.header.previous)) return true;
    // A fork is reported as one; it leaves no position empty.
    return before.header.epoch === record.header.epoch && before.header.seq === record.header.seq;
  });
}
