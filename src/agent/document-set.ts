/** The operator's record files: roots, policies, schemas, credentials, snapshots, found by name or key. */
import { type Holder, isIssuedTo } from "../core/authority/chain.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { type Rejection, rejection } from "../core/base/rejection.ts";
import type { AnyRecord, RecordOf } from "../core/record/record.ts";
import { recordOfBytes } from "../core/record/record-of-bytes.ts";
import { isInception, keyOfInception } from "../core/record/signing-key.ts";

export type DocumentSet = {
  readonly records: readonly AnyRecord[];
  /** Lineage ids whose inceptions were given as trusted. */
  readonly roots: readonly Uint8Array[];
  policy(name: string): RecordOf<"policy"> | null;
  schema(name: string): RecordOf<"schema"> | null;
  /** Credentials that this lineage may use with its present key, in the order of the files. */
  credentialsOf(own: Holder): readonly RecordOf<"credential">[];
};

export type DocumentFile = { readonly path: string; readonly bytes: Uint8Array };

export type DocumentSetResult =
  | { readonly ok: true; readonly documents: DocumentSet }
  | {
      readonly ok: false;
      readonly faults: readonly { readonly path: string; readonly rejection: Rejection }[];
    };

/** Signatures are checked when the agent takes the records in; here they only have to read. */
export function documentSet(
  trust: readonly DocumentFile[],
  files: readonly DocumentFile[],
  primitives: Primitives,
): DocumentSetResult {
  const faults: { path: string; rejection: Rejection }[] = [];
  const records: AnyRecord[] = [];
  const roots: Uint8Array[] = [];
  for (const { path, bytes } of [...trust, ...files]) {
    const record = recordOfBytes(bytes, primitives);
    if (record.ok) records.push(record.value);
    else faults.push(...record.rejections.map((each) => ({ path, rejection: each })));
  }
  for (const [i, { path }] of trust.entries()) {
    const record = records[i];
    const key =
      record !== undefined && isInception(record) ? keyOfInception(record, primitives.sha256) : null;
    if (key?.ok === true) roots.push(key.value.lineage);
    else
      faults.push({
        path,
        rejection: rejection("trust-not-inception", "", {}, { record: "a root's inception" }),
      });
  }
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    documents: {
      records,
      roots,
      policy: (name) =>
        records.filter((each) => each.kind === "policy").find(({ body }) => body.name === name) ?? null,
      schema: (name) =>
        records.filter((each) => each.kind === "schema").find(({ body }) => body.name === name) ?? null,
      credentialsOf: (own) =>
        records.filter((each) => each.kind === "credential").filter(({ body }) => isIssuedTo(body, own)),
    },
  };
}
