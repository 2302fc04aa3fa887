/** A commodity as a file, `schema: spectrum-agent.commodity/1`; it becomes the body of a schema record. */
import * as z from "zod";
import {
  type BorderLimit,
  type MaskPoint,
  type Schema,
  schema as schemaKind,
  type Tdd,
} from "../core/record/kinds/schema.ts";
import type { PowerLimit, Steps } from "../core/record/spectrum-fields.ts";
import { boundsOf } from "./field-bounds.ts";
import { type Complaining, complain, flag, list, map, type Piece, word } from "./leaf.ts";
import { complaint } from "./profile-error.ts";
import { type Provenance, provenanceKeys, provenanceOf } from "./provenance.ts";
import { powerLimit, quantity } from "./quantity.ts";
import { DURATION, FIELD_STRENGTH, FREQUENCY, LENGTH } from "./units.ts";

export const COMMODITY_SCHEMA = "spectrum-agent.commodity/1";

export type CommodityDocument = Provenance & { readonly body: Schema };

export function commodityDocument(): Piece<CommodityDocument> {
  const points = boundsOf(schemaKind.body, "mask");
  return map({
    schema: z.literal(COMMODITY_SCHEMA),
    name: word(64, "what offers call it"),
    class: word(64, "commodity class that credentials are issued for"),
    ...provenanceKeys(),
    steps: stepsSection(),
    "guard-band": frequency("guardBandHz", "kept free between exclusive blocks of different leases"),
    mask: list(maskPoint(), points.min, points.max, "what may leak beside the block, from its edge outwards"),
    tdd: tddSection().optional(),
    "border-limit": borderLimit().optional(),
  }).transform((written, context): CommodityDocument => {
    checkMask(written.mask, context);
    const body: Schema = {
      name: written.name,
      commodityClass: written.class,
      steps: written.steps,
      guardBandHz: written["guard-band"],
      mask: written.mask.map(({ offsetHz, limit: { centiDbm, referenceHz } }) => ({
        offsetHz,
        centiDbm,
        referenceHz,
      })),
      tdd: written.tdd ?? null,
      borderLimit: written["border-limit"] ?? null,
    };
    return { ...provenanceOf(written), body };
  });
}

function frequency(path: string, description: string): Piece<number> {
  return quantity(FREQUENCY, description, boundsOf(schemaKind.body, path));
}

function duration(path: string, description: string): Piece<number> {
  return quantity(DURATION, description, boundsOf(schemaKind.body, path));
}

function stepsSection(): Piece<Steps> {
  return map(
    {
      frequency: frequency(
        "steps.frequencyStepHz",
        "edges lie on it, from the offer's lower one; 0Hz: undivided",
      ),
      "frequency-minimum": frequency("steps.frequencyMinimumHz", "narrowest block"),
      time: duration("steps.timeStepUs", "from the offer's start; 0s: undivided"),
      "time-minimum": duration("steps.timeMinimumUs", "shortest block"),
      "area-divisible": flag("may a part of the area be taken"),
    },
    "how an offered block may be divided",
  ).transform((written, context): Steps => {
    checkMinimum(written.frequency, written["frequency-minimum"], "frequency-minimum", context);
    checkMinimum(written.time, written["time-minimum"], "time-minimum", context);
    return {
      frequencyStepHz: written.frequency,
      frequencyMinimumHz: written["frequency-minimum"],
      timeStepUs: written.time,
      timeMinimumUs: written["time-minimum"],
      areaDivisible: written["area-divisible"],
    };
  });
}

function tddSection(): Piece<Tdd> {
  return map(
    {
      class: word(64, "frame structure and its alignment; equal classes are synchronised"),
      guard: frequency("tdd.guardHz", "kept free between exclusive blocks of different classes"),
    },
    "time division duplex",
  ).transform(({ class: name, guard }): Tdd => ({ class: name, guardHz: guard }));
}

function borderLimit(): Piece<BorderLimit> {
  const within = (name: keyof BorderLimit) => boundsOf(schemaKind.body, `borderLimit.${name}`);
  return map(
    {
      field: quantity(FIELD_STRENGTH, "greatest field strength", within("centiDbuvPerM")),
      per: frequency("borderLimit.referenceHz", "bandwidth that it is measured in"),
      height: quantity(LENGTH, "above ground", within("heightMm")),
    },
    "at the border of a block's area; stated, and checked by nobody here",
  ).transform(
    ({ field, per, height }): BorderLimit => ({
      centiDbuvPerM: field,
      referenceHz: per,
      heightMm: height,
    }),
  );
}

/** A minimum between two steps would never be met exactly, and is a slip. */
function checkMinimum(step: number, minimum: number, key: string, context: Complaining): void {
  if (step === 0 || minimum % step === 0) return;
  complain(context, [key], complaint("fields-order", "a whole number of steps"));
}

type WrittenPoint = { readonly offsetHz: MaskPoint["offsetHz"]; readonly limit: PowerLimit };

function maskPoint(): Piece<WrittenPoint> {
  return map({
    offset: frequency("mask.offsetHz", "from the block's edge"),
    limit: powerLimit("from here to the next point, as in -36dBm/100kHz"),
  }).transform(({ offset, limit }, context): WrittenPoint => {
    if (limit.referenceHz === 0 || limit.measure !== "eirp" || limit.detector !== "rms") {
      complain(context, ["limit"], complaint("field-form", "EIRP, rms, in a bandwidth, as in -36dBm/100kHz"));
    }
    return { offsetHz: offset, limit };
  });
}

function checkMask(points: readonly WrittenPoint[], context: Complaining): void {
  for (const [i, { offsetHz }] of points.entries()) {
    const before = points[i - 1];
    if (before === undefined || before.offsetHz < offsetHz) continue;
    complain(context, ["mask", i, "offset"], complaint("fields-order", "more than the offset before"));
  }
}
