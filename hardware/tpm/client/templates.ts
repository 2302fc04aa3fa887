/** The keys of an agent and of its TPM. `noDA` on each of the agent's: without it, unclean power-offs put the TPM in lockout (FACTS "TPM"). */
import { assert } from "../../../src/core/base/assert.ts";
import { fromHex } from "../../../src/core/base/bytes.ts";
import type { CreateParameters } from "../codec/commands.ts";
import { ALG, CURVE_P256, OBJECT } from "../codec/constants.ts";
import type { EccPublic, RsaPublic } from "../codec/structures.ts";

const NOTHING = new Uint8Array(0);
const OWN =
  OBJECT.FIXED_TPM |
  OBJECT.FIXED_PARENT |
  OBJECT.SENSITIVE_DATA_ORIGIN |
  OBJECT.USER_WITH_AUTH |
  OBJECT.NO_DA;

const P256: EccPublic = {
  type: ALG.ECC,
  nameAlg: ALG.SHA256,
  attributes: OWN,
  authPolicy: NOTHING,
  symmetric: null,
  scheme: { hash: ALG.SHA256 },
  curve: CURVE_P256,
  kdf: null,
  x: NOTHING,
  y: NOTHING,
};

/** AK: a primary of the endorsement hierarchy, elsewhere the counts in its attestations are obfuscated. */
export const attestationKey: CreateParameters = creation({
  ...P256,
  attributes: OWN | OBJECT.RESTRICTED | OBJECT.SIGN,
});

/** SRK: the parent of the signing key, a primary of the owner hierarchy, made anew whenever it is needed. */
export const storageRootKey: CreateParameters = creation({
  ...P256,
  attributes: OWN | OBJECT.RESTRICTED | OBJECT.DECRYPT,
  symmetric: { keyBits: 128, mode: ALG.CFB },
  scheme: null,
});

/** Signs records, whose digests come from outside the TPM: so it is not restricted. */
export const signingKey: CreateParameters = creation({ ...P256, attributes: OWN | OBJECT.SIGN });

/** The same, for who satisfies `authPolicy` and nobody else: without userWithAuth the empty password opens nothing. */
export function signingKeyUnder(authPolicy: Uint8Array): CreateParameters {
  const attributes = (OWN & ~OBJECT.USER_WITH_AUTH) | OBJECT.SIGN;
  return creation({ ...P256, attributes, authPolicy });
}

/** PolicySecret(TPM_RH_ENDORSEMENT): who has the endorsement hierarchy's password may use the key. */
const ENDORSEMENT_POLICY = fromHex("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa");
assert(ENDORSEMENT_POLICY !== null, "the text is hexadecimal");
const ENDORSEMENT = {
  nameAlg: ALG.SHA256,
  attributes:
    OBJECT.FIXED_TPM |
    OBJECT.FIXED_PARENT |
    OBJECT.SENSITIVE_DATA_ORIGIN |
    OBJECT.ADMIN_WITH_POLICY |
    OBJECT.RESTRICTED |
    OBJECT.DECRYPT,
  authPolicy: ENDORSEMENT_POLICY,
  symmetric: { keyBits: 128, mode: ALG.CFB },
};
const RSA_BITS = 2048;
const COORDINATE_BYTES = 32;

/** Default template of an RSA-2048 endorsement key (TCG EK Credential Profile §B.3.3, L-1). */
export const endorsementKeyRsa: CreateParameters<RsaPublic> = creation({
  ...ENDORSEMENT,
  type: ALG.RSA,
  scheme: ALG.NULL,
  keyBits: RSA_BITS,
  exponent: 0,
  modulus: new Uint8Array(RSA_BITS / 8),
});

/** Default template of a P-256 endorsement key (§B.3.4, L-2). */
export const endorsementKeyP256: CreateParameters = creation({
  ...ENDORSEMENT,
  type: ALG.ECC,
  scheme: null,
  curve: CURVE_P256,
  kdf: null,
  x: new Uint8Array(COORDINATE_BYTES),
  y: new Uint8Array(COORDINATE_BYTES),
});

function creation<K>(template: K): CreateParameters<K> {
  return {
    sensitive: { userAuth: NOTHING, data: NOTHING },
    public: template,
    outsideData: NOTHING,
    creationPcrs: [],
  };
}
