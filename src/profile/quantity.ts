/** Leaves that hold a quantity with its unit; a bare number is refused (DESIGN §4). */
import type { Rejection, Result } from "../core/base/rejection.ts";
import type { PowerLimit, Vertex } from "../core/record/spectrum-fields.ts";
import { type LeafForm, leaf, map, type Piece, type Reading, read, refuse } from "./leaf.ts";
import { type Complaint, complaint, PROFILE_CODES, type ProfileCode } from "./profile-error.ts";
import {
  DEGREES,
  formatQuantity,
  parseLatitude,
  parseLongitude,
  parsePower,
  parsePowerLimit,
  parseQuantity,
  type Quantity,
  RATIO,
} from "./units.ts";

export type Range = { readonly min: number; readonly max: number };

/** Thousandths of one, `2000permille` or `200%`: `2` alone would leave open of what. */
const FACTOR: Quantity = {
  name: "factor",
  base: "permille",
  example: "2000permille",
  units: { permille: 1, "%": 10 },
  min: 0,
  max: 100_000,
};

/** In mm an hour, so that m/s and km/h are both exact. */
const SPEED: Quantity = {
  name: "speed",
  base: "mm/h",
  example: "0m/s",
  units: { "mm/s": 3_600, "m/s": 3_600_000, "km/h": 1_000_000 },
  min: 0,
  max: 36_000_000_000,
};
const SECONDS_PER_HOUR = 3_600;
/** 1,000 m/s: faster than what any antenna is carried by. */
const VELOCITY_MAX = 3_600_000_000;

/** An integer of the quantity's base unit, within `range` where that is narrower. */
export function quantity(kind: Quantity, description: string, range: Partial<Range> = {}): Piece<number> {
  const narrow = {
    ...kind,
    min: Math.max(kind.min, range.min ?? kind.min),
    max: Math.min(kind.max, range.max ?? kind.max),
  };
  return withUnit(formOf(narrow, description), textOf(narrow), kind.example, (text) =>
    parseQuantity(narrow, text),
  );
}

/** Greatest speeds: mm/s, rounded up. */
export function speed(description: string): Piece<number> {
  return quantity(SPEED, description).transform((mmPerHour) => Math.ceil(mmPerHour / SECONDS_PER_HOUR));
}

/** Speeds that have a sense: mm/s, rounded towards nothing. */
export function velocity(description: string): Piece<number> {
  const bothWays = { ...SPEED, example: "2m/s", min: -VELOCITY_MAX, max: VELOCITY_MAX };
  return quantity(bothWays, description).transform((mmPerHour) => Math.trunc(mmPerHour / SECONDS_PER_HOUR));
}

/** Drift of a clock: ppm, rounded up. */
export function drift(maxPpm: number, description: string): Piece<number> {
  const ppb = quantity(RATIO, description, { max: maxPpm * 1000 });
  return ppb.transform((value) => Math.ceil(value / 1000));
}

/** Thousandths. */
export function factor(description: string): Piece<number> {
  return quantity(FACTOR, description);
}

/** centi-dBm. */
export function power(description: string): Piece<number> {
  const allowed = "a power such as 20dBm or 50mW";
  return withUnit({ description, examples: ["20dBm", "50mW"] }, allowed, "20dBm", parsePower);
}

export function powerLimit(description: string): Piece<PowerLimit> {
  const allowed = "a power limit such as 10mW ERP, 20dBm/MHz, 47dBm/10MHz EIRP";
  const form = { description, examples: ["10mW ERP", "47dBm/10MHz", "20dBm EIRP peak"] };
  return withUnit(form, allowed, "10mW ERP", parsePowerLimit);
}

export function latitude(description: string): Piece<number> {
  const form = { description, examples: ["52.5163deg", "52.5163°N"] };
  return withUnit(form, "degrees such as 52.5163deg, -90deg to 90deg", "52.5163deg", parseLatitude);
}

export function longitude(description: string): Piece<number> {
  const form = { description, examples: ["13.3777deg", "13.3777°E"] };
  return withUnit(form, "degrees such as 13.3777deg, -180deg to 180deg", "13.3777deg", parseLongitude);
}

/** A place on the ellipsoid. The keys are spelt out: the order of bare pairs is everybody's mistake. */
export function place(description: string): Piece<Vertex> {
  return map(
    { latitude: latitude("north positive"), longitude: longitude("east positive") },
    description,
  ).transform(({ latitude: latE7, longitude: lonE7 }) => ({ latE7, lonE7 }));
}

/** 1e-7 degree, of any angle within ±180°. */
export function degrees(description: string): Piece<number> {
  return quantity(DEGREES, description);
}

type Form = Omit<LeafForm, "type">;

/** A text with a unit; a bare number is told that its unit is missing. */
function withUnit<T>(
  form: Form,
  allowed: string,
  example: string,
  parse: (text: string) => Result<T>,
): Piece<T> {
  return leaf({ type: "string", ...form }, allowed, (value): Reading<T> => {
    if (typeof value === "number")
      return refuse(complaint("unit-missing", allowed, `write the unit, as in \`${example}\``));
    if (typeof value !== "string") return refuse(complaint("field-type", allowed));
    const parsed = parse(value);
    return parsed.ok ? read(parsed.value) : refuse(complaintOf(parsed.rejections, allowed, example));
  });
}

function complaintOf(rejections: readonly Rejection[], allowed: string, example: string): Complaint {
  const code = rejections[0]?.code ?? "";
  const known = Object.hasOwn(PROFILE_CODES, code) ? (code as ProfileCode) : "number-malformed";
  return complaint(known, allowed, known === "unit-missing" ? `write the unit, as in \`${example}\`` : "");
}

function textOf(kind: Quantity): string {
  const units = Object.keys(kind.units).join(" ");
  const range = `${formatQuantity(kind, kind.min)} to ${formatQuantity(kind, kind.max)}`;
  return `a ${kind.name} such as ${kind.example}, in ${units}, ${range}`;
}

function formOf(kind: Quantity, description: string): Form {
  const units = Object.keys(kind.units).map((unit) => unit.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  return {
    description,
    pattern: `^[+-]?[0-9]+([.][0-9]+)? ?(${units.join("|")})$`,
    examples: [kind.example],
  };
}
