/** Writes the quarantine mark in the order it was asked for, again and again until the disk takes it (PROTOCOL §2). */
import type { Clock } from "../ports/clock.ts";
import { PortError } from "../ports/port-error.ts";
import type { Store } from "../ports/store.ts";
import { pause } from "./pause.ts";

export const QUARANTINE_MARK = "quarantine";

export type QuarantineMark = {
  /** Null removes it. The latest that was asked for is what the disk comes to hold. */
  set(bytes: Uint8Array | null): void;
  /** Resolves when the disk holds it, or everything was stopped. */
  settled(): Promise<void>;
};

export type QuarantineMarkParts = {
  readonly store: Pick<Store, "writeMark">;
  readonly clock: Clock;
  readonly onTrouble: (error: PortError | null) => void;
  readonly stopped: () => boolean;
};

const AGAIN_US = 1_000_000;

export function quarantineMark({ store, clock, onTrouble, stopped }: QuarantineMarkParts): QuarantineMark {
  const wanted: { bytes: Uint8Array | null; changes: number } = { bytes: null, changes: 0 };
  let running: Promise<void> | null = null;

  /** One write at a time; what was asked for meanwhile is written next. */
  async function writeAll(): Promise<void> {
    for (let written = -1; written !== wanted.changes; ) {
      const mine = wanted.changes;
      if (await tryWrite(wanted.bytes)) written = mine;
      else if (stopped()) return;
      else await pause(clock, AGAIN_US);
    }
  }

  async function tryWrite(bytes: Uint8Array | null): Promise<boolean> {
    try {
      await store.writeMark(QUARANTINE_MARK, bytes);
      onTrouble(null);
      return true;
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      onTrouble(error);
      return false;
    }
  }

  return {
    set(bytes) {
      wanted.bytes = bytes;
      wanted.changes += 1;
      running ??= writeAll().finally(() => {
        running = null;
      });
    },
    settled: () => running ?? Promise.resolve(),
  };
}
