/** An authority's own lineage, read back: every record in its place, signed by whoever signs there (PROTOCOL §2). */
import { equalBytes } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { ZERO_ID } from "../core/record/identity.ts";
import { type AnyRecord, readRecord } from "../core/record/record.ts";
import { checkSigned, isInception, type SigningKey, signerOfRecord } from "../core/record/signing-key.ts";
import { readEnvelope } from "../core/wire/envelope.ts";
import type { StoredRecord } from "../ports/authority-folder.ts";

export type Lineage = {
  /** At least the inception. */
  readonly records: readonly AnyRecord[];
  /** As they followed each other; the last one signs. */
  readonly keys: readonly SigningKey[];
};

/** Nothing is believed of a folder: each fault names the file that it was found in. */
export function readLineage(files: readonly StoredRecord[], primitives: Primitives): Result<Lineage | null> {
  let lineage: Lineage | null = null;
  for (const { name, bytes } of files) {
    const longer = withRecord(lineage, bytes, primitives);
    if (!longer.ok) return refuse(...inFile(longer.rejections, name));
    lineage = longer.value;
  }
  return accept(lineage);
}

/** The lineage with one record more; `null`: this one begins it. */
export function withRecord(
  lineage: Lineage | null,
  bytes: Uint8Array,
  primitives: Primitives,
): Result<Lineage> {
  const read = recordOf(bytes, primitives);
  if (!read.ok) return read;
  const record = read.value;
  const misplaced = misplacedIn(lineage, record);
  if (misplaced !== null) return refuse(misplaced);
  const keys = lineage?.keys ?? [];
  const signer = signerOfRecord(record, keys, primitives.sha256);
  if (!signer.ok) return signer;
  const signed = checkSigned(record, signer.value, primitives);
  if (!signed.ok) return signed;
  const followed = keys.includes(signer.value) ? keys : [...keys, signer.value];
  return accept({ records: [...(lineage?.records ?? []), record], keys: followed });
}

export function recordOf(bytes: Uint8Array, { sha256 }: Primitives): Result<AnyRecord> {
  const envelope = readEnvelope(bytes);
  return envelope.ok ? readRecord(envelope.value, sha256) : envelope;
}

export function inFile(rejections: readonly Rejection[], name: string): readonly Rejection[] {
  return rejections.map((each) => ({ ...each, field: `${name} ${each.field}`.trim() }));
}

export function currentKey({ keys }: Lineage): SigningKey {
  return keys[keys.length - 1] as SigningKey;
}

/** A record that is missing, doubled or of another lineage: the folder was mended by hand, or two were mixed. */
function misplacedIn(lineage: Lineage | null, record: AnyRecord): Rejection | null {
  const { header } = record;
  const last = lineage?.records.at(-1);
  const seq = lineage?.records.length ?? 0;
  const fits =
    header.epoch === 0 &&
    header.seq === seq &&
    isInception(record) === (last === undefined) &&
    equalBytes(header.previous, last?.id ?? ZERO_ID) &&
    (last === undefined || equalBytes(header.lineage, last.header.lineage));
  if (fits) return null;
  const required = { seq, follows: last === undefined ? "nothing" : "the record before" };
  return rejection("authority-record-order", "header.seq", { seq: header.seq, kind: record.kind }, required);
}
