/** The sentences of one navigation epoch, gathered into one fix of the port. Fixed in size whatever arrives. */
import type { GnssFix, GnssSource } from "../../src/ports/gnss.ts";
import type { NmeaQuality, NmeaSentence } from "./nmea-sentence.ts";
import type { LiveOrReplay } from "./options.ts";
import { errorOf, heightOf, positionOf } from "./quantity.ts";
import { nmeaTime } from "./utc-time.ts";

export type NmeaEpoch = {
  readonly time: string;
  readonly date: string;
  /** When its first sentence came: the closest to the instant that it names. */
  readonly receivedBootUs: number;
  readonly types: ReadonlySet<NmeaSentence["type"]>;
  readonly qualities: ReadonlySet<NmeaQuality>;
  /** The best mode of its GSA sentences (one a constellation), or null without any. */
  readonly mode: 1 | 2 | 3 | null;
  readonly position: Pick<NmeaSentence, "latitude" | "longitude"> | null;
  readonly height: Pick<NmeaSentence, "altitude" | "geoidSeparation"> | null;
  readonly satellitesUsed: number | null;
  readonly deviations: NmeaSentence["deviations"];
};

/**
 * A sentence of another time, or a second one of a type that comes once an epoch, begins a new epoch.
 * GSA has no time and comes once a constellation: it belongs to the epoch in which it stands.
 */
export function startsEpoch(epoch: NmeaEpoch, sentence: NmeaSentence): boolean {
  if (sentence.type === "GSA") return false;
  if (epoch.types.has(sentence.type)) return true;
  return sentence.time !== "" && epoch.time !== "" && sentence.time !== epoch.time;
}

export function beginEpoch(receivedBootUs: number): NmeaEpoch {
  return {
    time: "",
    date: "",
    receivedBootUs,
    types: new Set(),
    qualities: new Set(),
    mode: null,
    position: null,
    height: null,
    satellitesUsed: null,
    deviations: null,
  };
}

export function joinEpoch(epoch: NmeaEpoch, sentence: NmeaSentence): NmeaEpoch {
  const modes = [epoch.mode, sentence.mode].filter((mode) => mode !== null);
  return {
    time: epoch.time !== "" ? epoch.time : sentence.time,
    // ZDA's four-digit year is better than RMC's two digits, whichever came first.
    date: sentence.date.length > epoch.date.length ? sentence.date : epoch.date,
    receivedBootUs: epoch.receivedBootUs,
    types: new Set([...epoch.types, sentence.type]),
    qualities: sentence.quality === null ? epoch.qualities : new Set([...epoch.qualities, sentence.quality]),
    mode: modes.reduce<1 | 2 | 3 | null>((best, mode) => (best === null || mode > best ? mode : best), null),
    position: epoch.position ?? (sentence.latitude !== null ? sentence : null),
    height: epoch.height ?? (sentence.altitude !== null ? sentence : null),
    satellitesUsed: epoch.satellitesUsed ?? sentence.satellitesUsed,
    deviations: epoch.deviations ?? sentence.deviations,
  };
}

export function fixOfEpoch(epoch: NmeaEpoch, declared: LiveOrReplay): GnssFix {
  const mode = modeOf(epoch);
  const place = mode >= 2 ? epoch.position : null;
  const time = nmeaTime(epoch.date, epoch.time);
  const deviations = mode >= 2 ? epoch.deviations : null;
  return {
    source: sourceOf(epoch, declared),
    mode,
    receivedBootUs: epoch.receivedBootUs,
    timeUs: time?.timeUs ?? null,
    // NMEA has no field for it.
    timeErrorUs: null,
    pps: false,
    leapPending: time?.leapSecond ?? false,
    ...positionOf(place?.latitude ?? null, place?.longitude ?? null),
    heightMm: mode === 3 ? heightOf(ellipsoidHeight(epoch)) : null,
    horizontalErrorMm: deviations === null ? null : errorOf(horizontal95(deviations[0], deviations[1])),
    // 1.96 standard deviations are 95 %; 2 is on the safe side.
    verticalErrorMm: deviations === null || mode < 3 ? null : errorOf(2 * deviations[2]),
    satellitesUsed: epoch.satellitesUsed,
    interference: "",
  };
}

/** The worst word counts: any sentence of the epoch that says "no fix" or "not from the sky" makes it none. */
function modeOf(epoch: NmeaEpoch): GnssFix["mode"] {
  if (epoch.qualities.has("none") || epoch.qualities.has("other")) return 1;
  if (epoch.mode === 1 || epoch.qualities.size === 0) return 1;
  return epoch.mode ?? (ellipsoidHeight(epoch) === null ? 2 : 3);
}

function sourceOf(epoch: NmeaEpoch, declared: LiveOrReplay): GnssSource {
  if (declared === "replay") return "replay";
  return epoch.qualities.has("simulated") ? "simulated" : "gnss";
}

function ellipsoidHeight(epoch: NmeaEpoch): number | null {
  const altitude = epoch.height?.altitude ?? null;
  const separation = epoch.height?.geoidSeparation ?? null;
  return altitude === null || separation === null ? null : altitude + separation;
}

/** Twice the root of the summed squares holds at least 95 % for every shape of the ellipse. */
function horizontal95(north: number, east: number): number {
  return 2 * Math.sqrt(north * north + east * east);
}
