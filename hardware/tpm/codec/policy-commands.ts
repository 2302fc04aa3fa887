/** Commands of policy sessions, and those that policies are made for and from (TPM 2.0 part 3 §11, §12, §20.1, §23). */
import { type Command, command } from "./command.ts";
import { ALG, SESSION } from "./constants.ts";
import { blob, checked, FAULT, type Field, parameters, record, sized, u8, u16, u32 } from "./field.ts";
import {
  digest,
  type EccPublic,
  type EcdsaSignature,
  eccPublic,
  ecdsaSignature,
  encryptedSecret,
  hash,
  hierarchy,
  name,
  type PcrSelection,
  pcrSelections,
  type Ticket,
  ticket,
  verifiedTicket,
} from "./structures.ts";

type Empty = Readonly<Record<string, never>>;
const empty: Field<Empty> = record<Empty>({});

const SESSION_TYPES: readonly number[] = Object.values(SESSION);
const ID_OBJECT_BYTES_MAX = 132;

/** A session without salt, binding and parameter encryption, whose digest is SHA-256. */
export type StartSessionParameters = {
  readonly nonce: Uint8Array;
  readonly salt: Uint8Array;
  readonly type: number;
  readonly symmetric: number;
  readonly hash: number;
};
export type StartSessionResponse = { readonly nonce: Uint8Array };
export const startAuthSession: Command<StartSessionParameters, StartSessionResponse> = command(
  "StartAuthSession",
  0x176,
  {
    handles: ["nobody", "nobody"],
    parameters: parameters<StartSessionParameters>({
      nonce: digest,
      salt: encryptedSecret,
      type: checked(u8, FAULT.VALUE, (type) => SESSION_TYPES.includes(type)),
      symmetric: checked(u16, FAULT.SYMMETRIC, (alg) => alg === ALG.NULL),
      hash,
    }),
    answersHandle: true,
    response: record<StartSessionResponse>({ nonce: digest }),
  },
);

/** The empty `nonce` and zero `expirationS`: the authorisation is of this session and lasts as long as it. */
export type PolicySecretParameters = {
  readonly nonce: Uint8Array;
  readonly cpHash: Uint8Array;
  readonly policyRef: Uint8Array;
  readonly expirationS: number;
};
export type PolicySecretResponse = { readonly timeout: Uint8Array; readonly ticket: Ticket };
export const policySecret: Command<PolicySecretParameters, PolicySecretResponse> = command(
  "PolicySecret",
  0x151,
  {
    handles: ["endorsement", "policy-session"],
    authorisations: 1,
    parameters: parameters<PolicySecretParameters>({
      nonce: digest,
      cpHash: digest,
      policyRef: digest,
      expirationS: u32,
    }),
    response: record<PolicySecretResponse>({ timeout: digest, ticket }),
  },
);

/** `credential` is TPM2B_ID_OBJECT's inside, `secret` TPM2B_ENCRYPTED_SECRET's (part 1 §24). */
export type ActivateCredentialParameters = { readonly credential: Uint8Array; readonly secret: Uint8Array };
export type ActivateCredentialResponse = { readonly certInfo: Uint8Array };
export const activateCredential: Command<ActivateCredentialParameters, ActivateCredentialResponse> = command(
  "ActivateCredential",
  0x147,
  {
    handles: ["object", "object"],
    authorisations: 2,
    parameters: parameters<ActivateCredentialParameters>({
      credential: blob(ID_OBJECT_BYTES_MAX),
      secret: encryptedSecret,
    }),
    response: record<ActivateCredentialResponse>({ certInfo: digest }),
  },
);

/** The values that the selected PCRs are to have, hashed; empty for those that they have. */
export type PolicyPcrParameters = { readonly pcrDigest: Uint8Array; readonly pcrs: readonly PcrSelection[] };
export const policyPcr: Command<PolicyPcrParameters, Empty> = command("PolicyPCR", 0x17f, {
  handles: ["policy-session"],
  parameters: parameters<PolicyPcrParameters>({ pcrDigest: digest, pcrs: pcrSelections }),
  response: empty,
});

export type PolicyAuthorizeParameters = {
  readonly approvedPolicy: Uint8Array;
  readonly policyRef: Uint8Array;
  /** Name of the key that approved. */
  readonly keySign: Uint8Array;
  readonly ticket: Ticket;
};
export const policyAuthorize: Command<PolicyAuthorizeParameters, Empty> = command("PolicyAuthorize", 0x16a, {
  handles: ["policy-session"],
  parameters: parameters<PolicyAuthorizeParameters>({
    approvedPolicy: digest,
    policyRef: digest,
    keySign: name,
    ticket: verifiedTicket,
  }),
  response: empty,
});

export type PolicyGetDigestResponse = { readonly digest: Uint8Array };
export const policyGetDigest: Command<Empty, PolicyGetDigestResponse> = command("PolicyGetDigest", 0x189, {
  handles: ["policy-session"],
  parameters: empty,
  response: record<PolicyGetDigestResponse>({ digest }),
});

/** Public keys alone are loaded by this driver: `private` is empty. */
export type LoadExternalParameters = {
  readonly private: Uint8Array;
  readonly public: EccPublic;
  readonly hierarchy: number;
};
export type LoadExternalResponse = { readonly name: Uint8Array };
export const loadExternal: Command<LoadExternalParameters, LoadExternalResponse> = command(
  "LoadExternal",
  0x167,
  {
    parameters: parameters<LoadExternalParameters>({ private: blob(0), public: sized(eccPublic), hierarchy }),
    answersHandle: true,
    response: record<LoadExternalResponse>({ name }),
  },
);

export type VerifySignatureParameters = { readonly digest: Uint8Array; readonly signature: EcdsaSignature };
export type VerifySignatureResponse = { readonly ticket: Ticket };
export const verifySignature: Command<VerifySignatureParameters, VerifySignatureResponse> = command(
  "VerifySignature",
  0x177,
  {
    handles: ["object"],
    parameters: parameters<VerifySignatureParameters>({ digest, signature: ecdsaSignature }),
    response: record<VerifySignatureResponse>({ ticket: verifiedTicket }),
  },
);
