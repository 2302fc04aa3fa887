/** How a block may be cut from another, and when two of them collide (PROTOCOL §6 Recognition, content-match). */
import { boxInside, checkBox } from "../authority/scope.ts";
import { type Measure, type Rejection, rejection } from "../base/rejection.ts";
import { areaOf } from "../geometry/area.ts";
import { interiorsDisjoint } from "../geometry/containment.ts";
import { samePolygon } from "../geometry/polygon.ts";
import type { Box, Steps, Vertex } from "../record/spectrum-fields.ts";

/**
 * Every reason why `part` is not a piece of `whole`: what `checkBox` and `boxInside` find, `block-indivisible` where a
 * step of 0 asks for the whole, `block-not-aligned` where an edge is not a whole number of steps from the whole's lower
 * one (all of it is always aligned), `block-under-minimum`. Whether they are exclusive is not compared here.
 */
export function blockWithinOffer(
  part: Box,
  whole: Box,
  steps: Steps,
  field: string = "block",
): readonly Rejection[] {
  const malformed = checkBox(part, field);
  if (malformed.length > 0) return malformed;
  return [
    ...boxInside(part, whole, field),
    ...cut(frequencyCut(part, whole, steps), field),
    ...cut(timeCut(part, whole, steps), field),
    ...(steps.areaDivisible ? [] : wholeArea(part, whole, field)),
  ];
}

/**
 * Whether two blocks need the same spectrum at one place and time: their frequencies overlap or are less than `guardHz`
 * apart, their times overlap, and the interiors of their areas meet. An area that is no simple polygon may be anywhere.
 */
export function blocksConflict(a: Box, b: Box, guardHz: number): boolean {
  if (!spansMeet(a, b, guardHz)) return false;
  return areasMeet(a.area, b.area);
}

/** Whether their interiors meet; an area that is no simple polygon may be anywhere. */
export function areasMeet(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  const [one, other] = [areaOf(a, "area"), areaOf(b, "area")];
  return !one.ok || !other.ok || !interiorsDisjoint(one.value, other.value);
}

/** Whether they overlap in frequency, with the guard band, and in time: what is cheap of `blocksConflict`. */
export function spansMeet(a: Box, b: Box, guardHz: number): boolean {
  if (a.lowerHz >= b.upperHz + guardHz || b.lowerHz >= a.upperHz + guardHz) return false;
  return a.fromUs < b.untilUs && b.fromUs < a.untilUs;
}

/** One dimension of a block against the whole, its names as they stand in the record. */
type Cut = {
  readonly names: readonly [string, string];
  readonly part: readonly [number, number];
  readonly whole: readonly [number, number];
  readonly step: number;
  readonly minimum: number;
};

function frequencyCut(part: Box, whole: Box, steps: Steps): Cut {
  return {
    names: ["lowerHz", "upperHz"],
    part: [part.lowerHz, part.upperHz],
    whole: [whole.lowerHz, whole.upperHz],
    step: steps.frequencyStepHz,
    minimum: steps.frequencyMinimumHz,
  };
}

function timeCut(part: Box, whole: Box, steps: Steps): Cut {
  return {
    names: ["fromUs", "untilUs"],
    part: [part.fromUs, part.untilUs],
    whole: [whole.fromUs, whole.untilUs],
    step: steps.timeStepUs,
    minimum: steps.timeMinimumUs,
  };
}

function cut({ names, part, whole, step, minimum }: Cut, field: string): readonly Rejection[] {
  const [lower, upper] = names;
  const found: Rejection[] = [];
  const all = part[0] === whole[0] && part[1] === whole[1];
  if (step === 0 && !all) {
    const required: Measure = { [lower]: whole[0], [upper]: whole[1], step };
    found.push(
      rejection("block-indivisible", `${field}.${lower}`, { [lower]: part[0], [upper]: part[1] }, required),
    );
  }
  for (const [i, name] of step === 0 || all ? [] : names.entries()) {
    const edge = part[i] as number;
    if ((edge - whole[0]) % step === 0) continue;
    found.push(
      rejection("block-not-aligned", `${field}.${name}`, { [name]: edge }, { from: whole[0], step }),
    );
  }
  const width = part[1] - part[0];
  if (width < minimum) {
    found.push(rejection("block-under-minimum", `${field}.${upper}`, { width }, { widthMin: minimum }));
  }
  return found;
}

function wholeArea(part: Box, whole: Box, field: string): readonly Rejection[] {
  const [one, other] = [areaOf(part.area, "area"), areaOf(whole.area, "area")];
  if (one.ok && other.ok && samePolygon(one.value, other.value)) return [];
  const required = { area: "the whole", vertices: whole.area.length };
  return [rejection("block-indivisible", `${field}.area`, { vertices: part.area.length }, required)];
}
