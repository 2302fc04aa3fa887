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

/** What an answer has to fit; kept by whoever asked. */
export type ExpectedAnswer = {
  readonly lineage: Uint8Array;
  readonly keyId: Uint8Array;
  readonly akName: Uint8Array;
  /** SHA-256 of the endorsement key's TPMT_PUBLIC, and of the secret. */
  readonly ekHash: Uint8Array;
  readonly secretHash: Uint8Array;
  readonly untilUs: number;
};
