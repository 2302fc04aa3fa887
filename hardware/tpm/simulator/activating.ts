/** Simulated TPM2_ActivateCredential: the endorsement key opens what was made for it and one attestation key (TPM 2.0 part 1 §24). */
import { createDecipheriv } from "node:crypto";
import { agreedSeed, credentialKeys } from "../../../src/core/attestation/credential-keys.ts";
import { concat, equalBytes } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import { blob, decoded, FAULT, parameterFault, record, rest, sourceOf } from "../codec/field.ts";
import * as commands from "../codec/policy-commands.ts";
import { digest, eccPoint } from "../codec/structures.ts";
import type { LoadedObject, Machine } from "./machine.ts";
import { loadedObject } from "./objects.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import { derive, sharedCoordinate } from "./p256.ts";
import { isStorage } from "./wrapping.ts";

type Credential = { readonly integrity: Uint8Array; readonly encrypted: Uint8Array };
const credential = record<Credential>({ integrity: blob(64), encrypted: rest });

const FAULT_TYPE_OF_SECOND_HANDLE = 0x28a;
const FAULT_POINT = 0x0a7;
const FAULT_INTEGRITY = 0x09f;
const ZERO_VECTOR = new Uint8Array(16);

function activate(
  tpm: Machine,
  handles: readonly number[],
  given: commands.ActivateCredentialParameters,
): Outcome<commands.ActivateCredentialResponse> {
  const [attestation, endorsement] = handles.map((handle) => loadedObject(tpm, handle));
  if (endorsement == null || attestation == null || !isStorage(endorsement.public)) {
    return refused(FAULT_TYPE_OF_SECOND_HANDLE);
  }
  const seed = openedSeed(endorsement, given.secret);
  if (typeof seed === "number") return refused(parameterFault(seed, 2));
  const secret = openedSecret(seed, attestation.name, given.credential);
  if (typeof secret === "number") return refused(parameterFault(secret, 1));
  return done({ certInfo: secret });
}

/** The seed, or the format-one code of what is wrong with the point. */
function openedSeed(key: LoadedObject, secret: Uint8Array): Uint8Array | number {
  const source = sourceOf(secret);
  const point = eccPoint.read(source);
  if (source.fault !== 0) return source.fault;
  const shared = sharedCoordinate(key.key.secret, point);
  if (shared === null) return FAULT_POINT;
  return agreedSeed({ shared, ephemeral: point.x, endorsement: key.public.x }, sha256);
}

/** The secret, or the format-one code of what is wrong: another Name has another key. */
function openedSecret(seed: Uint8Array, akName: Uint8Array, bytes: Uint8Array): Uint8Array | number {
  const source = sourceOf(bytes);
  const { integrity, encrypted } = credential.read(source);
  if (source.fault !== 0) return source.fault;
  const keys = credentialKeys(seed, akName, derive);
  if (!equalBytes(integrity, derive(keys.integrity, encrypted, akName))) return FAULT_INTEGRITY;
  const decipher = createDecipheriv("aes-128-cfb", keys.encryption, ZERO_VECTOR);
  return decoded(digest, concat(decipher.update(encrypted), decipher.final())) ?? FAULT.SIZE;
}

export const activating: readonly Bound[] = [bind(commands.activateCredential, activate)];
