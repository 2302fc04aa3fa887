/** Simulated NV counters: they only go up, over undefine and redefine too (TPM 2.0 part 3 §31). */
import { concat } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import * as commands from "../codec/commands.ts";
import { ALG, HIERARCHY, NV, RC } from "../codec/constants.ts";
import { encoded, FAULT, parameterFault, u64 } from "../codec/field.ts";
import { nvPublic } from "../codec/structures.ts";
import { keep, type Machine } from "./machine.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";
import type { NvIndex } from "./permanent.ts";

const COUNTER_BYTES = 8;
const DIGEST_BYTES = 32;
const READ_BYTES_MAX = 1024;
const INDICES_MAX = 16;
const FAULT_ATTRIBUTES = 0x082;
const FAULT_ATTRIBUTES_OF_HANDLE = 0x182;
const TYPE_MASK = 0xf0;
const PLATFORM_CREATE = 1 << 30;
/** Bits that say how far an index is: no new one has them. */
const PROGRESS = NV.WRITTEN | (1 << 28) | (1 << 11);
const ANY_READ = (1 << 16) | NV.OWNER_READ | NV.AUTH_READ | (1 << 19);
const ANY_WRITE = (1 << 0) | NV.OWNER_WRITE | NV.AUTH_WRITE | (1 << 3);

export function nvIndex(tpm: Machine, index: number): NvIndex | null {
  return tpm.permanent.indices.find((each) => each.public.index === index) ?? null;
}

function define(
  tpm: Machine,
  handles: readonly number[],
  { auth, public: area }: commands.NvDefineParameters,
): Outcome<object> {
  const bits = area.attributes;
  const byPlatform = handles[0] === HIERARCHY.PLATFORM;
  if (area.authPolicy.length !== 0 && area.authPolicy.length !== DIGEST_BYTES) {
    return refused(parameterFault(FAULT.SIZE, 2));
  }
  if (auth.length > DIGEST_BYTES) return refused(parameterFault(FAULT.SIZE, 1));
  const attributesFault = parameterFault(FAULT_ATTRIBUTES, 2);
  if ((bits & TYPE_MASK) !== NV.TYPE_COUNTER) return refused(attributesFault);
  if (area.dataSize !== COUNTER_BYTES) return refused(parameterFault(FAULT.SIZE, 2));
  if ((bits & PROGRESS) !== 0 || (bits & ANY_READ) === 0 || (bits & ANY_WRITE) === 0) {
    return refused(attributesFault);
  }
  if (((bits & PLATFORM_CREATE) !== 0) !== byPlatform) return refused(FAULT_ATTRIBUTES_OF_HANDLE);
  if (nvIndex(tpm, area.index) !== null) return refused(RC.NV_DEFINED);
  if (tpm.permanent.indices.length === INDICES_MAX) return refused(RC.NV_SPACE);
  keep(tpm, { indices: [...tpm.permanent.indices, { public: area, auth, value: 0n }] });
  return done({});
}

function undefine(tpm: Machine, handles: readonly number[]): Outcome<object> {
  const [authority, index] = handles;
  const area = index === undefined ? null : nvIndex(tpm, index);
  if (area === null) return refused(FAULT.VALUE);
  const byPlatform = (area.public.attributes & PLATFORM_CREATE) !== 0;
  if (byPlatform && authority !== HIERARCHY.PLATFORM) return refused(RC.NV_AUTHORIZATION);
  keep(tpm, { indices: tpm.permanent.indices.filter((each) => each !== area) });
  return done({});
}

/** A first increment goes on from the highest counter that ever was. */
function increment(tpm: Machine, handles: readonly number[]): Outcome<object> {
  const [authority, index] = handles;
  const area = index === undefined ? null : nvIndex(tpm, index);
  if (area === null) return refused(FAULT.VALUE);
  if (!mayUse(area, authority, WRITE_BITS)) return refused(RC.NV_AUTHORIZATION);
  const isWritten = (area.public.attributes & NV.WRITTEN) !== 0;
  const value = (isWritten ? area.value : tpm.permanent.counterMax) + 1n;
  const raised: NvIndex = {
    ...area,
    public: { ...area.public, attributes: area.public.attributes | NV.WRITTEN },
    value,
  };
  const { counterMax } = tpm.permanent;
  keep(tpm, {
    indices: tpm.permanent.indices.map((each) => (each === area ? raised : each)),
    counterMax: value > counterMax ? value : counterMax,
  });
  return done({});
}

function read(
  tpm: Machine,
  handles: readonly number[],
  { size, offset }: commands.NvReadParameters,
): Outcome<commands.NvReadResponse> {
  const [authority, index] = handles;
  const area = index === undefined ? null : nvIndex(tpm, index);
  if (area === null) return refused(FAULT.VALUE);
  if (!mayUse(area, authority, READ_BITS)) return refused(RC.NV_AUTHORIZATION);
  if ((area.public.attributes & NV.WRITTEN) === 0) return refused(RC.NV_UNINITIALIZED);
  if (size > READ_BYTES_MAX) return refused(parameterFault(FAULT.VALUE, 1));
  if (offset > COUNTER_BYTES) return refused(parameterFault(FAULT.VALUE, 2));
  if (offset + size > COUNTER_BYTES) return refused(RC.NV_RANGE);
  return done({ data: encoded(u64, area.value).slice(offset, offset + size) });
}

/** Attributes that let the owner, the index's own password, and the platform use it. */
type AccessBits = { readonly owner: number; readonly self: number; readonly platform: number };

const WRITE_BITS: AccessBits = { owner: NV.OWNER_WRITE, self: NV.AUTH_WRITE, platform: 1 << 0 };
const READ_BITS: AccessBits = { owner: NV.OWNER_READ, self: NV.AUTH_READ, platform: 1 << 16 };

function mayUse(
  area: NvIndex,
  authority: number | undefined,
  { owner, self, platform }: AccessBits,
): boolean {
  const bits = area.public.attributes;
  if (authority === HIERARCHY.OWNER) return (bits & owner) !== 0;
  if (authority === HIERARCHY.PLATFORM) return (bits & platform) !== 0;
  return authority === area.public.index && (bits & self) !== 0;
}

function readPublic(tpm: Machine, handles: readonly number[]): Outcome<commands.NvReadPublicResponse> {
  const [index] = handles;
  const area = index === undefined ? null : nvIndex(tpm, index);
  if (area === null) return refused(FAULT.VALUE);
  const name = concat(Uint8Array.of(0, ALG.SHA256), sha256(encoded(nvPublic, area.public)));
  return done({ public: area.public, name });
}

export const nonVolatile: readonly Bound[] = [
  bind(commands.nvDefineSpace, define),
  bind(commands.nvUndefineSpace, undefine),
  bind(commands.nvIncrement, increment),
  bind(commands.nvRead, read),
  bind(commands.nvReadPublic, readPublic),
];
