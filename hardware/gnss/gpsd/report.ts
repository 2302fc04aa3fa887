/**
 * One line of gpsd's JSON as a typed report: gpsd_json(5), protocol 3. Every field is optional there and null here when
 * it is missing or of another type, because releases differ and a daemon may be broken.
 */
import { isoTime, type UtcTime } from "../utc-time.ts";

export type GpsdDevice = {
  readonly path: string;
  /** False after the daemon gave the device up (`activated` 0), and while it never opened it. */
  readonly active: boolean;
};

export type Tpv = {
  readonly kind: "tpv";
  readonly device: string | null;
  readonly mode: 0 | 1 | 2 | 3;
  /** 8 is a simulated fix; left out for a plain one. */
  readonly status: number | null;
  readonly time: UtcTime | null;
  /** Seconds. gpsd's constant 0.005 is no estimate (FACTS "gpsd"). */
  readonly ept: number | null;
  /** Degrees. */
  readonly lat: number | null;
  readonly lon: number | null;
  /** Metres: above the ellipsoid; above the geoid; legacy, above one or the other; geoid above the ellipsoid. */
  readonly altHAE: number | null;
  readonly altMSL: number | null;
  readonly alt: number | null;
  readonly geoidSep: number | null;
  /** Metres, 95 %. */
  readonly eph: number | null;
  readonly epx: number | null;
  readonly epy: number | null;
  readonly epv: number | null;
  /** Seconds that GPS time is ahead of UTC. */
  readonly leapseconds: number | null;
  /** From 3.26 on: 0 no jamming … 255 strong; state of the antenna. */
  readonly jam: number | null;
  readonly ant: number | null;
};

export type Sky = {
  readonly kind: "sky";
  readonly device: string | null;
  readonly used: number | null;
};

/** A pulse per second: the true time of its edge beside the host's wall clock at that edge, µs since 1970. */
export type Pps = {
  readonly kind: "pps";
  readonly device: string | null;
  readonly realUs: number;
  readonly clockUs: number;
  /** log2 of seconds. */
  readonly precision: number | null;
};

/** The same two times for the receiver's message instead of its pulse. */
export type Toff = Omit<Pps, "kind" | "precision"> & { readonly kind: "toff" };

export type GpsdReport =
  | { readonly kind: "version"; readonly release: string; readonly protocol: string }
  | { readonly kind: "devices"; readonly devices: readonly GpsdDevice[] }
  | { readonly kind: "device"; readonly device: GpsdDevice }
  | Tpv
  | Sky
  | Pps
  | Toff
  | { readonly kind: "error"; readonly message: string }
  /** A class that this client has no use for, WATCH included, or that a later gpsd brought. */
  | { readonly kind: "other"; readonly name: string };

const DEVICES_MAX = 64;
const SATELLITES_MAX = 512;
const TEXT_MAX = 256;

/** Peer-controlled: any text. Null when it is no JSON object with a class, or lacks what its class cannot do without. */
export function parseReport(line: string): GpsdReport | null {
  const fields = objectOf(line);
  if (fields === null) return null;
  const name = textOf(fields, "class");
  switch (name) {
    case null:
      return null;
    case "VERSION":
      return versionOf(fields);
    case "DEVICES":
      return { kind: "devices", devices: listOf(fields, "devices", DEVICES_MAX).flatMap(deviceOf) };
    case "DEVICE": {
      const device = deviceOf(fields)[0];
      return device === undefined ? null : { kind: "device", device };
    }
    case "TPV":
      return tpvOf(fields);
    case "SKY":
      return { kind: "sky", device: textOf(fields, "device"), used: usedOf(fields) };
    case "PPS": {
      const times = timesOf(fields);
      return times === null ? null : { kind: "pps", ...times, precision: numberOf(fields, "precision") };
    }
    case "TOFF": {
      const times = timesOf(fields);
      return times === null ? null : { kind: "toff", ...times };
    }
    case "ERROR":
      return { kind: "error", message: textOf(fields, "message") ?? "" };
    default:
      return { kind: "other", name };
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectOf(line: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    // Not JSON: the caller counts it.
    return null;
  }
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function numberOf(fields: Fields, name: string): number | null {
  const value = fields[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function textOf(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === "string" ? value.slice(0, TEXT_MAX) : null;
}

function listOf(fields: Fields, name: string, most: number): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) return [];
  return value.slice(0, most).flatMap((item: unknown): Fields[] => {
    const fields = fieldsOf(item);
    return fields === null ? [] : [fields];
  });
}

function versionOf(fields: Fields): GpsdReport {
  const protocol = `${numberOf(fields, "proto_major") ?? "?"}.${numberOf(fields, "proto_minor") ?? "?"}`;
  return { kind: "version", release: textOf(fields, "release") ?? "?", protocol };
}

/** `activated` is a time text while the device is open, 0 or missing otherwise; old releases gave a number. */
function deviceOf(fields: Fields): GpsdDevice[] {
  const path = textOf(fields, "path");
  if (path === null || path === "") return [];
  const activated = fields["activated"];
  return [
    { path, active: typeof activated === "string" || (typeof activated === "number" && activated > 0) },
  ];
}

function tpvOf(fields: Fields): Tpv {
  const mode = numberOf(fields, "mode");
  const time = textOf(fields, "time");
  return {
    kind: "tpv",
    device: textOf(fields, "device"),
    mode: mode === 1 || mode === 2 || mode === 3 ? mode : 0,
    status: numberOf(fields, "status"),
    time: time === null ? null : isoTime(time),
    ept: numberOf(fields, "ept"),
    lat: numberOf(fields, "lat"),
    lon: numberOf(fields, "lon"),
    altHAE: numberOf(fields, "altHAE"),
    altMSL: numberOf(fields, "altMSL"),
    alt: numberOf(fields, "alt"),
    geoidSep: numberOf(fields, "geoidSep"),
    eph: numberOf(fields, "eph"),
    epx: numberOf(fields, "epx"),
    epy: numberOf(fields, "epy"),
    epv: numberOf(fields, "epv"),
    leapseconds: numberOf(fields, "leapseconds"),
    jam: numberOf(fields, "jam"),
    ant: numberOf(fields, "ant"),
  };
}

/** Releases before 3.21 give no `uSat`: count the satellites that say so. */
function usedOf(fields: Fields): number | null {
  const stated = numberOf(fields, "uSat");
  // `+ 0` turns -0, which is an integer too, into 0.
  if (stated !== null)
    return Number.isInteger(stated) && stated >= 0 && stated <= SATELLITES_MAX ? stated + 0 : null;
  if (!Array.isArray(fields["satellites"])) return null;
  return listOf(fields, "satellites", SATELLITES_MAX).filter((satellite) => satellite["used"] === true)
    .length;
}

function timesOf(fields: Fields): Omit<Toff, "kind"> | null {
  const realUs = microsOf(fields, "real");
  const clockUs = microsOf(fields, "clock");
  return realUs === null || clockUs === null ? null : { device: textOf(fields, "device"), realUs, clockUs };
}

/** Seconds and nanoseconds → µs, cut downwards. TOFF's nanoseconds can be negative (FACTS "gpsd"). */
function microsOf(fields: Fields, prefix: string): number | null {
  const seconds = numberOf(fields, `${prefix}_sec`);
  const nanos = numberOf(fields, `${prefix}_nsec`);
  if (seconds === null || nanos === null || !Number.isInteger(seconds) || !Number.isInteger(nanos))
    return null;
  const micros = seconds * 1_000_000 + Math.floor(nanos / 1000);
  return seconds >= 0 && Math.abs(nanos) < 2_000_000_000 && Number.isSafeInteger(micros) ? micros : null;
}
