/** `want(ids)`: an unsigned request for records; answers go to the named lineage's inbox alone (PROTOCOL §3, §8). */
import { accept, type Result, refuse, rejection } from "../base/rejection.ts";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import { limits } from "./limits.ts";

export type Want = {
  /** Who asks: bounded service, and the answer's address. */
  readonly lineage: Uint8Array;
  /** Record ids, or a lineage id for its inception; at most limits.WANT_IDS_MAX. */
  readonly ids: readonly Uint8Array[];
};

const TAG = "want";
/** First byte of an array of three: an envelope is an array of five. */
const ARRAY_OF_THREE = 0x93;

export function isWant(bytes: Uint8Array): boolean {
  return bytes[0] === ARRAY_OF_THREE;
}

export function writeWant(want: Want): Uint8Array {
  return encode([TAG, want.lineage, want.ids]);
}

/** Peer-controlled: at most limits.ENVELOPE_BYTES_MAX. */
export function readWant(bytes: Uint8Array): Result<Want> {
  const decoded = decode(bytes, limits.ENVELOPE_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const value = decoded.value;
  if (!Array.isArray(value) || value.length !== 3 || value[0] !== TAG)
    return malformed("array of want, lineage, ids");
  const [, lineage, ids] = value as readonly unknown[];
  if (!isDigest(lineage)) return malformed("lineage of 32 bytes");
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > limits.WANT_IDS_MAX || !ids.every(isDigest)) {
    return malformed(`1 to ${limits.WANT_IDS_MAX} ids of 32 bytes`);
  }
  return accept({ lineage, ids: ids as readonly Uint8Array[] });
}

function isDigest(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32;
}

function malformed(form: string): Result<Want> {
  return refuse(rejection("want-malformed", "", {}, { form }));
}
