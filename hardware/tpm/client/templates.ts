/** The three keys of an agent. `noDA` on each: without it, unclean power-offs put the TPM in lockout (FACTS "TPM"). */
import type { CreateParameters } from "../codec/commands.ts";
import { ALG, CURVE_P256, OBJECT } from "../codec/constants.ts";
import type { EccPublic } from "../codec/structures.ts";

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

function creation(template: EccPublic): CreateParameters {
  return {
    sensitive: { userAuth: NOTHING, data: NOTHING },
    public: template,
    outsideData: NOTHING,
    creationPcrs: [],
  };
}
