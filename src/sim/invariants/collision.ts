/** Whether two blocks need the same spectrum, counted apart from the book that is judged by it (PROTOCOL §6 Gates). */
import { blocksConflict } from "../../core/commodity/block.ts";
import type { Block } from "../../core/record/spectrum-fields.ts";

/** Nearer than `guardHz` in frequency, overlapping in time, at one place, and one of them exclusive. */
export function collides(a: Block, b: Block, guardHz: number): boolean {
  if (!a.exclusive && !b.exclusive) return false;
  const gapHz = Math.max(a.lowerHz - b.upperHz, b.lowerHz - a.upperHz);
  const gapUs = Math.max(a.fromUs - b.untilUs, b.fromUs - a.untilUs);
  return gapHz < guardHz && gapUs < 0 && areasMeet(a, b);
}

/** Areas alone: with one band and one interval nothing else keeps two blocks apart. */
function areasMeet(a: Block, b: Block): boolean {
  const { lowerHz, upperHz, fromUs, untilUs } = a;
  return blocksConflict(a, { ...b, lowerHz, upperHz, fromUs, untilUs }, 0);
}
