/** What a bundle's lines hold: each envelope read by its kind's table, nothing believed yet. */
import { concat, equalBytes, toHex } from "../base/bytes.ts";
import type { Primitives, Sha256 } from "../base/primitives.ts";
import type { Measure, Rejection } from "../base/rejection.ts";
import type { AnyRecord } from "../record/record.ts";
import { recordOfBytes } from "../record/record-of-bytes.ts";
import type { Sealable } from "../record/sealed.ts";
import { type AuditCheck, failed, orPassed } from "./audit-check.ts";
import type { BundleClaims, BundleRecord } from "./bundle.ts";

export type InventoryLine = {
  /** Line of the file, counted from 1; the first record stands on line 2. */
  readonly line: number;
  readonly lineage: Uint8Array | null;
  readonly record: AnyRecord;
};

export type Inventory = {
  readonly lines: readonly InventoryLine[];
  readonly duplicates: number;
  readonly unreadable: number;
  readonly checks: readonly AuditCheck[];
};

/** Peer-controlled: each envelope is bounded by the codec; an equal envelope again is only counted. */
export function takeInventory(
  records: readonly BundleRecord[],
  claims: BundleClaims,
  primitives: Primitives,
): Inventory {
  const { sha256 } = primitives;
  const lines: InventoryLine[] = [];
  const seen = new Set<string>();
  const unreadable: AuditCheck[] = [];
  for (const [i, { lineage, envelope }] of records.entries()) {
    const digest = toHex(sha256(envelope));
    if (seen.has(digest)) continue;
    seen.add(digest);
    const line = i + 2;
    const read = recordOfBytes(envelope, primitives);
    if (read.ok) lines.push({ line, lineage, record: read.value });
    else unreadable.push(failed("record-read", `line ${line}`, ...firstOf(read.rejections)));
  }
  return {
    lines,
    duplicates: records.length - seen.size,
    unreadable: unreadable.length,
    checks: [
      ...(records.length === 0 ? [failed("record-read", "bundle", { records: 0 }, { recordsMin: 1 })] : []),
      ...orPassed("record-read", "bundle", lines.length, unreadable),
      ...openings(lines, sha256),
      ...order(lines),
      ...counts(lines, claims),
    ],
  };
}

function firstOf(rejections: readonly Rejection[]): [Measure, Measure] {
  const first = rejections[0];
  if (first === undefined) return [{}, {}];
  return [
    { code: first.code, field: first.field, findings: rejections.length, ...first.measured },
    first.required,
  ];
}

/** An opening that opens nothing is a foreign body: the record's own bytes do not speak of it. */
function openings(lines: readonly InventoryLine[], sha256: Sha256): readonly AuditCheck[] {
  const opened = lines.filter(({ record }) => record.envelope.openings.length > 0);
  const found = opened.flatMap(({ record }) => {
    const sealed = sealedFields(record);
    const idle = record.envelope.openings.filter(({ salt, encoded }) => {
      const digest = sha256(concat(salt, encoded));
      return !sealed.some(
        (each) => each.value !== null && each.digest !== null && equalBytes(each.digest, digest),
      );
    });
    const measured = { openings: record.envelope.openings.length, idle: idle.length };
    return idle.length === 0 ? [] : [failed("record-opening", toHex(record.id), measured, { idle: 0 })];
  });
  return orPassed("record-opening", "bundle", opened.length, found);
}

function sealedFields(record: AnyRecord): readonly Sealable<unknown>[] {
  const place = record.header.place === null ? [] : [record.header.place];
  switch (record.kind) {
    case "offer":
    case "acceptance":
      return [...place, record.body.price];
    case "credential":
      return [...place, record.body.identifiers];
    case "settlement":
      return [...place, record.body.context.holderPlace];
    default:
      return place;
  }
}

function order(lines: readonly InventoryLine[]): readonly AuditCheck[] {
  const found: AuditCheck[] = [];
  const last = new Map<string, AnyRecord>();
  let foreignFrom: number | null = null;
  for (const { line, lineage, record } of lines) {
    if (lineage === null) {
      foreignFrom ??= line;
      continue;
    }
    const key = toHex(lineage);
    if (foreignFrom !== null)
      found.push(failed("bundle-order", `line ${line}`, { foreignFrom }, { own: "first" }));
    if (!equalBytes(lineage, record.header.lineage)) {
      const measured = { lineage: key };
      found.push(failed("bundle-order", `line ${line}`, measured, { lineage: toHex(record.header.lineage) }));
      continue;
    }
    const before = last.get(key);
    if (before !== undefined && !precedes(before, record)) {
      const measured = { epoch: record.header.epoch, seq: record.header.seq };
      const required = { afterEpoch: before.header.epoch, afterSeq: before.header.seq };
      found.push(failed("bundle-order", `line ${line}`, measured, required));
    }
    last.set(key, record);
  }
  return orPassed("bundle-order", "bundle", lines.length, found);
}

/** Whether `a` stands before `b` in the lineage that both are of. */
export function precedes({ header: a }: AnyRecord, { header: b }: AnyRecord): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq);
}

function counts(lines: readonly InventoryLine[], claims: BundleClaims): readonly AuditCheck[] {
  const held = new Map<string, number>();
  let foreign = 0;
  for (const { lineage } of lines) {
    if (lineage === null) foreign += 1;
    else held.set(toHex(lineage), (held.get(toHex(lineage)) ?? 0) + 1);
  }
  const found: AuditCheck[] = [];
  for (const { lineage, records } of claims.lineages) {
    const key = toHex(lineage);
    const measured = { records: held.get(key) ?? 0 };
    if (measured.records !== records) found.push(failed("bundle-claims", key, measured, { records }));
    held.delete(key);
  }
  for (const [key, records] of held) {
    found.push(failed("bundle-claims", key, { records }, { lineage: "named in the first line" }));
  }
  if (foreign !== claims.foreign) {
    found.push(failed("bundle-claims", "bundle", { foreign }, { foreign: claims.foreign }));
  }
  return orPassed("bundle-claims", "bundle", 1 + claims.lineages.length, found);
}
