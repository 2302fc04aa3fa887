/** What faults did to hosts that no honest host can see through, and for how long that explains what it does. */
import type { Harm } from "./faults/fault.ts";
import type { Host } from "./host.ts";
import type { Exemption } from "./invariants/invariant.ts";

/** True time, µs. */
type Period = { readonly fromUs: number; untilUs: number };

export type Harms = Harm & {
  /** Just now. */
  isExempt(host: string, from: Exemption): boolean;
  /** At the instant, true time, µs. */
  wasExempt(host: string, from: Exemption, atUs: number): boolean;
  /** A fault may have taken acknowledged bytes from its disk since its log was read last. */
  mayForget(host: string): boolean;
  /** Its log was read anew. */
  wasRead(host: string): void;
};

/** One reading may be under way when the loss comes about; the one after it shows it. */
const READINGS_AFTER_LOSS = 2;

export function newHarms(nowUs: () => number): Harms {
  const periods = { time: new Map<string, Period[]>(), speed: new Map<string, Period[]>() };
  /** Readings of a host's log that may find less than was acknowledged. */
  const readings = new Map<string, number>();

  function harmed(from: Exemption, { spec: { name } }: Host, forUs: number): void {
    const all = periods[from].get(name) ?? [];
    const [last, fromUs] = [all.at(-1), nowUs()];
    if (last !== undefined && last.untilUs >= fromUs) last.untilUs = fromUs + forUs;
    else all.push({ fromUs, untilUs: fromUs + forUs });
    periods[from].set(name, all);
  }

  return {
    misled: (host, forUs) => harmed("time", host, forUs),
    offSpeed: (host, forUs) => harmed("speed", host, forUs),
    forgetful: ({ spec }) => void readings.set(spec.name, READINGS_AFTER_LOSS),
    isExempt: (host, from) => (periods[from].get(host)?.at(-1)?.untilUs ?? 0) > nowUs(),
    wasExempt: (host, from, atUs) =>
      periods[from].get(host)?.some(({ fromUs, untilUs }) => fromUs <= atUs && atUs < untilUs) === true,
    mayForget: (host) => (readings.get(host) ?? 0) > 0,
    wasRead: (host) => void readings.set(host, (readings.get(host) ?? 0) - 1),
  };
}
