/** Which templates a TPM makes a key from (TPM 2.0 part 1 §27, part 3 §12.1 and §24.1), in the order of libtpms. */
import type { CreateParameters } from "../codec/commands.ts";
import { OBJECT } from "../codec/constants.ts";
import { FAULT, parameterFault } from "../codec/field.ts";
import type { EccPublic } from "../codec/structures.ts";
import type { LoadedObject } from "./machine.ts";

const FAULT_ATTRIBUTES = 0x082;
const DIGEST_BYTES = 32;

/** 0, or the response code with its parameter. */
export function templateFault(parameters: CreateParameters, parent: LoadedObject | null): number {
  const { public: template, sensitive } = parameters;
  const fault = attributesFault(template, sensitive.data.length, parent) || schemeFault(template, parent);
  if (fault !== 0) return parameterFault(fault, 2);
  return sensitive.userAuth.length > DIGEST_BYTES ? parameterFault(FAULT.SIZE, 1) : 0;
}

function attributesFault(template: EccPublic, dataBytes: number, parent: LoadedObject | null): number {
  const has = (bit: number): boolean => (template.attributes & bit) !== 0;
  const parentHas = (bit: number): boolean => parent === null || (parent.public.attributes & bit) !== 0;
  if (!has(OBJECT.SENSITIVE_DATA_ORIGIN)) return FAULT_ATTRIBUTES;
  if (parent !== null && dataBytes !== 0) return FAULT_ATTRIBUTES;
  if (template.authPolicy.length !== 0 && template.authPolicy.length !== DIGEST_BYTES) return FAULT.SIZE;
  if (parentHas(OBJECT.FIXED_TPM)) {
    if (has(OBJECT.FIXED_PARENT) !== has(OBJECT.FIXED_TPM)) return FAULT_ATTRIBUTES;
  } else if (has(OBJECT.FIXED_TPM)) {
    return FAULT_ATTRIBUTES;
  }
  if (has(OBJECT.RESTRICTED) && has(OBJECT.DECRYPT) === has(OBJECT.SIGN)) return FAULT_ATTRIBUTES;
  if (!has(OBJECT.DECRYPT) && !has(OBJECT.SIGN)) return FAULT_ATTRIBUTES;
  if (has(OBJECT.FIXED_TPM) && has(OBJECT.ENCRYPTED_DUPLICATION)) return FAULT_ATTRIBUTES;
  return 0;
}

/** Format-one code of a scheme that does not go with the attributes, or 0. */
export function schemeFault(template: EccPublic, parent: LoadedObject | null): number {
  const has = (bit: number): boolean => (template.attributes & bit) !== 0;
  const signs = has(OBJECT.SIGN);
  const decrypts = has(OBJECT.DECRYPT);
  const isStorage = has(OBJECT.RESTRICTED) && decrypts;
  if (signs === decrypts && template.scheme !== null) return FAULT.SCHEME;
  if (signs && !decrypts && has(OBJECT.RESTRICTED) && template.scheme === null) return FAULT.SCHEME;
  if (!signs && decrypts && template.scheme !== null) return FAULT.SCHEME;
  if (isStorage !== (template.symmetric !== null)) return FAULT.SYMMETRIC;
  if (template.kdf !== null) return FAULT.KDF;
  if (isStorage && parent !== null && template.symmetric?.keyBits !== parent.public.symmetric?.keyBits) {
    return FAULT.SYMMETRIC;
  }
  return 0;
}
