/**
 * Who asks for a credential, from the records of a request. Its inception, signed by its own key, proves that whoever made
 * it held that key, that the lineage id is the hash of it, and that owner, tier and AK name are what the holder of the key
 * says. It proves neither that the AK lives in a TPM, nor who brings the file: a credential is of use to the key alone.
 */
import { keysOfLineages } from "../core/audit/author-keys.ts";
import { equalBytes, toHex } from "../core/base/bytes.ts";
import type { Primitives } from "../core/base/primitives.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import { NO_AK_NAME } from "../core/record/identity.ts";
import type { AnyRecord } from "../core/record/record.ts";
import type { Tier } from "../core/record/shared-fields.ts";
import { isInception } from "../core/record/signing-key.ts";
import { inFile, recordOf } from "./lineage.ts";

export type Subject = {
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  /** Null binds the key alone. */
  readonly akName: Uint8Array | null;
  readonly tier: Tier;
  readonly owner: string;
};

/** What a request says beside its records. */
export type Claim = Subject & { readonly records: readonly Uint8Array[] };

/**
 * The subject that the records prove; `request-unproved` where they prove none, `request-mismatch` for each thing that
 * the request says otherwise.
 */
export function provenSubject(claim: Claim, primitives: Primitives): Result<Subject> {
  const records: AnyRecord[] = [];
  const faults: Rejection[] = [];
  for (const [i, bytes] of claim.records.entries()) {
    const record = recordOf(bytes, primitives);
    if (record.ok) records.push(record.value);
    else faults.push(...inFile(record.rejections, `records[${i}]`));
  }
  if (faults.length > 0) return refuse(...faults);
  const [inception] = records;
  if (inception === undefined || !isInception(inception)) {
    const measured = { kind: inception?.kind ?? "none" };
    return refuse(rejection("request-unproved", "records[0]", measured, { record: "an inception" }));
  }
  const { lineage } = inception.header;
  const keys = keysOfLineages(records, primitives).get(toHex(lineage)) ?? [];
  const last = keys.at(-1);
  // Each record is a key's beginning: what proves nothing has no place in a request.
  if (last === undefined || keys.length !== records.length) {
    const required = { signatures: records.length };
    return refuse(rejection("request-unproved", "records", { signatures: keys.length }, required));
  }
  const akName = inception.kind === "key-event" ? inception.body.akName : NO_AK_NAME;
  const subject = {
    lineage,
    keyId: last.keyId,
    akName: equalBytes(akName, NO_AK_NAME) ? null : akName,
    tier: inception.body.tier,
    owner: inception.body.owner,
  };
  const mismatches = mismatchesOf(claim, subject);
  return mismatches.length > 0 ? refuse(...mismatches) : accept(subject);
}

function mismatchesOf(claim: Subject, proven: Subject): readonly Rejection[] {
  const pairs = [
    ["lineage", toHex(claim.lineage), toHex(proven.lineage)],
    ["key", toHex(claim.keyId), toHex(proven.keyId)],
    ["ak-name", nameText(claim.akName), nameText(proven.akName)],
    ["tier", claim.tier, proven.tier],
    ["owner", claim.owner, proven.owner],
  ] as const;
  return pairs
    .filter(([, said, shown]) => said !== shown)
    .map(([field, said, shown]) => rejection("request-mismatch", field, { said }, { proved: shown }));
}

function nameText(name: Uint8Array | null): string {
  return name === null ? "none" : toHex(name);
}
