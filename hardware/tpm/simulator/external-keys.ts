/** Simulated keys from outside: a public key is loaded, and what it signed is seen (TPM 2.0 part 3 §12.3, §20.1). */

import { HANDLE_RANGE, HIERARCHY, OBJECT, RC, TAG_VERIFIED } from "../codec/constants.ts";
import { parameterFault } from "../codec/field.ts";
import * as commands from "../codec/policy-commands.ts";
import type { Machine } from "./machine.ts";
import { schemeFault } from "./object-template.ts";
import { loadedObject, nameOf } from "./objects.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import { isOnCurve, isSignedDigest } from "./p256-verify.ts";
import { verifiedDigest } from "./tickets.ts";

const COORDINATE_BYTES = 32;
const NOTHING = new Uint8Array(0);
const FAULT_ATTRIBUTES_OF_HANDLE = 0x182;
const FAULT_KEY = 0x09c;
const FAULT_POINT = 0x0a7;
const FAULT_SIGNATURE = 0x09b;

function loadExternal(
  tpm: Machine,
  _handles: readonly number[],
  given: commands.LoadExternalParameters,
): Outcome<commands.LoadExternalResponse> {
  const slot = tpm.slots.indexOf(null);
  if (slot < 0) return refused(RC.OBJECT_MEMORY);
  const fault = schemeFault(given.public, null);
  if (fault !== 0) return refused(parameterFault(fault, 2));
  const { x, y } = given.public;
  if (x.length !== COORDINATE_BYTES || y.length !== COORDINATE_BYTES)
    return refused(parameterFault(FAULT_KEY, 2));
  if (!isOnCurve(given.public)) return refused(parameterFault(FAULT_POINT, 2));
  const name = nameOf(given.public);
  tpm.slots[slot] = {
    public: given.public,
    key: { secret: NOTHING, x, y },
    auth: NOTHING,
    name,
    qualifiedName: name,
    hierarchy: given.hierarchy,
    wrapping: NOTHING,
  };
  return done({ name }, HANDLE_RANGE.TRANSIENT + slot);
}

function verifySignature(
  tpm: Machine,
  handles: readonly number[],
  { digest, signature }: commands.VerifySignatureParameters,
): Outcome<commands.VerifySignatureResponse> {
  const object = loadedObject(tpm, handles[0] ?? 0);
  if (object === null) return refused(RC.REFERENCE_H0);
  if ((object.public.attributes & OBJECT.SIGN) === 0) return refused(FAULT_ATTRIBUTES_OF_HANDLE);
  if (!isSignedDigest(object.public, digest, signature)) return refused(parameterFault(FAULT_SIGNATURE, 2));
  const { hierarchy, name } = object;
  // Nobody vouches for the hierarchy that ends with the power.
  const isVouched = hierarchy !== HIERARCHY.NULL;
  const proof = isVouched ? verifiedDigest(tpm, hierarchy, digest, name) : NOTHING;
  return done({ ticket: { tag: TAG_VERIFIED, hierarchy, digest: proof } });
}

export const externalKeys: readonly Bound[] = [
  bind(commands.loadExternal, loadExternal),
  bind(commands.verifySignature, verifySignature),
];
