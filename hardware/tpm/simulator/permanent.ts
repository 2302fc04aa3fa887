/** What a simulated TPM keeps without power, and where: its seeds, counts, clock and NV indices. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fromHex, toHex } from "../../../src/core/base/bytes.ts";
import type { Entropy } from "../../../src/ports/entropy.ts";
import { PortError } from "../../../src/ports/port-error.ts";
import type { NvPublic } from "../codec/structures.ts";

export type NvIndex = { readonly public: NvPublic; readonly auth: Uint8Array; readonly value: bigint };

/** Replaced whole, never changed in place: what was saved is what is there. */
export type Permanent = {
  /** 32 bytes from which everything secret of this TPM is derived. */
  readonly seed: Uint8Array;
  readonly resetCount: number;
  readonly restartCount: number;
  readonly clockMs: bigint;
  /** False after an unclean stop, until the clock passes its next saved value. */
  readonly clockSafe: boolean;
  /** How the last stretch of power ended; `none` while power is on. */
  readonly shutdown: "none" | "clear" | "state";
  /** Highest value of any counter that ever was: a new one goes on from there. */
  readonly counterMax: bigint;
  readonly indices: readonly NvIndex[];
  /** PCR values that TPM2_Shutdown(STATE) saved, else none. */
  readonly savedPcrs: readonly Uint8Array[];
  readonly savedPcrUpdates: number;
};

export interface PermanentStore {
  load(): Permanent | null;
  save(permanent: Permanent): void;
}

const SEED_BYTES = 32;
const FORMAT = "spectrum-agent.simulated-tpm/1";

export function manufactured(entropy: Entropy): Permanent {
  return {
    seed: entropy.bytes(SEED_BYTES),
    resetCount: 0,
    restartCount: 0,
    clockMs: 0n,
    clockSafe: true,
    shutdown: "clear",
    counterMax: 0n,
    indices: [],
    savedPcrs: [],
    savedPcrUpdates: 0,
  };
}

export function memoryPermanentStore(): PermanentStore {
  let kept: Permanent | null = null;
  return {
    load: () => kept,
    save(permanent) {
      kept = permanent;
    },
  };
}

/** One JSON file, replaced atomically and flushed. PortError `tpm-state-damaged` where it does not read back. */
export function filePermanentStore(path: string): PermanentStore {
  return {
    load() {
      let text: string;
      try {
        text = readFileSync(path, "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw stateDamaged(path, error);
      }
      const permanent = parse(text);
      if (permanent === null) throw stateDamaged(path, "not a state of the simulated TPM");
      return permanent;
    },
    save(permanent) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      const beside = `${path}.new`;
      const file = openSync(beside, "w", 0o600);
      try {
        writeFileSync(file, JSON.stringify({ format: FORMAT, ...permanent }, replacer));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(beside, path);
    },
  };
}

function stateDamaged(path: string, cause: unknown): PortError {
  return new PortError("tpm", "tpm-state-damaged", `${path}: ${String(cause)}`, false, cause);
}

function replacer(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return `x${toHex(value)}`;
  return typeof value === "bigint" ? `n${value}` : value;
}

function reviver(_key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (/^n[0-9]+$/.test(value)) return BigInt(value.slice(1));
  return value.startsWith("x") ? fromHex(value.slice(1)) : value;
}

function parse(text: string): Permanent | null {
  let read: Partial<Permanent> & { format?: string };
  try {
    read = JSON.parse(text, reviver);
  } catch {
    return null;
  }
  const {
    format,
    seed,
    resetCount,
    restartCount,
    clockMs,
    clockSafe,
    shutdown,
    counterMax,
    indices,
    savedPcrs,
    savedPcrUpdates,
  } = read;
  const whole =
    format === FORMAT &&
    seed instanceof Uint8Array &&
    seed.length === SEED_BYTES &&
    typeof resetCount === "number" &&
    typeof restartCount === "number" &&
    typeof clockMs === "bigint" &&
    typeof clockSafe === "boolean" &&
    (shutdown === "none" || shutdown === "clear" || shutdown === "state") &&
    typeof counterMax === "bigint" &&
    Array.isArray(indices) &&
    Array.isArray(savedPcrs) &&
    typeof savedPcrUpdates === "number";
  if (!whole) return null;
  return {
    seed,
    resetCount,
    restartCount,
    clockMs,
    clockSafe,
    shutdown,
    counterMax,
    indices,
    savedPcrs,
    savedPcrUpdates,
  };
}
