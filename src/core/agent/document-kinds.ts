/** Which kinds are said to everybody, and what others' records rest on: kept by whoever stores them, served to whoever asks. */
import type { KindName } from "../record/kinds.ts";

const DOCUMENTS: readonly KindName[] = [
  "key-event",
  "threshold-inception",
  "key-rotation",
  "schema",
  "policy",
  "credential",
  "recognition",
  "status-snapshot",
  "attestation",
  "offer",
];

export function isDocument(kind: KindName): boolean {
  return DOCUMENTS.includes(kind);
}
