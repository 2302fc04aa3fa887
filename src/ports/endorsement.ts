/** What an enroller asks of a TPM that it has only read about: a secret that nothing else opens, and who vouches for it. */
import type { Rejection, Result } from "../core/base/rejection.ts";
import type { Entropy } from "./entropy.ts";
import type { SealedCredential } from "./tpm.ts";

export interface Endorsement {
  /**
   * `secret` (1 to 32 bytes) so that only the TPM of `ekPublic` (TPMT_PUBLIC) gives it out, and only while it holds the
   * key of `akName`. Rejections `tpm-ek-…` where that is no endorsement key of a default template.
   */
  makeCredential(challenge: Challenge, entropy: Entropy): Result<SealedCredential>;
  /**
   * What is wrong with an EK certificate: its chain to a trusted root, each link's signature, validity and right to
   * issue, and that it speaks of `ekPublic`. Empty where all is well.
   */
  checkCertificate(claim: EkCertificateClaim): readonly Rejection[];
}

export type Challenge = {
  readonly ekPublic: Uint8Array;
  /** 000b ‖ SHA-256 of the AK's TPMT_PUBLIC, computed by the caller from what it checked. */
  readonly akName: Uint8Array;
  readonly secret: Uint8Array;
};

/** Certificates are DER, each ≤ 8 KiB. */
export type EkCertificateClaim = {
  readonly ekPublic: Uint8Array;
  readonly certificate: Uint8Array;
  /** Trusted as they stand; those of TPM makers, or of the operator's own bench. */
  readonly roots: readonly Uint8Array[];
  /** Helpful, not trusted; at most 16. */
  readonly intermediates: readonly Uint8Array[];
  /** µs UTC. */
  readonly nowUs: number;
};
