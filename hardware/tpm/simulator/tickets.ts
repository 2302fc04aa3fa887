/** Digests of tickets: by them a simulated TPM knows again what it said itself (TPM 2.0 part 2 §10.7). */
import { ascii, concat, u32be } from "../../../src/core/base/bytes.ts";
import type { Machine } from "./machine.ts";
import { derive } from "./p256.ts";

/** As long as the SHA-512 tickets of libtpms. */
export function ticketDigest(tpm: Machine, hierarchy: number, ...said: readonly Uint8Array[]): Uint8Array {
  const proof = derive(tpm.permanent.seed, ascii("proof"), u32be(hierarchy));
  const half = derive(proof, ...said);
  return concat(half, derive(proof, half));
}

/** That the key of `name` signed `digest`. */
export function verifiedDigest(
  tpm: Machine,
  hierarchy: number,
  digest: Uint8Array,
  name: Uint8Array,
): Uint8Array {
  return ticketDigest(tpm, hierarchy, ascii("verified"), digest, name);
}
