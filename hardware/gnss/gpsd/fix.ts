/** One TPV report as a fix of the port. Translates only: what a fix is worth is the core's business. */
import type { Reading } from "../../../src/ports/clock.ts";
import type { GnssFix, GnssSource } from "../../../src/ports/gnss.ts";
import type { LiveOrReplay } from "../options.ts";
import { errorOf, heightOf, positionOf, timeErrorOf } from "../quantity.ts";
import { type Pulse, pulseTime } from "./pulse.ts";
import type { Tpv } from "./report.ts";

/** gpsd writes this for every receiver, one without a fix included: it is no estimate. */
const EPT_CONSTANT_S = 0.005;
const STATUS_SIMULATED = 8;
/** Half of the indicator's 0 … 255; u-blox calls 255 strong continuous-wave jamming and gives no threshold. */
const JAM_STRONG = 128;

export type FixContext = {
  readonly source: LiveOrReplay;
  readonly now: Reading;
  readonly pulse: Pulse | null;
  readonly satellitesUsed: number | null;
};

export function fixOf(tpv: Tpv, context: FixContext): GnssFix {
  const { now } = context;
  // A receiver without a fix may repeat its last position: with mode below 2 there is none.
  const placed = tpv.mode >= 2;
  const messageUs = tpv.time?.timeUs ?? null;
  const disciplinedUs =
    messageUs === null || context.pulse === null ? null : pulseTime(context.pulse, messageUs, now);
  return {
    source: sourceOf(tpv, context.source),
    mode: tpv.mode,
    receivedBootUs: now.bootUs,
    timeUs: disciplinedUs ?? messageUs,
    timeErrorUs:
      messageUs === null ? null : timeErrorOfTpv(tpv, disciplinedUs === null ? null : context.pulse),
    pps: disciplinedUs !== null,
    // gpsd's watched classes announce no leap second; only a receiver that names second 60 shows one.
    leapPending: tpv.time?.leapSecond ?? false,
    ...positionOf(placed ? tpv.lat : null, placed ? tpv.lon : null),
    heightMm: tpv.mode === 3 ? heightOf(ellipsoidHeight(tpv)) : null,
    horizontalErrorMm: placed ? errorOf(horizontalError(tpv)) : null,
    verticalErrorMm: tpv.mode === 3 ? errorOf(tpv.epv) : null,
    satellitesUsed: context.satellitesUsed,
    interference: tpv.jam !== null && tpv.jam >= JAM_STRONG ? "jamming" : "",
  };
}

/** A replay stays one whatever was recorded: its time must be treated as a log's. */
function sourceOf(tpv: Tpv, declared: LiveOrReplay): GnssSource {
  if (declared === "replay") return "replay";
  return tpv.status === STATUS_SIMULATED ? "simulated" : "gnss";
}

function timeErrorOfTpv(tpv: Tpv, pulse: Pulse | null): number | null {
  if (pulse !== null && pulse.errorUs !== null) return pulse.errorUs;
  return tpv.ept === EPT_CONSTANT_S ? null : timeErrorOf(tpv.ept);
}

/** Metres. `alt` meant now this, now that before 3.20; with a geoid separation beside it, it was above the geoid. */
function ellipsoidHeight(tpv: Tpv): number | null {
  if (tpv.altHAE !== null) return tpv.altHAE;
  const aboveGeoid = tpv.altMSL ?? tpv.alt;
  return aboveGeoid === null || tpv.geoidSep === null ? null : aboveGeoid + tpv.geoidSep;
}

/** Metres, 95 %: the stated circle, else one around the stated ellipse's axes. */
function horizontalError(tpv: Tpv): number | null {
  if (tpv.eph !== null) return tpv.eph;
  if (tpv.epx === null || tpv.epy === null || tpv.epx < 0 || tpv.epy < 0) return null;
  return Math.sqrt(tpv.epx * tpv.epx + tpv.epy * tpv.epy);
}
