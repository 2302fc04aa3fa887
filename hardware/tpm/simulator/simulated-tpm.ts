/** A TPM in this process: the same command bytes, real cryptography, and faults that somebody outside switches. */
import { join } from "node:path";
import type { DriverContext, OpenDriver, OptionValues } from "../../../src/ports/driver.ts";
import type { Tpm } from "../../../src/ports/tpm.ts";
import { folderKeyStore, type KeyStore, memoryKeyStore } from "../client/key-store.ts";
import { openTpm } from "../client/tpm-client.ts";
import { RC, TAG } from "../codec/constants.ts";
import { framed } from "../codec/frame.ts";
import { counterIndex, textOption } from "../options.ts";
import { pcrPolicyOption } from "../pcr-options.ts";
import { type TpmTransport, tpmLost } from "../transport/transport.ts";
import { dispatch } from "./dispatch.ts";
import { type Machine, machine, powerOn } from "./machine.ts";
import { filePermanentStore, memoryPermanentStore, type PermanentStore } from "./permanent.ts";

/** Faults, switched from outside at any instant: a scenario's timeline, or a test. */
export type SimulatorControl = {
  /** While true nothing answers: open conversations break (a command under way was executed or not), new ones fail. */
  setLost(lost: boolean): void;
  /** While true every command that needs an authorisation is refused with TPM_RC_LOCKOUT. */
  setLockedOut(lockedOut: boolean): void;
  /** Each answer comes this much later than its command was executed, µs. */
  setDelayUs(delayUs: number): void;
  /** Power goes and comes back without TPM2_Shutdown: objects and sessions are gone, the clock is no longer safe. */
  powerCut(): void;
};

export type SimulatedTpm = {
  readonly control: SimulatorControl;
  /** Opens the one TPM that `control` rules. Opening again finds it as it was left. */
  readonly open: OpenDriver<Tpm>;
};

const STATE_FILE = "tpm.json";
const NOTHING = new Uint8Array(0);

export function simulatedTpm(): SimulatedTpm {
  const faults = { lost: false, lockedOut: false, delayUs: 0 };
  const breakings = new Set<(why: string) => void>();
  let made: { readonly tpm: Machine; readonly keys: KeysOf } | null = null;

  const breakAll = (why: string): void => {
    for (const breaking of [...breakings]) breaking(why);
  };

  return {
    control: {
      setLost(lost) {
        faults.lost = lost;
        if (lost) breakAll("the simulated TPM was taken away");
      },
      setLockedOut(lockedOut) {
        faults.lockedOut = lockedOut;
      },
      setDelayUs(delayUs) {
        faults.delayUs = delayUs;
      },
      powerCut() {
        if (made !== null) powerOn(made.tpm);
        breakAll("the simulated TPM lost power");
      },
    },
    async open(context, options) {
      made ??= assemble(context, options);
      const { tpm, keys } = made;
      return openTpm({
        connect: async () => transport(tpm, context, faults, breakings),
        clock: context.clock,
        log: context.log,
        keys: keys(context.keyGeneration ?? 0),
        ownsPower: true,
        level: "simulated",
        counterIndex: counterIndex(options),
        pcrPolicy: pcrPolicyOption(options),
      });
    },
  };
}

/** Of each generation of the signing key. */
type KeysOf = (generation: number) => KeyStore;

function assemble(context: DriverContext, options: OptionValues): { tpm: Machine; keys: KeysOf } {
  const folder = options["state"] === undefined ? null : textOption(options, "state");
  const store: PermanentStore =
    folder === null ? memoryPermanentStore() : filePermanentStore(join(folder, STATE_FILE));
  const kept = new Map<number, KeyStore>();
  const keys: KeysOf = (generation) => {
    const made =
      kept.get(generation) ?? (folder === null ? memoryKeyStore() : folderKeyStore(folder, generation));
    kept.set(generation, made);
    return made;
  };
  return { tpm: machine(context.clock, context.entropy, store), keys };
}

type Faults = { readonly lost: boolean; readonly lockedOut: boolean; readonly delayUs: number };

function transport(
  tpm: Machine,
  context: DriverContext,
  faults: Faults,
  breakings: Set<(why: string) => void>,
): TpmTransport {
  if (faults.lost) throw tpmLost("the simulated TPM is away");
  let broken: Error | null = null;
  let fail: ((error: Error) => void) | null = null;
  const breaking = (why: string): void => {
    broken = tpmLost(why);
    breakings.delete(breaking);
    fail?.(broken);
  };
  breakings.add(breaking);
  return {
    exchange(command) {
      return new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken);
        fail = reject;
        const answer = faults.lockedOut && isAuthorised(command) ? lockout() : dispatch(tpm, command);
        if (faults.delayUs === 0) return resolve(answer);
        context.clock.at(context.clock.read().bootUs + faults.delayUs, () => resolve(answer));
      });
    },
    async close() {
      breakings.delete(breaking);
    },
  };
}

function isAuthorised(command: Uint8Array): boolean {
  return ((command[0] ?? 0) << 8) + (command[1] ?? 0) === TAG.SESSIONS;
}

function lockout(): Uint8Array {
  return framed(TAG.PLAIN, RC.LOCKOUT, NOTHING);
}
