/**
 * The one file that names the npm package gps: one NMEA 0183 sentence as what this driver reads of it.
 * Times are left as text: the package cuts them to ms and takes today's date where a sentence has none.
 */
import { GPS } from "gps";

/** How a receiver says that it found its place. `other` is a manual entry or dead reckoning: nothing from the sky. */
export type NmeaQuality = "none" | "sky" | "simulated" | "other";

export type NmeaSentence = {
  readonly type: "GGA" | "GNS" | "GSA" | "GST" | "RMC" | "ZDA";
  /** `hhmmss.sss`, or "" where the sentence has none. */
  readonly time: string;
  /** `ddmmyy` or `ddmmyyyy`, or "". */
  readonly date: string;
  readonly quality: NmeaQuality | null;
  /** Degrees. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Metres: above the geoid; geoid above the ellipsoid. */
  readonly altitude: number | null;
  readonly geoidSeparation: number | null;
  readonly satellitesUsed: number | null;
  /** Mode of a GSA. */
  readonly mode: 1 | 2 | 3 | null;
  /** Standard deviations of a GST, metres: latitude, longitude, height. */
  readonly deviations: readonly [number, number, number] | null;
};

/**
 * Peer-controlled: any text. Null when it is no sentence with a right checksum, or malformed inside;
 * "unused" when it is a good one that this driver has no use for.
 */
export function nmeaSentence(line: string): NmeaSentence | "unused" | null {
  const parsed = parse(line);
  if (parsed === false || !parsed.valid) return null;
  const fields = line.slice(0, line.indexOf("*")).split(",");
  const sentence = { ...EMPTY, time: fields[1] ?? "" };
  switch (parsed.type) {
    case "RMC":
      return {
        ...sentence,
        type: "RMC",
        date: fields[9] ?? "",
        quality: rmcQuality(parsed.status, parsed.faa),
        ...coordinates(fields.slice(3, 7), parsed),
      };
    case "GGA":
      return {
        ...sentence,
        type: "GGA",
        quality: ggaQuality(parsed.quality),
        ...coordinates(fields.slice(2, 6), parsed),
        altitude: finite(parsed.alt),
        geoidSeparation: finite(parsed.geoidal),
        satellitesUsed: count(parsed.satellites),
      };
    case "GNS":
      return {
        ...sentence,
        type: "GNS",
        quality: gnsQuality(parsed.mode),
        ...coordinates(fields.slice(2, 6), parsed),
        altitude: finite(parsed.alt),
        geoidSeparation: finite(parsed.sep),
        satellitesUsed: count(parsed.satsUsed),
      };
    case "GSA":
      return { ...EMPTY, type: "GSA", mode: parsed.fix === "3D" ? 3 : parsed.fix === "2D" ? 2 : 1 };
    case "GST":
      return { ...sentence, type: "GST", deviations: deviations(parsed) };
    case "ZDA":
      return { ...sentence, type: "ZDA", date: `${fields[2] ?? ""}${fields[3] ?? ""}${fields[4] ?? ""}` };
    default:
      return "unused";
  }
}

const EMPTY = {
  time: "",
  date: "",
  quality: null,
  latitude: null,
  longitude: null,
  altitude: null,
  geoidSeparation: null,
  satellitesUsed: null,
  mode: null,
  deviations: null,
} as const;

function parse(line: string): ReturnType<typeof GPS.Parse> {
  try {
    return GPS.Parse(line);
  } catch {
    // The package throws on a wrong number of fields or an unknown letter: the caller counts it.
    return false;
  }
}

const LATITUDE = /^\d{4}(\.\d{1,16})?$/;
const LONGITUDE = /^\d{5}(\.\d{1,16})?$/;

/** The package reads a coordinate without its letter as one with another number of digits: look at the text first. */
function coordinates(
  texts: readonly string[],
  parsed: { readonly lat: number | null; readonly lon: number | null },
): Pick<NmeaSentence, "latitude" | "longitude"> {
  const [latitude = "", northSouth = "", longitude = "", eastWest = ""] = texts;
  const sound =
    LATITUDE.test(latitude) &&
    /^[NS]$/.test(northSouth) &&
    LONGITUDE.test(longitude) &&
    /^[EW]$/.test(eastWest);
  return sound
    ? { latitude: finite(parsed.lat), longitude: finite(parsed.lon) }
    : { latitude: null, longitude: null };
}

function rmcQuality(status: string | null, faa: string | null): NmeaQuality {
  if (faa === "simulated") return "simulated";
  if (status !== "active" || faa === "not valid") return "none";
  return faa === "estimated" || faa === "manual input" ? "other" : "sky";
}

function ggaQuality(quality: string | null): NmeaQuality {
  if (quality === null) return "none";
  if (quality === "simulated") return "simulated";
  return quality === "estimated" || quality === "manual" ? "other" : "sky";
}

/** One letter a constellation: the best of them counts, but a simulator spoils them all. */
function gnsQuality(letters: string): NmeaQuality {
  if (letters.includes("S")) return "simulated";
  if (/[ADPRF]/.test(letters)) return "sky";
  return /[EM]/.test(letters) ? "other" : "none";
}

function deviations(parsed: {
  readonly latitudeError: number | null;
  readonly longitudeError: number | null;
  readonly heightError: number | null;
}): readonly [number, number, number] | null {
  const north = finite(parsed.latitudeError);
  const east = finite(parsed.longitudeError);
  const up = finite(parsed.heightError);
  if (north === null || east === null || up === null) return null;
  return north >= 0 && east >= 0 && up >= 0 ? [north, east, up] : null;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function count(value: number | null): number | null {
  // `+ 0` turns -0, which is an integer too, into 0.
  return value !== null && Number.isInteger(value) && value >= 0 && value <= 512 ? value + 0 : null;
}
