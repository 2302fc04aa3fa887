/** Which of gpsd's receivers counts, and whether it is there: two receivers are never mixed into one. */
import type { GnssEvent } from "../../../src/ports/gnss.ts";
import { presence } from "../presence.ts";
import type { GpsdDevice } from "./report.ts";

export type Receivers = {
  /** False for what another receiver said. A report without a device comes from the only one there is. */
  concerns(path: string | null): boolean;
  device(one: GpsdDevice): readonly GnssEvent[];
  devices(all: readonly GpsdDevice[]): readonly GnssEvent[];
  /** A receiver that reports is there, whatever the lists said. */
  reported(path: string | null): readonly GnssEvent[];
  lost(reason: string): readonly GnssEvent[];
};

/** `wanted` is the path of the one to listen to; null takes the first one that shows up. */
export function receivers(wanted: string | null): Receivers {
  const there = presence();
  let chosen = wanted;

  const concerns = (path: string | null): boolean => path === null || chosen === null || path === chosen;

  function lost(reason: string): readonly GnssEvent[] {
    chosen = wanted;
    return there.lost(reason);
  }

  function reported(path: string | null): readonly GnssEvent[] {
    chosen ??= path;
    return there.found(path ?? chosen ?? "gpsd");
  }

  return {
    concerns,
    device(one) {
      if (!concerns(one.path)) return [];
      return one.active ? reported(one.path) : lost(`gpsd let go of ${one.path}`);
    },
    devices(all) {
      const present = all.find((one) => one.active && concerns(one.path));
      return present !== undefined
        ? reported(present.path)
        : lost(`gpsd has no open ${wanted === null ? "receiver" : wanted}`);
    },
    reported,
    lost,
  };
}
