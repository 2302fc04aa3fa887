/** What a consumer holds at one time over all sellers, and the ceilings on it (PROTOCOL §7; 47 CFR 96.31). */
import { type Rejection, rejection } from "../base/rejection.ts";
import { areasMeet } from "../commodity/block.ts";
import { boundingBox, type Rectangle } from "../geometry/polygon.ts";
import type { Holding } from "../record/kinds/acceptance.ts";
import type { HoldingsCeiling, Policy } from "../record/kinds/policy.ts";
import type { Block } from "../record/spectrum-fields.ts";

/** `artifactOrAcceptance`: the lease's, or of the acceptance that is still pending. */
export function holdingOf(artifactOrAcceptance: Uint8Array, block: Block, leaseClass: string): Holding {
  const { lowerHz, upperHz, fromUs, untilUs, commodityClass, area } = block;
  const { southE7, westE7, northE7, eastE7 } = boundingBox(area);
  const extent = { southE7, westE7, northE7, eastE7 };
  return { artifactOrAcceptance, lowerHz, upperHz, fromUs, untilUs, commodityClass, leaseClass, extent };
}

export type Wanted = {
  readonly block: Block;
  readonly leaseClass: string;
  /** All that its consumer holds besides. */
  readonly holdings: readonly Holding[];
  /** Of the consumer's own credential; null: none there. */
  readonly holdingsMaxHz: number | null;
  readonly policy: Policy;
};

/** `holdings-ceiling` for each ceiling, the credential's and policy's, that `block` would be above at any moment. */
export function ceilingFindings(wanted: Wanted): readonly Rejection[] {
  const { block, leaseClass, holdings, policy } = wanted;
  const policys = policy.ceilings
    .filter((each) => isOf(each, block.commodityClass, leaseClass) && meetsBlock(each, block))
    .map((each) => ({
      by: policy.name,
      holdingsMaxHz: each.holdingsMaxHz,
      counted: holdings.filter(
        (held) => isOf(each, held.commodityClass, held.leaseClass) && meetsExtent(each, held.extent),
      ),
    }));
  const own = wanted.holdingsMaxHz;
  const credentials =
    own === null ? [] : [{ by: "the consumer's credential", holdingsMaxHz: own, counted: holdings }];
  return [...credentials, ...policys].flatMap(({ by, holdingsMaxHz, counted }) => {
    const measured = { heldHz: peakHz(block, counted), widthHz: block.upperHz - block.lowerHz };
    if (measured.heldHz + measured.widthHz <= holdingsMaxHz) return [];
    return [rejection("holdings-ceiling", "acceptance.holdings", measured, { holdingsMaxHz, by })];
  });
}

function isOf(ceiling: HoldingsCeiling, commodityClass: string, leaseClass: string): boolean {
  return (
    ceiling.commodityClass === commodityClass &&
    (ceiling.leaseClass === null || ceiling.leaseClass === leaseClass)
  );
}

function meetsBlock({ area }: HoldingsCeiling, block: Block): boolean {
  return area === null || areasMeet(area, block.area);
}

/** The outermost corners stand for the area: what may lie inside the ceiling's counts. */
function meetsExtent({ area }: HoldingsCeiling, { southE7, westE7, northE7, eastE7 }: Rectangle): boolean {
  if (area === null) return true;
  const corners = [
    { latE7: southE7, lonE7: westE7 },
    { latE7: southE7, lonE7: eastE7 },
    { latE7: northE7, lonE7: eastE7 },
    { latE7: northE7, lonE7: westE7 },
  ];
  return areasMeet(area, corners);
}

/** The most that is held at any moment of `block`: it changes only where something begins. */
function peakHz({ fromUs, untilUs }: Block, holdings: readonly Holding[]): number {
  const overlapping = holdings.filter((each) => each.fromUs < untilUs && fromUs < each.untilUs);
  const moments = [fromUs, ...overlapping.map((each) => Math.max(fromUs, each.fromUs))];
  return Math.max(...moments.map((atUs) => heldHz(overlapping, atUs)));
}

/** Each counts its whole width, in whatever order its edges are said, and as often as it is held. */
function heldHz(holdings: readonly Holding[], atUs: number): number {
  return holdings
    .filter(({ fromUs, untilUs }) => fromUs <= atUs && atUs < untilUs)
    .reduce((sum, { lowerHz, upperHz }) => sum + Math.abs(upperHz - lowerHz), 0);
}
