/**
 * Time by the pulse per second (PROTOCOL §5). gpsd says which true time the host's wall clock had at the last pulse;
 * as long as the wall clock has not been stepped since, it tells the true time of any instant nearby.
 */
import type { Reading } from "../../../src/ports/clock.ts";
import type { Pps } from "./report.ts";

/** Two pulses may be missed; after that the time comes from the messages again. */
const PULSE_AGE_MAX_US = 2_500_000;
/** A wall clock that moved more than this against the boot clock was stepped: the pulse no longer says anything. */
const WALL_STEP_MAX_US = 500;
/** A message arrives after the second that it names, at most this late; a pulse that disagrees numbers another second. */
const MESSAGE_DELAY_MAX_US = 1_500_000;

export type Pulse = {
  readonly offsetUs: number;
  readonly wallLeadUs: number;
  readonly heardBootUs: number;
  /** gpsd's own estimate, µs, or null. */
  readonly errorUs: number | null;
};

export function pulseOf(report: Pps, now: Reading): Pulse {
  return {
    offsetUs: report.realUs - report.clockUs,
    wallLeadUs: now.wallUs - now.bootUs,
    heardBootUs: now.bootUs,
    errorUs: errorOf(report.precision),
  };
}

/** The true time at `now`, or null where the pulse is old, the wall clock was stepped, or `messageUs` disagrees. */
export function pulseTime(pulse: Pulse, messageUs: number, now: Reading): number | null {
  if (now.bootUs - pulse.heardBootUs > PULSE_AGE_MAX_US) return null;
  if (Math.abs(now.wallUs - now.bootUs - pulse.wallLeadUs) > WALL_STEP_MAX_US) return null;
  const trueUs = now.wallUs + pulse.offsetUs;
  const delayUs = trueUs - messageUs;
  return Number.isSafeInteger(trueUs) && delayUs >= 0 && delayUs <= MESSAGE_DELAY_MAX_US ? trueUs : null;
}

/** `precision` is log2 of seconds, -20 or -30 in practice; 2^-30 s is still rounded up to 1 µs. */
function errorOf(precision: number | null): number | null {
  if (precision === null || !Number.isInteger(precision) || precision > 0 || precision < -40) return null;
  // A power of two by exact halving: ** is not exact on every engine.
  let micros = 1_000_000;
  for (let i = 0; i > precision; i--) micros /= 2;
  return Math.ceil(micros);
}
