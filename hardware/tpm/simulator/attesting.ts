/** Simulated signing, certifying, quoting and timing. */
import { ascii, concat } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import * as commands from "../codec/commands.ts";
import { ALG, GENERATED, HIERARCHY, OBJECT, RC, TAG, TAG_ATTEST_TIME } from "../codec/constants.ts";
import { encoded, FAULT, parameterFault, record, u64 } from "../codec/field.ts";
import {
  attestHead,
  type ClockInfo,
  digest,
  type EcdsaSignature,
  name,
  type PcrSelection,
  pcrSelections,
  type Scheme,
  type TimeInfo,
  timeInfo,
} from "../codec/structures.ts";
import { pcrDigest } from "./creation-data.ts";
import { clockInfo, type LoadedObject, type Machine, timeMs, undoShutdown } from "./machine.ts";
import { loadedObject } from "./objects.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import { derive, signDigest } from "./p256.ts";

const FAULT_KEY = 0x09c;
const FAULT_TICKET = 0x0a0;
const HANDLE_FAULT = 0x100;
const DIGEST_BYTES = 32;
const FIRMWARE_VERSION = 1n;

type Signing = { readonly key: LoadedObject; readonly scheme: Scheme };

function sign(
  tpm: Machine,
  handles: readonly number[],
  parameters: commands.SignParameters,
): Outcome<commands.SignResponse> {
  const signing = signingKey(tpm, handles, 0, parameters.scheme);
  if (typeof signing === "number") return refused(signing);
  const isRestricted = (signing.key.public.attributes & OBJECT.RESTRICTED) !== 0;
  // No ticket is ever given out here, so none is right: external digests are for unrestricted keys only.
  if (parameters.validation.digest.length !== 0 || isRestricted)
    return refused(parameterFault(FAULT_TICKET, 3));
  if (parameters.digest.length !== DIGEST_BYTES) return refused(parameterFault(FAULT.SIZE, 1));
  return done({ signature: signature(signing, parameters.digest) });
}

type Certified = { readonly name: Uint8Array; readonly qualifiedName: Uint8Array };
const certified = record<Certified>({ name, qualifiedName: name });

function certify(
  tpm: Machine,
  handles: readonly number[],
  parameters: commands.AttestParameters,
): Outcome<commands.AttestResponse> {
  const signing = signingKey(tpm, handles, 1, parameters.scheme);
  if (typeof signing === "number") return refused(signing);
  const object = loadedObject(tpm, handles[0] ?? 0);
  if (object === null) return refused(RC.REFERENCE_H0);
  return attest(tpm, signing, parameters.qualifying, {
    type: TAG.ATTEST_CERTIFY,
    body: encoded(certified, object),
  });
}

type Quoted = { readonly pcrSelect: readonly PcrSelection[]; readonly pcrDigest: Uint8Array };
const quoted = record<Quoted>({ pcrSelect: pcrSelections, pcrDigest: digest });

function quote(
  tpm: Machine,
  handles: readonly number[],
  parameters: commands.QuoteParameters,
): Outcome<commands.AttestResponse> {
  const signing = signingKey(tpm, handles, 0, parameters.scheme);
  if (typeof signing === "number") return refused(signing);
  const body = { pcrSelect: parameters.pcrs, pcrDigest: pcrDigest(tpm, parameters.pcrs) };
  return attest(tpm, signing, parameters.qualifying, { type: TAG.ATTEST_QUOTE, body: encoded(quoted, body) });
}

type Timed = { readonly time: TimeInfo; readonly firmwareVersion: bigint };
const timed = record<Timed>({ time: timeInfo, firmwareVersion: u64 });

function getTime(
  tpm: Machine,
  handles: readonly number[],
  parameters: commands.AttestParameters,
): Outcome<commands.AttestResponse> {
  const signing = signingKey(tpm, handles, 1, parameters.scheme);
  if (typeof signing === "number") return refused(signing);
  const time = { timeMs: timeMs(tpm), clockInfo: clockInfo(tpm) };
  const body = encoded(timed, { time, firmwareVersion: FIRMWARE_VERSION });
  return attest(tpm, signing, parameters.qualifying, { type: TAG_ATTEST_TIME, body });
}

/** The key of handle `position` and the scheme that it signs with, or the response code. */
function signingKey(
  tpm: Machine,
  handles: readonly number[],
  position: number,
  asked: Scheme | null,
): Signing | number {
  const key = loadedObject(tpm, handles[position] ?? 0);
  if (key === null) return RC.REFERENCE_H0 + position;
  if ((key.public.attributes & OBJECT.SIGN) === 0) return FAULT_KEY + HANDLE_FAULT * (position + 1);
  const scheme = key.public.scheme ?? asked;
  return scheme === null ? parameterFault(FAULT.SCHEME, 2) : { key, scheme };
}

function attest(
  tpm: Machine,
  signing: Signing,
  qualifying: Uint8Array,
  { type, body }: { readonly type: number; readonly body: Uint8Array },
): Outcome<commands.AttestResponse> {
  undoShutdown(tpm);
  const head = encoded(attestHead, {
    magic: GENERATED,
    type,
    qualifiedSigner: signing.key.qualifiedName,
    extraData: qualifying,
    ...veiled(tpm, signing.key),
  });
  const attestation = concat(head, body);
  return done({ attestation, signature: signature(signing, sha256(attestation)) });
}

type Counts = { readonly clockInfo: ClockInfo; readonly firmwareVersion: bigint };

/** Outside the endorsement and platform hierarchies the counts are shifted, so that they correlate nothing (part 1 §36.7). */
function veiled(tpm: Machine, key: LoadedObject): Counts {
  const plain = clockInfo(tpm);
  if (key.hierarchy === HIERARCHY.ENDORSEMENT || key.hierarchy === HIERARCHY.PLATFORM) {
    return { clockInfo: plain, firmwareVersion: FIRMWARE_VERSION };
  }
  const shift = new DataView(derive(tpm.permanent.seed, ascii("OBFUSCATE"), key.qualifiedName).buffer);
  return {
    clockInfo: {
      ...plain,
      resetCount: (plain.resetCount + shift.getUint32(0)) >>> 0,
      restartCount: (plain.restartCount + shift.getUint32(4)) >>> 0,
    },
    firmwareVersion: BigInt.asUintN(64, FIRMWARE_VERSION + shift.getBigUint64(8)),
  };
}

function signature({ key, scheme }: Signing, message: Uint8Array): EcdsaSignature {
  return { alg: ALG.ECDSA, hash: scheme.hash, ...signDigest(key.key.secret, message) };
}

export const attesting: readonly Bound[] = [
  bind(commands.sign, sign),
  bind(commands.certify, certify),
  bind(commands.quote, quote),
  bind(commands.getTime, getTime),
];
