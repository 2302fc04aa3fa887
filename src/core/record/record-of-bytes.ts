/** A record from the bytes of its envelope, as files, logs and peers bring it. */
import type { Primitives } from "../base/primitives.ts";
import type { Result } from "../base/rejection.ts";
import { readEnvelope } from "../wire/envelope.ts";
import { type AnyRecord, readRecord } from "./record.ts";

/** Peer-controlled: at most limits.ENVELOPE_BYTES_MAX; any failure is a Rejection. Signatures are not checked here. */
export function recordOfBytes(bytes: Uint8Array, { sha256, memory }: Reading): Result<AnyRecord> {
  const read = (each: Uint8Array): Result<AnyRecord> => {
    const envelope = readEnvelope(each);
    return envelope.ok ? readRecord(envelope.value, sha256) : envelope;
  };
  return memory === undefined ? read(bytes) : memory.ofBytes(bytes, read);
}

type Reading = Pick<Primitives, "sha256" | "memory">;
