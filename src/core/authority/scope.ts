/** Whether a scope or a block lies inside the scope that it is derived from (PROTOCOL §3 Scope). */
import { type Rejection, rejection } from "../base/rejection.ts";
import { limitsInside } from "../commodity/power.ts";
import { areaOf } from "../geometry/area.ts";
import { outsideAt } from "../geometry/containment.ts";
import type { Box } from "../record/spectrum-fields.ts";
import { limits } from "../wire/limits.ts";

/**
 * Every reason why `child` is no scope or exceeds `parent`; none when each of its boxes lies inside one box of
 * `parent`. For a box that lies in none, the reasons are those against the parent's box with the fewest, whose index
 * they name as `parentBox`. A malformed box of the parent holds nothing.
 */
export function scopeInside(
  child: readonly Box[],
  parent: readonly Box[],
  field: string = "scope",
): readonly Rejection[] {
  const malformed = checkScope(child, field);
  if (malformed.length > 0) return malformed;
  return child.flatMap((box, i) => insideOne(box, parent, `${field}[${i}]`));
}

/** Every reason why `block` is malformed or lies in none of `boxes`, as in `scopeInside`. */
export function blockInsideScope(
  block: Box,
  boxes: readonly Box[],
  field: string = "block",
): readonly Rejection[] {
  const malformed = checkBox(block, field);
  return malformed.length > 0 ? malformed : insideOne(block, boxes, field);
}

/** Every reason why `boxes` is no scope: too many boxes or vertices, and what `checkBox` finds. */
export function checkScope(boxes: readonly Box[], field: string = "scope"): readonly Rejection[] {
  // Peer-controlled: the counts come first, so that the work after them is bounded.
  const counts = scopeCounts(boxes, field);
  return counts.length > 0 ? counts : boxes.flatMap((box, i) => checkBox(box, `${field}[${i}]`));
}

/** `box-frequency-empty`, `box-time-empty`, or why the area is no simple polygon. */
export function checkBox(box: Box, field: string): readonly Rejection[] {
  const { lowerHz, upperHz, fromUs, untilUs } = box;
  const found: Rejection[] = [];
  if (lowerHz >= upperHz) {
    found.push(rejection("box-frequency-empty", `${field}.upperHz`, { upperHz }, { above: lowerHz }));
  }
  if (fromUs >= untilUs) {
    found.push(rejection("box-time-empty", `${field}.untilUs`, { untilUs }, { above: fromUs }));
  }
  const area = areaOf(box.area, `${field}.area`);
  return area.ok ? found : [...found, ...area.rejections];
}

/**
 * Every excess of `child` over `parent`: `box-frequency-outside`, `box-time-outside`, `box-class-mismatch`,
 * `box-area-outside`, and those of `limitsInside`. Equal is inside.
 */
export function boxInside(child: Box, parent: Box, field: string): readonly Rejection[] {
  return EXCESSES.flatMap((excess) => excess(child, parent, field));
}

function scopeCounts(boxes: readonly Box[], field: string): readonly Rejection[] {
  const boxesMax = limits.SCOPE_BOXES_MAX;
  if (boxes.length > boxesMax) {
    return [rejection("scope-box-count", field, { boxes: boxes.length }, { boxesMax })];
  }
  const vertices = boxes.reduce((sum, { area }) => sum + area.length, 0);
  const verticesMax = limits.CREDENTIAL_VERTICES_MAX;
  return vertices > verticesMax
    ? [rejection("scope-vertex-count", field, { vertices }, { verticesMax })]
    : [];
}

function insideOne(box: Box, parents: readonly Box[], field: string): readonly Rejection[] {
  if (parents.length === 0)
    return [rejection("scope-empty", field, { parentBoxes: 0 }, { parentBoxesMin: 1 })];
  let closest: readonly Rejection[] | null = null;
  let closestAt = 0;
  for (const [i, parent] of parents.slice(0, limits.SCOPE_BOXES_MAX).entries()) {
    const excess = fewerThan(closest, box, parent, field);
    if (excess === null) continue;
    if (excess.length === 0) return [];
    closest = excess;
    closestAt = i;
  }
  return (closest ?? []).map((each) => ({ ...each, required: { ...each.required, parentBox: closestAt } }));
}

/** The excess over `parent` where it has fewer reasons than `closest`, else null as soon as that is known. */
function fewerThan(
  closest: readonly Rejection[] | null,
  box: Box,
  parent: Box,
  field: string,
): readonly Rejection[] | null {
  const found: Rejection[] = [];
  for (const excess of EXCESSES) {
    found.push(...excess(box, parent, field));
    if (closest !== null && found.length >= closest.length) return null;
  }
  return found;
}

function frequencyExcess({ lowerHz, upperHz }: Box, parent: Box, field: string): readonly Rejection[] {
  const code = "box-frequency-outside";
  const found: Rejection[] = [];
  if (lowerHz < parent.lowerHz) {
    found.push(rejection(code, `${field}.lowerHz`, { lowerHz }, { lowerHzMin: parent.lowerHz }));
  }
  if (upperHz > parent.upperHz) {
    found.push(rejection(code, `${field}.upperHz`, { upperHz }, { upperHzMax: parent.upperHz }));
  }
  return found;
}

function timeExcess({ fromUs, untilUs }: Box, parent: Box, field: string): readonly Rejection[] {
  const code = "box-time-outside";
  const found: Rejection[] = [];
  if (fromUs < parent.fromUs) {
    found.push(rejection(code, `${field}.fromUs`, { fromUs }, { fromUsMin: parent.fromUs }));
  }
  if (untilUs > parent.untilUs) {
    found.push(rejection(code, `${field}.untilUs`, { untilUs }, { untilUsMax: parent.untilUs }));
  }
  return found;
}

function classExcess({ commodityClass }: Box, parent: Box, field: string): readonly Rejection[] {
  if (commodityClass === parent.commodityClass) return [];
  const required = { commodityClass: parent.commodityClass };
  return [rejection("box-class-mismatch", `${field}.commodityClass`, { commodityClass }, required)];
}

function limitExcess(child: Box, parent: Box, field: string): readonly Rejection[] {
  return limitsInside(child.limits, parent.limits, child.upperHz - child.lowerHz, `${field}.limits`);
}

function areaExcess(child: Box, parent: Box, field: string): readonly Rejection[] {
  const inner = areaOf(child.area, `${field}.area`);
  const outer = areaOf(parent.area, "area");
  if (!inner.ok) return inner.rejections;
  if (!outer.ok) {
    const why = outer.rejections.map(({ code }) => code).join(", ");
    return [
      rejection("box-area-outside", `${field}.area`, { parentArea: why }, { parentArea: "a simple polygon" }),
    ];
  }
  const vertex = outsideAt(inner.value, outer.value);
  if (vertex === null) return [];
  const measured: Record<string, number> = { ...inner.value.vertices[vertex] };
  const required = { ...outer.value.bounds, vertices: parent.area.length };
  return [rejection("box-area-outside", `${field}.area[${vertex}]`, measured, required)];
}

/** Cheapest first: most boxes of a parent are ruled out before geometry is looked at. */
const EXCESSES = [frequencyExcess, timeExcess, classExcess, limitExcess, areaExcess] as const;
