/** The file by which an approver lets signing keys work in one state of their host: PCR values and a signature. */
import { equalBytes, fromHex, toHex } from "../base/bytes.ts";
import type { Measure, Rejection, Result } from "../base/rejection.ts";
import { accept, refuse, rejection } from "../base/rejection.ts";
import { PCR_COUNT, PCR_DIGEST_BYTES, type PcrValue } from "./pcr-policy.ts";

export type PcrApproval = {
  /** Name of the approver's key: 000b ‖ SHA-256 of its TPMT_PUBLIC. */
  readonly approver: Uint8Array;
  /** In the order of their numbers, at least one. */
  readonly values: readonly PcrValue[];
  /** r‖s, 64 bytes, of `approvalMessage`. Not normalised: it is a TPM that checks it. */
  readonly signature: Uint8Array;
};

/** What one key's policy asks of an approval. */
export type ApprovalDemand = { readonly approver: Uint8Array; readonly pcrs: readonly number[] };

export const APPROVAL_CHARACTERS_MAX = 4_096;
const SCHEMA = "spectrum-agent.pcr-approval/1";
const FIELDS = "approver, pcrs, schema, signature";
const NAME_BYTES = 34;
const SIGNATURE_BYTES = 64;
const SHOWN_MAX = 80;

/** JSON, one field a line. */
export function writePcrApproval({ approver, values, signature }: PcrApproval): string {
  const pcrs = Object.fromEntries(values.map(({ pcr, digest }) => [pcr, toHex(digest)]));
  const fields = { schema: SCHEMA, approver: toHex(approver), pcrs, signature: toHex(signature) };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** Anybody's text. Rejections `pcr-approval-malformed`, one a field. */
export function readPcrApproval(text: string): Result<PcrApproval> {
  if (text.length > APPROVAL_CHARACTERS_MAX) {
    return malformed("", { characters: text.length }, { charactersMax: APPROVAL_CHARACTERS_MAX });
  }
  const fields = parsed(text);
  if (fields === null) return misread("", text, "one JSON object");
  const names = Object.keys(fields).sort().join(", ");
  if (names !== FIELDS) return misread("", names, `the fields ${FIELDS}`);
  if (fields["schema"] !== SCHEMA) return misread("schema", fields["schema"], SCHEMA);
  const approver = bytesOf(fields["approver"], NAME_BYTES);
  if (approver === null) return misread("approver", fields["approver"], "34 bytes in hexadecimal");
  const values = valuesOf(fields["pcrs"]);
  if (values === null) {
    return misread("pcrs", fields["pcrs"], "numbers 0 to 23, each with 32 bytes in hexadecimal");
  }
  const signature = bytesOf(fields["signature"], SIGNATURE_BYTES);
  if (signature === null) return misread("signature", fields["signature"], "64 bytes in hexadecimal");
  return accept({ approver, values, signature });
}

/** That an approval is for keys of this demand. Its signature is the TPM's to check, which believes nobody's word. */
export function approvalFindings({ approver, values }: PcrApproval, demand: ApprovalDemand): Rejection[] {
  const found: Rejection[] = [];
  if (!equalBytes(approver, demand.approver)) {
    const required = { approver: toHex(demand.approver) };
    found.push(rejection("pcr-approval-approver", "approver", { approver: toHex(approver) }, required));
  }
  const pcrs = values.map(({ pcr }) => pcr).join();
  if (pcrs !== demand.pcrs.join()) {
    found.push(rejection("pcr-approval-selection", "pcrs", { pcrs }, { pcrs: demand.pcrs.join() }));
  }
  return found;
}

type JsonObject = { readonly [name: string]: unknown };

function parsed(text: string): JsonObject | null {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return null;
  }
}

function objectOf(value: unknown): JsonObject | null {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}

/** JSON's objects hold small whole numbers in ascending order, wherever they stood in the text. */
function valuesOf(value: unknown): readonly PcrValue[] | null {
  const entries = Object.entries(objectOf(value) ?? {});
  const values = entries.flatMap(([name, hex]) => {
    const digest = bytesOf(hex, PCR_DIGEST_BYTES);
    return digest !== null && isPcr(name) ? [{ pcr: Number(name), digest }] : [];
  });
  return values.length > 0 && values.length === entries.length ? values : null;
}

function isPcr(name: string): boolean {
  return /^(0|[1-9][0-9]?)$/.test(name) && Number(name) < PCR_COUNT;
}

function bytesOf(value: unknown, length: number): Uint8Array | null {
  return typeof value === "string" && value.length === 2 * length ? fromHex(value) : null;
}

function misread(field: string, value: unknown, form: string): Result<never> {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
  return malformed(field, { found: text.slice(0, SHOWN_MAX) }, { form });
}

function malformed(field: string, measured: Measure, required: Measure): Result<never> {
  return refuse(rejection("pcr-approval-malformed", field, measured, required));
}
