/** Records of others in an authority's folder: only those that their authors' own keys signed (PROTOCOL §2, §3). */
import { type KeysOfLineages, keysOfLineages } from "../core/audit/author-keys.ts";
import { toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { AnyRecord } from "../core/record/record.ts";
import { checkSigned, isInception, signerOfRecord } from "../core/record/signing-key.ts";
import type { StoredRecord } from "../ports/authority-folder.ts";
import { inFile, type Lineage, recordOf } from "./lineage.ts";

export type VerifiedDocuments = {
  readonly records: readonly AnyRecord[];
  readonly roots: readonly Uint8Array[];
};

/** Every file has to be a record whose author's inception is here too; each fault names its file. */
export function verifiedDocuments(
  files: readonly StoredRecord[],
  rootFiles: readonly StoredRecord[],
  own: Lineage,
  primitives: Primitives,
): Result<VerifiedDocuments> {
  const found: { readonly name: string; readonly record: AnyRecord }[] = [];
  const faults: Rejection[] = [];
  for (const { name, bytes } of [...rootFiles, ...files]) {
    const record = recordOf(bytes, primitives);
    if (record.ok) found.push({ name, record: record.value });
    else faults.push(...inFile(record.rejections, name));
  }
  const records = found.map(({ record }) => record);
  const keys = keysOfLineages([...own.records, ...records], primitives);
  faults.push(...found.flatMap(({ name, record }) => inFile(unsigned(record, keys, primitives), name)));
  const roots = found.slice(0, rootFiles.length);
  faults.push(
    ...roots
      .filter(({ record }) => !isInception(record))
      .map(({ name, record }) => {
        const required = { record: "a root's inception" };
        return rejection("trust-not-inception", name, { kind: record.kind }, required);
      }),
  );
  if (faults.length > 0) return refuse(...faults);
  return accept({ records, roots: roots.map(({ record }) => record.header.lineage) });
}

function unsigned(record: AnyRecord, keys: KeysOfLineages, primitives: Primitives): readonly Rejection[] {
  const known = keys.get(toHex(record.header.lineage));
  if (known === undefined) {
    const measured = { lineage: toHex(record.header.lineage) };
    return [rejection("document-author-unknown", "header.lineage", measured, { author: "its inception" })];
  }
  const signer = signerOfRecord(record, known, primitives.sha256);
  const signed = signer.ok ? checkSigned(record, signer.value, primitives) : signer;
  return signed.ok ? [] : signed.rejections;
}
