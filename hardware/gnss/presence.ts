/** Whether a receiver is there: each change becomes one event, repetitions none. */
import type { GnssEvent } from "../../src/ports/gnss.ts";

export type Presence = {
  found(device: string): readonly GnssEvent[];
  lost(reason: string): readonly GnssEvent[];
};

export function presence(): Presence {
  /** Undefined before anything is known, null while lost. */
  let present: string | null | undefined;
  return {
    found(device) {
      if (present === device) return [];
      present = device;
      return [{ kind: "found", device }];
    },
    lost(reason) {
      if (present === null) return [];
      present = null;
      return [{ kind: "lost", reason }];
    },
  };
}
