/** What a TPM can show of itself to somebody far away; checked by `certification`, `endorsement-key` and an activation. */
export type TpmEvidence = {
  /** TPMT_PUBLIC of the attestation key and of the signing key. */
  readonly akPublic: Uint8Array;
  readonly signingPublic: Uint8Array;
  /** TPMS_ATTEST (TPM2_Certify of the signing key by the AK) and its r‖s. */
  readonly attestation: Uint8Array;
  readonly signature: Uint8Array;
  /** TPMT_PUBLIC of the endorsement key. */
  readonly ekPublic: Uint8Array;
  /** Of that key, DER; null where the TPM holds none. */
  readonly ekCertificate: Uint8Array | null;
};
