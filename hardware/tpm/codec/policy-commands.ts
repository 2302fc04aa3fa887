/** Commands of policy sessions, and the one that a policy opens the endorsement key for (TPM 2.0 part 3 §11, §12.5, §23). */
import { type Command, command } from "./command.ts";
import { ALG, SESSION } from "./constants.ts";
import { blob, checked, FAULT, parameters, record, u8, u16, u32 } from "./field.ts";
import { digest, encryptedSecret, hash, type Ticket, ticket } from "./structures.ts";

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
