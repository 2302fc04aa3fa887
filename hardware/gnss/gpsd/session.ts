/** What one gpsd says, line after line, as events of the port. No socket here: tests and vectors feed it directly. */
import type { Reading } from "../../../src/ports/clock.ts";
import type { GnssEvent } from "../../../src/ports/gnss.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { LiveOrReplay } from "../options.ts";
import { fixOf } from "./fix.ts";
import { type Pulse, pulseOf } from "./pulse.ts";
import { receivers } from "./receivers.ts";
import { type GpsdReport, parseReport } from "./report.ts";

/** A satellite count older than this says nothing about the present fix. */
const SKY_AGE_MAX_US = 10_000_000;

export type SessionCounts = {
  /** Lines that were reports of a known or unknown class. */
  readonly reports: number;
  /** Lines that were none, and dropped. */
  readonly dropped: number;
};

export type GpsdSession = {
  /** Peer-controlled: any text. `understood` is false when the line was dropped. */
  hear(line: string, now: Reading): { readonly understood: boolean; readonly events: readonly GnssEvent[] };
  /** The connection ended: nothing that was known of the receiver holds any more. */
  ended(reason: string): readonly GnssEvent[];
  counts(): SessionCounts;
};

export type SessionOptions = {
  readonly source: LiveOrReplay;
  /** Path of the device to listen to; null takes the first one that reports. */
  readonly device: string | null;
  readonly log: Log;
};

/** What one connection told of its receiver besides fixes; forgotten when the receiver goes. */
type Told = { pulse: Pulse | null; sky: { readonly used: number; readonly bootUs: number } | null };

export function gpsdSession({ source, device, log }: SessionOptions): GpsdSession {
  const present = receivers(device);
  let told: Told = { pulse: null, sky: null };
  let reports = 0;
  let dropped = 0;

  function eventsOf(report: GpsdReport, now: Reading): readonly GnssEvent[] {
    switch (report.kind) {
      case "version":
        log.info("gpsd-version", { release: report.release, protocol: report.protocol });
        return [];
      case "error":
        log.warn("gpsd-error", { message: report.message });
        return [];
      case "devices":
        return present.devices(report.devices);
      case "device":
        return present.device(report.device);
      case "sky":
        if (report.used !== null) told.sky = { used: report.used, bootUs: now.bootUs };
        return [];
      case "pps":
        told.pulse = pulseOf(report, now);
        return [];
      case "tpv": {
        const fix = fixOf(report, { source, now, pulse: told.pulse, satellitesUsed: usedAt(told, now) });
        return [...present.reported(report.device), { kind: "fix", fix }];
      }
      case "toff":
      case "other":
        return [];
    }
  }

  /** With the receiver goes what was known of it. */
  function forgetWhenLost(events: readonly GnssEvent[]): readonly GnssEvent[] {
    if (events.some((event) => event.kind === "lost")) told = { pulse: null, sky: null };
    return events;
  }

  return {
    hear(line, now) {
      const report = parseReport(line);
      if (report === null) {
        dropped += 1;
        return { understood: false, events: [] };
      }
      reports += 1;
      const ours = !("device" in report) || report.kind === "device" || present.concerns(report.device);
      return { understood: true, events: ours ? forgetWhenLost(eventsOf(report, now)) : [] };
    },
    ended: (reason) => forgetWhenLost(present.lost(reason)),
    counts: () => ({ reports, dropped }),
  };
}

function usedAt({ sky }: Told, now: Reading): number | null {
  return sky !== null && now.bootUs - sky.bootUs <= SKY_AGE_MAX_US ? sky.used : null;
}
