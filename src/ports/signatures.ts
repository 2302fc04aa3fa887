/** Checking signatures (synchronous, pure) and making them (a device, asynchronous). */
export type { Primitives, Sha256, VerifySignature } from "../core/base/primitives.ts";

export interface Signer {
  readonly suite: number;
  /** 65-byte uncompressed SEC1 point for ES256; 32 bytes for an authority's Ed25519. */
  readonly publicKey: Uint8Array;
  /**
   * 64-byte r‖s with low-S over SHA-256 of `message`; the 64 bytes of RFC 8032 for Ed25519. Rejects with a PortError {port: "signer"}; a failed call
   * may be repeated on the same bytes.
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
}
