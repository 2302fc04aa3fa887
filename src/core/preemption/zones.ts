/** Which blocks a directive hits, and what of a granted block it leaves unserved (PROTOCOL §7 Preemption). */
import { areasMeet } from "../commodity/block.ts";
import type { Preemption } from "../record/kinds/preemption.ts";
import type { Block, Vertex } from "../record/spectrum-fields.ts";

type Directive = Pick<Preemption, "zones" | "issuedUs" | "untilUs">;

/** Whether `block` lies in some zone of it, time included; an end of nil is never. */
export function hitsBlock({ zones, issuedUs, untilUs }: Directive, block: Block): boolean {
  if (block.untilUs <= issuedUs || (untilUs !== null && untilUs <= block.fromUs)) return false;
  return zones.some(
    (zone) =>
      zone.commodityClass === block.commodityClass &&
      zone.lowerHz < block.upperHz &&
      block.lowerHz < zone.upperHz &&
      meet(zone.area, block.area),
  );
}

type Area = readonly Vertex[];

/** `areasMeet`, once for each two areas: keyed by lists that nobody changes once they are decoded. */
function meet(zone: Area, of: Area): boolean {
  const under = MEETINGS.get(zone) ?? new WeakMap<Area, boolean>();
  MEETINGS.set(zone, under);
  const known = under.get(of) ?? areasMeet(zone, of);
  under.set(of, known);
  return known;
}

const MEETINGS: WeakMap<Area, WeakMap<Area, boolean>> = new WeakMap();

/** It lasts as long as the grant, or longer: there is nothing left to go on with. */
export function terminates({ untilUs }: Directive, block: Block): boolean {
  return untilUs === null || untilUs >= block.untilUs;
}

/** Of the granted time, what lies between the directive's issue and its end: the same figure for whoever has both, µs. */
export function unservedUs({ issuedUs, untilUs }: Directive, block: Block): number {
  const endUs = untilUs === null ? block.untilUs : Math.min(untilUs, block.untilUs);
  return Math.max(0, endUs - Math.max(issuedUs, block.fromUs));
}

/** That part of a price for the whole block, rounded down, in millionths of the currency's unit. */
export function unservedMicroUnits(microUnits: bigint, directive: Directive, block: Block): bigint {
  const grantedUs = block.untilUs - block.fromUs;
  return grantedUs <= 0 ? 0n : (microUnits * BigInt(unservedUs(directive, block))) / BigInt(grantedUs);
}
