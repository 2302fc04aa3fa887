/** A quote by the attestation key, which also certifies the signing key (RFC 9334 evidence; PROTOCOL §2). */

import { bytes, type Field, integer, list, struct } from "../field.ts";
import { DEVICE, type Kind } from "../kind.ts";
import { digest } from "../shared-fields.ts";

export type Attestation = {
  /** TPMT_PUBLIC of the attestation key. */
  readonly akPublic: Uint8Array;
  /** TPMT_PUBLIC of the signing key. */
  readonly signingPublic: Uint8Array;
  /** TPMS_ATTEST of TPM2_Certify and its signature. */
  readonly certification: Uint8Array;
  readonly certificationSignature: Uint8Array;
  /** TPMS_ATTEST of TPM2_Quote and its signature; extraData is SHA-256(head ‖ boot id). */
  readonly quote: Uint8Array;
  readonly quoteSignature: Uint8Array;
  readonly pcrs: readonly number[];
  /** Record id of the ancestor that the quote covers. */
  readonly head: Uint8Array;
  readonly bootId: Uint8Array;
};

const body: Field<Attestation> = struct<Attestation>({
  akPublic: bytes(1, 512),
  signingPublic: bytes(1, 512),
  certification: bytes(1, 1024),
  certificationSignature: bytes(64),
  quote: bytes(1, 1024),
  quoteSignature: bytes(64),
  pcrs: list(integer(0, 23), 0, 24),
  head: digest,
  bootId: bytes(16),
});

export const attestation: Kind<Attestation> = {
  name: "attestation",
  summary:
    "Evidence from the TPM: the attestation key certifies the signing key and quotes the platform's state.",
  body,
  mayBeNil: DEVICE,
};
