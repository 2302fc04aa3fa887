/** A TPM 2.0, real or simulated. A simulated one says so in `level` and does the same cryptography. */
import type { Signer } from "./signatures.ts";

/** Key-protection tier that the driver can justify by itself. `tpm-ek-verified` is a verifier's word, never a driver's. */
export type TpmLevel = "simulated" | "software" | "tpm";

export type TpmIdentity = {
  readonly level: TpmLevel;
  /** TPMT_PUBLIC bytes of the attestation key (restricted, primary in the endorsement hierarchy). */
  readonly akPublic: Uint8Array;
  /** 000b ‖ SHA-256(akPublic). */
  readonly akName: Uint8Array;
  /** TPMT_PUBLIC bytes of the unrestricted signing key that records are signed with. */
  readonly signingPublic: Uint8Array;
  /** TPMS_ATTEST (TPM2_Certify of the signing key by the AK) and its signature r‖s; anyone holding both publics can check them. */
  readonly certification: { readonly attestation: Uint8Array; readonly signature: Uint8Array };
  /** TPMT_PUBLIC bytes of the endorsement key, RSA-2048 or P-256 by the default template; nothing but its TPM opens credentials for it. */
  readonly ekPublic: Uint8Array;
  /** Certificate of that key, DER, where the TPM holds one. */
  readonly ekCertificate: Uint8Array | null;
};

/** A secret for one endorsement key and one attestation key: without sizes in front, as TPM2_ActivateCredential takes both. */
export type SealedCredential = {
  /** TPMS_ID_OBJECT: the secret, encrypted and authenticated for the attestation key's Name. */
  readonly blob: Uint8Array;
  /** What the endorsement key makes the seed of both keys from: a point, or an OAEP block. */
  readonly secret: Uint8Array;
};

export type Quote = {
  /** TPMS_ATTEST with magic ff544347, type quote. */
  readonly attestation: Uint8Array;
  /** r‖s, 64 bytes, over SHA-256 of `attestation`, by the AK. Not normalised to low-S. */
  readonly signature: Uint8Array;
};

/** TPMS_TIME_INFO: order and rewind only, never time of day (PROTOCOL §5). */
export type TpmClock = {
  readonly clockMs: bigint;
  readonly resetCount: number;
  readonly restartCount: number;
  readonly safe: boolean;
};

export interface Tpm {
  readonly identity: TpmIdentity;
  /** Signs with the unrestricted key of the generation that it was opened with: the same after every restart of agent or TPM. */
  readonly signer: Signer;
  /** A quote by the AK over the SHA-256 bank's `pcrs`, with `qualifying` (≤ 64 bytes) as extraData. */
  quote(qualifying: Uint8Array, pcrs: readonly number[]): Promise<Quote>;
  /**
   * The secret (≤ 32 bytes) that was sealed for this TPM and its attestation key. PortError `tpm-credential-refused`,
   * not retryable, where it was sealed for another endorsement key or another Name, or is damaged.
   */
  activateCredential(sealed: SealedCredential): Promise<Uint8Array>;
  readClock(): Promise<TpmClock>;
  readPcr(index: number): Promise<Uint8Array>;
  extendPcr(index: number, digest: Uint8Array): Promise<void>;
  /** The agent's monotonic NV counter. `readCounter` before any increment is 0n. Never returns less than it once did. */
  readCounter(): Promise<bigint>;
  incrementCounter(): Promise<bigint>;
  /** Flushes every transient object and sends TPM2_Shutdown where the agent owns the TPM's life. Idempotent. */
  close(): Promise<void>;
}
