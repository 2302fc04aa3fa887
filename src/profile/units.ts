/** Quantities in files and flags: a number and its unit, exact, into the record's integers (DESIGN §4, PROTOCOL §1 Units). */
import { centiDbDown } from "../core/base/decibel.ts";
import { accept, type Rejection, type Result, refuse, rejection } from "../core/base/rejection.ts";
import type { PowerLimit } from "../core/record/spectrum-fields.ts";

/**
 * What a text may be. The result is an integer of the base unit; a value between two integers is refused as
 * `number-not-exact`, a number alone as `unit-missing`.
 */
export type Quantity = {
  /** What a person calls it. */
  readonly name: string;
  /** The integer that comes out. */
  readonly base: string;
  readonly example: string;
  /** Base units in one of each, ascending. */
  readonly units: Readonly<Record<string, number>>;
  readonly min: number;
  readonly max: number;
};

/** Longer texts are no quantities. */
const TEXT_MAX = 64;

export const FREQUENCY: Quantity = {
  name: "frequency",
  base: "Hz",
  example: "433.92MHz",
  units: { Hz: 1, kHz: 1000, MHz: 1_000_000, GHz: 1_000_000_000 },
  min: 0,
  max: 3_000_000_000_000,
};

export const LENGTH: Quantity = {
  name: "length",
  base: "mm",
  example: "250m",
  units: { mm: 1, cm: 10, m: 1000, km: 1_000_000 },
  min: -50_000_000_000,
  max: 50_000_000_000,
};

export const DURATION: Quantity = {
  name: "duration",
  base: "µs",
  example: "2s",
  units: {
    "\u00b5s": 1,
    "\u03bcs": 1,
    us: 1,
    ms: 1000,
    s: 1_000_000,
    min: 60_000_000,
    h: 3_600_000_000,
    d: 86_400_000_000,
  },
  min: 0,
  max: 1_000_000_000_000_000,
};

/** Signed; latitudes and longitudes have their own bounds and letters. */
export const DEGREES: Quantity = {
  name: "angle",
  base: "1e-7 degree",
  example: "48.1234567deg",
  units: { deg: 10_000_000, "°": 10_000_000 },
  min: -1_800_000_000,
  max: 1_800_000_000,
};

/** Parts per billion, so that clocks of 0.5 ppm can be written. */
export const RATIO: Quantity = {
  name: "ratio",
  base: "ppb",
  example: "2.5ppm",
  units: { ppb: 1, ppm: 1000 },
  min: 0,
  max: 1_000_000_000,
};

/** Hundredths of a percent. */
export const PERCENT: Quantity = {
  name: "share",
  base: "0.01%",
  example: "10%",
  units: { "%": 100 },
  min: 0,
  max: 10_000,
};

export const DECIBELS: Quantity = {
  name: "ratio of powers",
  base: "centi-dB",
  example: "-6dB",
  units: { dB: 100 },
  min: -30_000,
  max: 30_000,
};

/** Hundredths of a dB above 1 µV/m. */
export const FIELD_STRENGTH: Quantity = {
  name: "field strength",
  base: "centi-dB(\u00b5V/m)",
  example: "32dBuV/m",
  units: { "dBuV/m": 100, "dB\u00b5V/m": 100, "dB\u03bcV/m": 100 },
  min: -30_000,
  max: 30_000,
};

const DBM: Quantity = {
  name: "power",
  base: "centi-dBm",
  example: "20dBm",
  units: { dBm: 100 },
  min: -30_000,
  max: 30_000,
};

/** Watts in nanowatts, between -60 dBm and 9 MW; less is written in dBm. */
const WATTS: Quantity = {
  name: "power",
  base: "nW",
  example: "50mW",
  units: {
    nW: 1,
    "\u00b5W": 1000,
    "\u03bcW": 1000,
    uW: 1000,
    mW: 1_000_000,
    W: 1_000_000_000,
    kW: 1_000_000_000_000,
  },
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
};
const NANOWATTS_PER_MILLIWATT = 1_000_000;

/**
 * Reads `text` as one integer of the quantity's base unit. Rejections, each with the text and an example: `unit-missing`,
 * `unit-unknown`, `number-malformed`, `number-not-exact`, `field-range`.
 */
export function parseQuantity(quantity: Quantity, text: string, field: string = ""): Result<number> {
  const parts = NUMBER_AND_UNIT.exec(text.slice(0, TEXT_MAX + 1));
  if (parts === null || text.length > TEXT_MAX) return refuse(no("number-malformed", field, text, quantity));
  const [, sign = "", whole = "", fraction = "", unit = ""] = parts;
  if (unit === "") return refuse(no("unit-missing", field, text, quantity));
  const scale = Object.hasOwn(quantity.units, unit) ? quantity.units[unit] : undefined;
  if (scale === undefined) return refuse(no("unit-unknown", field, text, quantity));
  const divisor = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) * BigInt(scale);
  if (scaled % divisor !== 0n) return refuse(no("number-not-exact", field, text, quantity));
  const value = (sign === "-" ? -scaled : scaled) / divisor;
  if (value < BigInt(quantity.min) || value > BigInt(quantity.max))
    return refuse(no("field-range", field, text, quantity));
  return accept(Number(value));
}

/** A power as centi-dBm. Watts are rounded down to 0.01 dB, since they grant. */
export function parsePower(text: string, field: string = ""): Result<number> {
  if (WATT.test(text)) {
    const nanowatts = parseQuantity(WATTS, text, field);
    return nanowatts.ok ? accept(centiDbDown(nanowatts.value, NANOWATTS_PER_MILLIWATT)) : nanowatts;
  }
  return told(parseQuantity(DBM, text, field), text, { ...DBM, units: { ...DBM.units, ...WATTS.units } });
}

/** 48.1234567°, 48.1deg, 48.1degN: north is positive; a letter takes no sign. */
export function parseLatitude(text: string, field: string = ""): Result<number> {
  return parseCompass(text, field, LATITUDE, "NS");
}

/** East is positive. */
export function parseLongitude(text: string, field: string = ""): Result<number> {
  return parseCompass(text, field, DEGREES, "EW");
}

/**
 * A power limit: `47dBm/10MHz`, `20dBm/MHz`, `50mW ERP`, `10dBm EIRP peak`. Without a bandwidth it is on the whole
 * carrier; without a measure EIRP; without a detector rms.
 */
export function parsePowerLimit(text: string, field: string = ""): Result<PowerLimit> {
  const parts = text.length > TEXT_MAX ? null : LIMIT.exec(text);
  if (parts === null) return refuse(rejection("number-malformed", field, { text: shown(text) }, LIMIT_FORM));
  const [, power = "", per, measure = "eirp", detector = "rms"] = parts;
  const centiDbm = parsePower(power, field);
  if (!centiDbm.ok) return centiDbm;
  const referenceHz =
    per === undefined ? accept(0) : parseQuantity(FREQUENCY, /^[a-z]/i.test(per) ? `1${per}` : per, field);
  if (!referenceHz.ok) return referenceHz;
  // "per 0 Hz" would read as the whole carrier.
  if (per !== undefined && referenceHz.value === 0)
    return refuse(no("field-range", field, text, { ...FREQUENCY, min: 1 }));
  return accept({
    centiDbm: centiDbm.value,
    referenceHz: referenceHz.value,
    measure: measure.toLowerCase() as PowerLimit["measure"],
    detector: detector.toLowerCase() as PowerLimit["detector"],
  });
}

/** The other way round, for people: `parseQuantity` of it is `value` again. */
export function formatQuantity(quantity: Quantity, value: number): string {
  const size = Math.abs(value);
  const written = Object.entries(quantity.units).filter(
    ([unit, scale]) => PEOPLE.has(unit) && exactIn(size, scale),
  );
  const [unit, scale] = written.findLast(([, each]) => each <= size) ?? written[0] ?? ["", 1];
  return `${value < 0 ? "-" : ""}${decimal(size, scale)}${unit === "%" || unit === "°" ? "" : " "}${unit}`;
}

export function formatPower(centiDbm: number): string {
  return formatQuantity(DBM, centiDbm);
}

export function formatPowerLimit({ centiDbm, referenceHz, measure, detector }: PowerLimit): string {
  const per = referenceHz === 0 ? "" : `/${formatQuantity(FREQUENCY, referenceHz)}`;
  const kind = measure === "conducted" ? measure : measure.toUpperCase();
  return `${formatPower(centiDbm)}${per} ${kind}${detector === "rms" ? "" : ` ${detector}`}`;
}

const LATITUDE: Quantity = { ...DEGREES, name: "latitude", min: -900_000_000, max: 900_000_000 };

/** Units that are written; the others are only read. Minutes, hours and days only for whole numbers of them. */
const PEOPLE: ReadonlySet<string> = new Set(
  "Hz kHz MHz GHz mm m km \u00b5s ms s min h d ° ppm % dB dBm".split(" "),
);

const NUMBER_AND_UNIT = /^([+-]?)([0-9]+)(?:\.([0-9]+))?[ ]?((?![eE][0-9+-])[^\s0-9.,_+-][^\s]*)?$/u;
const WATT = /[0-9][ ]?[a-zA-Z\u00b5\u03bc]?W$/u;
const LIMIT =
  /^([^/]*?[^/ ])[ ]?(?:\/[ ]?([^/]*?[^/ ]))?(?:[ ](eirp|erp|trp|conducted))?(?:[ ](rms|peak))?$/iu;
const LIMIT_FORM = { example: "47dBm/10MHz", form: "power[/bandwidth][ EIRP|ERP|TRP|conducted][ rms|peak]" };

function no(code: string, field: string, text: string, quantity: Quantity): Rejection {
  const { name, base, example, units, min, max } = quantity;
  const required = { quantity: name, base, units: Object.keys(units).join(" "), min, max, example };
  return rejection(code, field, { text: shown(text) }, required);
}

function shown(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

/** The same failures, told of what the person wrote and may write. */
function told(result: Result<number>, text: string, quantity: Quantity): Result<number> {
  if (result.ok) return result;
  return refuse(...result.rejections.map(({ code, field }) => no(code, field, text, quantity)));
}

function parseCompass(text: string, field: string, quantity: Quantity, letters: string): Result<number> {
  const letter = text.at(-1) ?? "";
  if (letter === "" || !letters.includes(letter)) return parseQuantity(quantity, text, field);
  const bare = text.slice(0, -1).trimEnd();
  if (/^[+-]/.test(bare)) return refuse(no("number-malformed", field, text, quantity));
  return told(parseQuantity(quantity, letter === letters.at(-1) ? `-${bare}` : bare, field), text, quantity);
}

function exactIn(size: number, scale: number): boolean {
  return isPowerOfTen(scale) || (size % scale === 0 && size > 0);
}

function isPowerOfTen(scale: number): boolean {
  return /^10*$/.test(String(scale));
}

/** size / scale in decimals, exact: scale is a power of ten or divides size. */
function decimal(size: number, scale: number): string {
  if (!isPowerOfTen(scale)) return String(size / scale);
  const places = String(scale).length - 1;
  const digits = String(size).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
