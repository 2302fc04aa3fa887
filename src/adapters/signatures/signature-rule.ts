/** What both signature back-ends are opened with. */
export type SignatureRule = {
  /**
   * `true` for records (PROTOCOL §1). `false` only for attestations by a TPM, which does not normalise, and for
   * outside test vectors.
   */
  readonly lowS: boolean;
};

/** A point that both back-ends take as an ES256 key: 0x04 ‖ x ‖ y (SEC1 §2.3.3). */
export const ES256_KEY_BYTES = 65;
export const ES256_KEY_TAG = 0x04;

export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;
