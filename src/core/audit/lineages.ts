/** Each lineage is one chain: no fork, no gap, every link and checkpoint as the records themselves say (PROTOCOL §2). */
import { equalBytes, idText, toHex } from "../base/bytes.ts";
import type { Sha256 } from "../base/primitives.ts";
import { appendLeaf, emptyFrontier, merkleRoot } from "../lineage/merkle.ts";
import { ZERO_ID } from "../record/identity.ts";
import type { AnyRecord } from "../record/record.ts";
import { isInception } from "../record/signing-key.ts";
import { type AuditCheck, failed, notCheckable, orPassed, passed } from "./audit-check.ts";
import type { Evidence } from "./evidence.ts";

export function lineageChecks(evidence: Evidence): readonly AuditCheck[] {
  const known = [...evidence.lineages].flatMap(([lineage, records]) => [
    ...forks(lineage, records),
    ...links(lineage, records),
    ...gaps(lineage, records, evidence),
    ...checkpoints(lineage, records, evidence),
    ...end(lineage, records, evidence),
  ]);
  return [...known, ...unknown(evidence)];
}

/** A lineage that is said to be here whole begins with an inception that certifies itself. */
function unknown({ exported, lineages }: Evidence): readonly AuditCheck[] {
  return [...exported]
    .filter((lineage) => !lineages.has(lineage))
    .map((lineage) => failed("lineage-gap", lineage, { records: 0 }, { first: "its inception" }));
}

function forks(lineage: string, records: readonly AnyRecord[]): readonly AuditCheck[] {
  const found = records.flatMap((record, i) => {
    const before = records[i - 1];
    if (before === undefined || !samePosition(before, record)) return [];
    const measured = { epoch: record.header.epoch, seq: record.header.seq, other: idText(before.id) };
    return [failed("lineage-fork", idText(record.id), measured, { recordsAtOnePosition: 1 })];
  });
  return orPassed("lineage-fork", lineage, records.length, found);
}

function samePosition({ header: a }: AnyRecord, { header: b }: AnyRecord): boolean {
  return a.epoch === b.epoch && a.seq === b.seq;
}

function follows({ header: a }: AnyRecord, { header: b }: AnyRecord): boolean {
  return a.epoch === b.epoch && a.seq + 1 === b.seq;
}

function links(lineage: string, records: readonly AnyRecord[]): readonly AuditCheck[] {
  const found: AuditCheck[] = [];
  for (const [i, record] of records.entries()) {
    const { epoch, seq, previous } = record.header;
    const about = idText(record.id);
    if (epoch === 0 && seq === 0) {
      if (isInception(record) && equalBytes(previous, ZERO_ID)) continue;
      found.push(
        failed("lineage-link", about, { kind: record.kind }, { kind: "key-event", previous: "zero" }),
      );
    } else if (seq === 0) {
      found.push(
        notCheckable(
          "lineage-link",
          about,
          "A later epoch begins with a recovery, which this version does not read.",
          {
            epoch,
          },
        ),
      );
    } else {
      const before = records[i - 1];
      if (before === undefined || !follows(before, record) || equalBytes(before.id, previous)) continue;
      found.push(
        failed("lineage-link", about, { previous: idText(previous) }, { previous: idText(before.id) }),
      );
    }
  }
  return orPassed("lineage-link", lineage, records.length, found);
}

function gaps(lineage: string, records: readonly AnyRecord[], evidence: Evidence): readonly AuditCheck[] {
  const missing = missingRanges(records);
  const last = lastSeq(records);
  if (missing.length === 0)
    return [passed("lineage-gap", lineage, { records: records.length, lastSeq: last })];
  const measured = {
    records: records.length,
    lastSeq: last,
    missing: missing.join(" ").slice(0, 200),
  };
  if (evidence.exported.has(lineage)) return [failed("lineage-gap", lineage, measured, { missing: "none" })];
  const reason =
    "Only some records of this lineage are here, as others named them: the rest was not looked at.";
  return [notCheckable("lineage-gap", lineage, reason, measured)];
}

/** Of a lineage that is here at all. */
export function lastSeq(records: readonly AnyRecord[]): number {
  return Math.max(0, ...records.slice(-1).map(({ header }) => header.seq));
}

/** Ranges of seq that are not here, `3` or `5-9`; those before the first record of an epoch too. */
export function missingRanges(records: readonly AnyRecord[]): readonly string[] {
  const ranges: string[] = [];
  for (const [i, { header }] of records.entries()) {
    const before = records[i - 1]?.header;
    const from = before !== undefined && before.epoch === header.epoch ? before.seq + 1 : 0;
    if (from >= header.seq) continue;
    const epoch = header.epoch === 0 ? "" : `epoch ${header.epoch}: `;
    ranges.push(epoch + (from === header.seq - 1 ? `${from}` : `${from}-${header.seq - 1}`));
  }
  return ranges;
}

/** Leaves restart in each epoch; a checkpoint covers all records of its epoch before it. */
function checkpoints(
  lineage: string,
  records: readonly AnyRecord[],
  { gapless, primitives }: Evidence,
): readonly AuditCheck[] {
  const named = records.filter((record) => record.kind === "checkpoint");
  if (named.length === 0) return [];
  if (!gapless.has(lineage)) {
    const reason = "A Merkle root needs every record before the checkpoint, and some are not here.";
    return [notCheckable("checkpoint-root", lineage, reason, { checkpoints: named.length })];
  }
  return orPassed("checkpoint-root", lineage, named.length, wrongRoots(records, primitives.sha256));
}

function wrongRoots(records: readonly AnyRecord[], sha256: Sha256): readonly AuditCheck[] {
  const found: AuditCheck[] = [];
  let frontier = emptyFrontier;
  let epoch = 0;
  for (const record of records) {
    if (record.header.epoch !== epoch) frontier = emptyFrontier;
    epoch = record.header.epoch;
    if (record.kind === "checkpoint") {
      const root = merkleRoot(sha256, frontier);
      const { size, root: named } = record.body;
      if (size !== frontier.size || !equalBytes(root, named)) {
        const measured = { size, root: idText(named) };
        found.push(
          failed("checkpoint-root", idText(record.id), measured, { size: frontier.size, root: toHex(root) }),
        );
      }
    }
    frontier = appendLeaf(sha256, frontier, record.id);
  }
  return found;
}

function end(lineage: string, records: readonly AnyRecord[], { exported }: Evidence): readonly AuditCheck[] {
  if (!exported.has(lineage)) return [];
  const reason =
    "That nothing was written after the last record here cannot be seen from the records themselves.";
  return [notCheckable("lineage-end", lineage, reason, { lastSeq: lastSeq(records) })];
}
