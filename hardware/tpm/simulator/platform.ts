/** Simulated start-up, shut-down, clock, capabilities, PCRs and random numbers. */
import { concat } from "../../../src/core/base/bytes.ts";
import { sha256 } from "../client/sha256.ts";
import * as commands from "../codec/commands.ts";
import { ALG, CAPABILITY, HANDLE_RANGE, HIERARCHY, handleKind, STARTUP } from "../codec/constants.ts";
import { checked, encoded, FAULT, parameterFault, parameters, u32 } from "../codec/field.ts";
import type { PcrSelection } from "../codec/structures.ts";
import { clockInfo, keep, type Machine, PCR_COUNT, timeMs, undoShutdown } from "./machine.ts";
import { type Bound, bind, done, type Outcome, refused } from "./outcome.ts";

const DIGEST_BYTES = 32;
const PCR_DIGESTS_MAX = 8;
const RANDOM_BYTES_MAX = 64;
const RC_LOCALITY = 0x907;
const RC_NO_HANDLE = 0x08b;
/** PCRs that a resume restores, of those that count as updates: 0-15; the others are 17-20. */
const SAVED_LAST = 15;
const PCR_UPDATES_AT_START = 20;
const PCR_UPDATES_AT_RESUME = 4;
/** PCRs of the dynamic root of trust: all ones, and closed to software, until such a launch (PC Client §4.6). */
const DYNAMIC_FIRST = 17;
const DYNAMIC_LAST = 22;
/** Resettable debug and application PCRs do not count as updates. */
const UNCOUNTED: readonly number[] = [16, 21, 22, 23];
/** TPM_PT_FIXED as far as anybody asks: family "2.0", maker "SIM ". */
const PROPERTIES: readonly commands.Property[] = [
  { property: 0x100, value: 0x322e3000 },
  { property: 0x105, value: 0x53494d20 },
];

function startup(
  tpm: Machine,
  _handles: readonly number[],
  { type }: commands.StartupParameters,
): Outcome<object> {
  const { shutdown, resetCount, restartCount, savedPcrs, savedPcrUpdates } = tpm.permanent;
  const isResume = type === STARTUP.STATE;
  if (isResume && shutdown !== "state") return refused(parameterFault(FAULT.VALUE, 1));
  for (let i = 0; i < PCR_COUNT; i++) {
    const dynamic = i >= DYNAMIC_FIRST && i <= DYNAMIC_LAST;
    const initial = new Uint8Array(DIGEST_BYTES).fill(dynamic ? 0xff : 0);
    tpm.pcrs[i] = (isResume && i <= SAVED_LAST ? savedPcrs[i] : undefined) ?? initial;
  }
  // The PCRs that begin anew count as changed; only a reset begins the counting anew too.
  const before = shutdown === "state" ? savedPcrUpdates : 0;
  tpm.pcrUpdates = before + (isResume ? PCR_UPDATES_AT_RESUME : PCR_UPDATES_AT_START);
  const counts =
    shutdown === "state"
      ? { restartCount: restartCount + 1 }
      : { resetCount: resetCount + 1, restartCount: 0 };
  tpm.started = true;
  const safe = shutdown === "none" ? { clockSafe: false } : {};
  keep(tpm, { ...counts, ...safe, shutdown: "none", savedPcrs: [], savedPcrUpdates: 0 });
  return done({});
}

function shutdown(
  tpm: Machine,
  _handles: readonly number[],
  { type }: commands.StartupParameters,
): Outcome<object> {
  const isState = type === STARTUP.STATE;
  const savedPcrs = isState ? tpm.pcrs.map((pcr) => pcr.slice()) : [];
  keep(tpm, {
    clockMs: clockInfo(tpm).clockMs,
    shutdown: isState ? "state" : "clear",
    savedPcrs,
    savedPcrUpdates: tpm.pcrUpdates,
  });
  return done({});
}

function readClock(tpm: Machine): Outcome<commands.ReadClockResponse> {
  return done({ time: { timeMs: timeMs(tpm), clockInfo: clockInfo(tpm) } });
}

const capabilityParameters = parameters<commands.CapabilityParameters>({
  capability: checked(u32, FAULT.VALUE, (each) => Object.values<number>(CAPABILITY).includes(each)),
  property: u32,
  count: u32,
});

function getCapability(
  tpm: Machine,
  _handles: readonly number[],
  { capability, property, count }: commands.CapabilityParameters,
): Outcome<commands.CapabilityResponse> {
  if (capability === CAPABILITY.TPM_PROPERTIES) {
    const from = PROPERTIES.filter((each) => each.property >= property);
    const list = encoded(commands.propertyList, from.slice(0, count));
    return done({ more: from.length > count, capability, list });
  }
  const all = handlesOfKind(tpm, handleKind(property));
  if (all === null) return refused(parameterFault(RC_NO_HANDLE, 2));
  const from = all.filter((handle) => handle >= property);
  return done({
    more: from.length > count,
    capability,
    list: encoded(commands.handleList, from.slice(0, count)),
  });
}

function handlesOfKind(tpm: Machine, kind: number): readonly number[] | null {
  switch (kind) {
    case handleKind(HANDLE_RANGE.TRANSIENT):
      return tpm.slots.flatMap((slot, i) => (slot === null ? [] : [HANDLE_RANGE.TRANSIENT + i]));
    case handleKind(HANDLE_RANGE.NV):
      return tpm.permanent.indices.map((each) => each.public.index).sort((a, b) => a - b);
    case 0:
      return Array.from({ length: PCR_COUNT }, (_, i) => i);
    // Of loaded sessions, whatever their kind; asked for by the other kind, a TPM lists saved ones (part 3 §30.2).
    case handleKind(HANDLE_RANGE.HMAC_SESSION):
      return tpm.sessions.flatMap((each, i) => (each === null ? [] : [HANDLE_RANGE.POLICY_SESSION + i]));
    case handleKind(HANDLE_RANGE.POLICY_SESSION):
    case handleKind(HANDLE_RANGE.PERSISTENT):
      return [];
    case handleKind(HIERARCHY.OWNER):
      return [HIERARCHY.OWNER, HIERARCHY.NULL, HIERARCHY.PASSWORD, HIERARCHY.ENDORSEMENT, HIERARCHY.PLATFORM];
    default:
      return null;
  }
}

function getRandom(
  tpm: Machine,
  _handles: readonly number[],
  { length }: commands.RandomParameters,
): Outcome<commands.RandomResponse> {
  return done({ bytes: tpm.entropy.bytes(Math.min(length, RANDOM_BYTES_MAX)) });
}

/** Eight digests an answer; the selection that comes back says which. */
function pcrRead(
  tpm: Machine,
  _handles: readonly number[],
  { pcrs }: commands.PcrReadParameters,
): Outcome<commands.PcrReadResponse> {
  const digests: Uint8Array[] = [];
  const read = pcrs.map((selection): PcrSelection => {
    const select = new Uint8Array(selection.select.length);
    for (const index of selected(selection)) {
      const value = tpm.pcrs[index];
      if (value === undefined || digests.length === PCR_DIGESTS_MAX) break;
      digests.push(value.slice());
      select[index >> 3] = (select[index >> 3] ?? 0) | (1 << (index & 7));
    }
    return { hash: selection.hash, select };
  });
  return done({ updates: tpm.pcrUpdates, pcrs: read, digests });
}

function pcrExtend(
  tpm: Machine,
  handles: readonly number[],
  { digests }: commands.PcrExtendParameters,
): Outcome<object> {
  const [index] = handles;
  const value = index === undefined ? undefined : tpm.pcrs[index];
  if (index === undefined || value === undefined) return done({});
  if (index >= DYNAMIC_FIRST && index <= DYNAMIC_LAST) return refused(RC_LOCALITY);
  if (index <= SAVED_LAST) undoShutdown(tpm);
  for (const { hash, digest } of digests) {
    if (hash !== ALG.SHA256) continue;
    tpm.pcrs[index] = sha256(concat(tpm.pcrs[index] ?? value, digest));
    if (!UNCOUNTED.includes(index)) tpm.pcrUpdates++;
  }
  return done({});
}

/** PCR numbers of a selection, ascending. */
export function selected(selection: PcrSelection): number[] {
  const pcrs: number[] = [];
  for (let i = 0; i < 8 * selection.select.length; i++) {
    if ((((selection.select[i >> 3] ?? 0) >>> (i & 7)) & 1) === 1) pcrs.push(i);
  }
  return pcrs;
}

export const platform: readonly Bound[] = [
  bind(commands.startup, startup),
  bind(commands.shutdown, shutdown),
  bind(commands.selfTest, () => done({})),
  bind(commands.readClock, readClock),
  bind({ ...commands.getCapability, parameters: capabilityParameters }, getCapability),
  bind(commands.getRandom, getRandom),
  bind(commands.pcrRead, pcrRead),
  bind(commands.pcrExtend, pcrExtend),
];
