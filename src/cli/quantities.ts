/** Quantities as people read them in a line of text; the JSON documents keep integers and their units. */
import { unitOfName } from "../core/base/codes/unit-of-name.ts";
import type { Measure } from "../core/base/rejection.ts";

/** MHz to the kilohertz, and to the hertz where the frequency has them. */
export function hertz(hz: number): string {
  if (Math.abs(hz) >= 1e6) return `${placed(hz / 1e6, 3, 6)} MHz`;
  return Math.abs(hz) >= 1000 ? `${placed(hz / 1000, 0, 3)} kHz` : `${hz} Hz`;
}

/** `433.500 to 433.600 MHz`. */
export function band(lowerHz: number, upperHz: number): string {
  return `${hertz(lowerHz).replace(/ MHz$/, "")} to ${hertz(upperHz)}`;
}

export function metres(mm: number): string {
  return Math.abs(mm) < 1_000_000 ? `${(mm / 1000).toFixed(1)} m` : `${placed(mm / 1e6, 0, 3)} km`;
}

/** A length of time, in the largest unit that it fills. */
export function duration(us: number): string {
  const size = Math.abs(us);
  if (size < 1000) return `${us} µs`;
  if (size < 1_000_000) return `${placed(us / 1000, 0, size < 10_000 ? 2 : 0)} ms`;
  if (size < 120_000_000) return `${placed(us / 1e6, 0, 2)} s`;
  if (size < 2 * HOUR_US) return `${placed(us / 60e6, 0, 1)} min`;
  return size < 48 * HOUR_US ? `${placed(us / HOUR_US, 0, 1)} h` : `${placed(us / (24 * HOUR_US), 0, 1)} d`;
}

const HOUR_US = 3_600_000_000;

/** UTC to the millisecond; a time that no calendar holds stays a number. */
export function instant(us: number): string {
  const date = new Date(us / 1000);
  return Number.isNaN(date.getTime()) ? `${us} µs UTC` : date.toISOString();
}

export function dbm(centiDbm: number): string {
  return `${placed(centiDbm / 100, 0, 2)} dBm`;
}

/** Ids are told by their first digits, as everywhere in what people read. */
export const ID_DIGITS = 16;

/** What was measured, and what is required: each only where there is something to say. */
export function comparison(measured: Measure, required: Measure): string {
  const [found, wanted] = [measures(measured), measures(required)];
  return [found === "" ? "" : `measured ${found}`, wanted === "" ? "" : `required ${wanted}`]
    .filter((each) => each !== "")
    .join("; ");
}

/** Named measurements in their order: `distance 97.7 m, error 5.4 m`; a bound reads `worst at most 50.0 m`. */
function measures(measure: Measure): string {
  return Object.entries(measure)
    .map(([name, value]) => named(name, value))
    .join(", ");
}

function named(name: string, value: number | string | boolean): string {
  const bound = /(Min|Max)$/.exec(name)?.[1];
  const bare = bound === undefined ? name : name.slice(0, -bound.length);
  if (typeof value === "string") return `${words(name)} ${shortId(value)}`;
  if (typeof value === "boolean") return `${words(name)} ${value ? "yes" : "no"}`;
  const ending = ENDINGS[unitOfName(name)];
  const noun = words(ending === undefined ? bare : bare.slice(0, -ending.letters));
  const limit = bound === undefined ? "" : bound === "Max" ? "at most " : "at least ";
  return `${noun} ${limit}${ending === undefined ? value : ending.text(value)}`.trim();
}

type Ending = { readonly letters: number; readonly text: (value: number) => string };

/** By the unit's name in the registry of names: how many letters the name ends in for it, and how it is written. */
const ENDINGS: Readonly<Record<string, Ending>> = {
  µs: { letters: 2, text: (us) => (us >= YEAR_2000_US ? instant(us) : duration(us)) },
  "µs of the boot clock": { letters: 2, text: (us) => `${placed(us / 1e6, 3, 6)} s` },
  ms: { letters: 2, text: (ms) => duration(ms * 1000) },
  Hz: { letters: 2, text: hertz },
  mm: { letters: 2, text: metres },
  "1e-7 degree": { letters: 2, text: (e7) => `${(e7 / 1e7).toFixed(7)}°` },
  "centi-dBm": { letters: 8, text: dbm },
  "centi-dB": { letters: 7, text: (centiDb) => `${placed(centiDb / 100, 0, 2)} dB` },
  ppm: { letters: 3, text: (ppm) => `${ppm} ppm` },
  bytes: { letters: 0, text: String },
  "millionths of the currency's unit": { letters: 10, text: (micro) => placed(micro / 1e6, 2, 6) },
};

/** Both times and durations are named in µs: no duration lasts 30 years, and no time of a record lies before 2000. */
const YEAR_2000_US = 946_684_800_000_000;

/** `notLowerHz` without its unit, as words: `not lower`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function shortId(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, ID_DIGITS) : text;
}

/** At least `least` places behind the point, at most `most`. */
function placed(value: number, least: number, most: number): string {
  const [whole = "", places = ""] = value.toFixed(most).split(".");
  const kept = places.replace(/0+$/, "").padEnd(least, "0");
  return kept === "" ? whole : `${whole}.${kept}`;
}
