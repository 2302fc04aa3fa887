/** Boxes of spectrum: [lowerHz, upperHz) × area × [from, until) × power limits × commodity class (PROTOCOL §3 Scope). */
import { limits } from "../wire/limits.ts";
import { choice, type Field, flag, integer, list, struct } from "./field.ts";
import { centiDbm, durationUs, frequencyHz, instantUs, word } from "./shared-fields.ts";

export type Vertex = { readonly latE7: number; readonly lonE7: number };

export type PowerLimit = {
  readonly centiDbm: number;
  /** Reference bandwidth; 0 is the whole carrier. */
  readonly referenceHz: number;
  readonly measure: "eirp" | "erp" | "trp" | "conducted";
  readonly detector: "rms" | "peak";
};

export type Box = {
  readonly lowerHz: number;
  readonly upperHz: number;
  /** A simple polygon, 3 to 120 vertices, edges straight in (lon, lat), not across the antimeridian. */
  readonly area: readonly Vertex[];
  readonly fromUs: number;
  readonly untilUs: number;
  /** All of them hold. */
  readonly limits: readonly PowerLimit[];
  readonly commodityClass: string;
};

/** A box that is traded. */
export type Block = Box & { readonly exclusive: boolean };

/** Within any window of this length, a transmitter may be on the air between these edges for this share of it at most. */
export type DutyCycle = {
  readonly lowerHz: number;
  readonly upperHz: number;
  /** Hundredths of a percent. */
  readonly shareCentiPercent: number;
  readonly windowUs: number;
};

/** How a block may be divided; 0 means not at all in that dimension. */
export type Steps = {
  readonly frequencyStepHz: number;
  readonly frequencyMinimumHz: number;
  readonly timeStepUs: number;
  readonly timeMinimumUs: number;
  readonly areaDivisible: boolean;
};

const vertex: Field<Vertex> = struct<Vertex>({
  latE7: integer(-900_000_000, 900_000_000),
  lonE7: integer(-1_800_000_000, 1_800_000_000),
});

const powerLimit: Field<PowerLimit> = struct<PowerLimit>({
  centiDbm,
  referenceHz: frequencyHz,
  measure: choice("eirp", "erp", "trp", "conducted"),
  detector: choice("rms", "peak"),
});

export const area: Field<readonly Vertex[]> = list(vertex, 3, limits.AREA_VERTICES_MAX);
const powerLimits: Field<readonly PowerLimit[]> = list(powerLimit, 1, 8);

const dutyCycle: Field<DutyCycle> = struct<DutyCycle>({
  lowerHz: frequencyHz,
  upperHz: frequencyHz,
  shareCentiPercent: integer(1, 9_999),
  windowUs: integer(1_000_000, 86_400_000_000),
});

/** All of them hold. With the rest of an order they fit in one line to a guard. */
export const dutyCycles: Field<readonly DutyCycle[]> = list(dutyCycle, 0, 16);

export const box: Field<Box> = struct<Box>({
  lowerHz: frequencyHz,
  upperHz: frequencyHz,
  area,
  fromUs: instantUs,
  untilUs: instantUs,
  limits: powerLimits,
  commodityClass: word,
});

export const block: Field<Block> = struct<Block>({
  lowerHz: frequencyHz,
  upperHz: frequencyHz,
  area,
  fromUs: instantUs,
  untilUs: instantUs,
  limits: powerLimits,
  commodityClass: word,
  exclusive: flag,
});

export const steps: Field<Steps> = struct<Steps>({
  frequencyStepHz: frequencyHz,
  frequencyMinimumHz: frequencyHz,
  timeStepUs: durationUs,
  timeMinimumUs: durationUs,
  areaDivisible: flag,
});
