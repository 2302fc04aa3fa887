/** Hashes and signatures reach the core as arguments, synchronous (DESIGN §3). */
import type { Memory } from "./memory.ts";

/** ES256: ECDSA on P-256 with SHA-256, 64-byte r‖s, low-S only. Ed25519 is reserved for authorities' offline keys. */
export const SUITE_ES256 = 1;
export const SUITE_ED25519 = 2;

export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/**
 * True only for a valid signature of `message` by `publicKey` under `suite`.
 * ES256 takes a 65-byte uncompressed SEC1 point and refuses high-S. Never throws: a malformed key or
 * signature is false.
 */
export type VerifySignature = (
  suite: number,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

export type Primitives = {
  readonly sha256: Sha256;
  readonly verifySignature: VerifySignature;
  /** None: everything is read and judged anew each time. */
  readonly memory?: Memory;
};
