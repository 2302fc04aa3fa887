/** The state of a simulated TPM under power, and what its commands share. */
import type { Clock } from "../../../src/ports/clock.ts";
import type { Entropy } from "../../../src/ports/entropy.ts";
import { HANDLE_RANGE } from "../codec/constants.ts";
import type { ClockInfo, EccPublic } from "../codec/structures.ts";
import type { KeyPair } from "./p256.ts";
import { manufactured, type Permanent, type PermanentStore } from "./permanent.ts";

/** An object in a transient slot. */
export type LoadedObject = {
  readonly public: EccPublic;
  /** Without a secret where only the public part was loaded. */
  readonly key: KeyPair;
  readonly auth: Uint8Array;
  readonly name: Uint8Array;
  readonly qualifiedName: Uint8Array;
  readonly hierarchy: number;
  /** Secret that wraps children; only a storage key has one. */
  readonly wrapping: Uint8Array;
};

/** A loaded policy session: what it was satisfied with so far is in `digest`. */
export type PolicySession = {
  readonly nonce: Uint8Array;
  readonly digest: Uint8Array;
  /** Computes a digest and authorises nothing. */
  readonly isTrial: boolean;
  /** How often PCRs had changed when their values entered the digest; null before that. */
  readonly pcrUpdates: number | null;
};

/** As swtpm: three transient objects, three sessions, and no resource manager (FACTS "TPM"). */
const TRANSIENT_SLOTS = 3;
const SESSION_SLOTS = 3;
export const PCR_COUNT = 24;

export function isSlot(handle: number): boolean {
  return handle >= HANDLE_RANGE.TRANSIENT && handle < HANDLE_RANGE.TRANSIENT + TRANSIENT_SLOTS;
}

/** The clock is saved whenever it passes a multiple of this (libtpms: 2^12 ms). */
const CLOCK_SAVE_MS = 4096n;

export type Machine = {
  readonly clock: Clock;
  readonly entropy: Entropy;
  permanent: Permanent;
  /** True between TPM2_Startup and the end of power. */
  started: boolean;
  poweredBootUs: number;
  clockAtPowerMs: bigint;
  readonly slots: (LoadedObject | null)[];
  readonly sessions: (PolicySession | null)[];
  readonly pcrs: Uint8Array[];
  pcrUpdates: number;
  readonly store: PermanentStore;
};

export function machine(clock: Clock, entropy: Entropy, store: PermanentStore): Machine {
  const permanent = store.load() ?? manufactured(entropy);
  const made: Machine = {
    clock,
    entropy,
    permanent,
    started: false,
    poweredBootUs: 0,
    clockAtPowerMs: 0n,
    slots: Array.from({ length: TRANSIENT_SLOTS }, () => null),
    sessions: Array.from({ length: SESSION_SLOTS }, () => null),
    pcrs: Array.from({ length: PCR_COUNT }, () => new Uint8Array(32)),
    pcrUpdates: 0,
    store,
  };
  store.save(permanent);
  powerOn(made);
  return made;
}

/** Power comes back after it was gone: nothing that was not saved is left. */
export function powerOn(tpm: Machine): void {
  tpm.started = false;
  tpm.poweredBootUs = tpm.clock.read().bootUs;
  tpm.clockAtPowerMs = tpm.permanent.clockMs;
  tpm.slots.fill(null);
  tpm.sessions.fill(null);
}

/** Durable before the command answers. */
export function keep(tpm: Machine, change: Partial<Permanent>): void {
  tpm.permanent = { ...tpm.permanent, ...change };
  tpm.store.save(tpm.permanent);
}

/** What happens after TPM2_Shutdown may undo it: an attestation told the clock, an extend changed a saved PCR. */
export function undoShutdown(tpm: Machine): void {
  if (tpm.permanent.shutdown !== "none") keep(tpm, { shutdown: "none" });
}

/** Milliseconds since power came on. */
export function timeMs(tpm: Machine): bigint {
  return BigInt(Math.floor((tpm.clock.read().bootUs - tpm.poweredBootUs) / 1000));
}

export function clockInfo(tpm: Machine): ClockInfo {
  const { resetCount, restartCount, clockSafe } = tpm.permanent;
  return { clockMs: tpm.clockAtPowerMs + timeMs(tpm), resetCount, restartCount, safe: clockSafe };
}

/** Saves the clock when it passed a boundary; from then on no told value can come again, so it is safe. */
export function saveClock(tpm: Machine): void {
  const { clockMs } = clockInfo(tpm);
  if (clockMs / CLOCK_SAVE_MS !== tpm.permanent.clockMs / CLOCK_SAVE_MS) {
    keep(tpm, { clockMs, clockSafe: true });
  }
}
