/** A chain that is as dear to check as the limits let it be: scopes whose boxes all have to be compared, edge by edge. */
import type { Credential, Verb } from "../../src/core/record/kinds/credential.ts";
import type { Box, Vertex } from "../../src/core/record/spectrum-fields.ts";
import { limits } from "../../src/core/wire/limits.ts";
import { band, CENTRE, link } from "./terms.ts";

/** Corners of each link, so that a whole chain spends limits.CHAIN_VERTEX_PAIRS_MAX. */
const LINK_VERTICES = Math.floor(Math.sqrt(limits.CHAIN_VERTEX_PAIRS_MAX / (limits.CHAIN_LINKS_MAX - 1)));

/** How a scope spends them: a few large areas, or many small ones. The first spends more, and is refused unseen. */
export type Cut = { readonly name: string; readonly boxes: number; readonly vertices: number };

export const CUTS: readonly Cut[] = [
  { name: "64 boxes of 8 vertices, too many", boxes: limits.SCOPE_BOXES_MAX, vertices: 8 },
  manyOf(limits.AREA_VERTICES_MAX),
  manyOf(8),
];

function manyOf(vertices: number): Cut {
  const boxes = Math.floor(LINK_VERTICES / vertices);
  return { name: `${boxes} boxes of ${vertices} vertices`, boxes, vertices };
}

const VERBS: readonly Verb[] = ["acquire", "issue"];
const DEPTH_E7 = 2_000_000;
const TOOTH_E7 = 40_000;
const NOTCH_E7 = 1_000;
/** Teeth lean by this, so that the rectangles around any two of their edges overlap. */
const LEAN_E7 = 3_000_000;

/** Links that narrow as they must, from the root's own (index 0) to the last, each to be given the id of the one before. */
export function dearLinks(
  subject: Pick<Credential, "subjectLineage" | "subjectKey" | "owner">,
  cut: Cut,
): readonly ((parent: Uint8Array | null) => Credential)[] {
  return Array.from({ length: limits.CHAIN_LINKS_MAX }, (_, depth) => (parent) => ({
    ...link({ ...subject, level: "regulator", verbs: VERBS }, parent, scope(cut, depth)),
    depthLeft: limits.CHAIN_LINKS_MAX - 1 - depth,
    budgets: [],
    holdingsMaxHz: null,
  }));
}

/**
 * All boxes but the last lack a notch that is the deeper, the nearer the link is to the root: every box below sticks
 * out of them at its last edge, and is found to lie in the last box only.
 */
function scope({ boxes, vertices }: Cut, depth: number): readonly Box[] {
  const notch = limits.CHAIN_LINKS_MAX - depth;
  return Array.from({ length: boxes }, (_, i) => ({
    ...band,
    area: comb(vertices, i === boxes - 1 ? 0 : notch),
  }));
}

/** Leaning teeth on a bar around the centre: at most so many vertices, the notch's own among them. */
function comb(vertices: number, notch: number): readonly Vertex[] {
  const teeth = Math.floor((vertices - 5) / 2);
  const rightE7 = Math.max((2 * teeth + 1) * TOOTH_E7, DEPTH_E7);
  const ring: [north: number, east: number][] = [[0, 0]];
  for (let i = 0; i < teeth; i++) {
    ring.push([DEPTH_E7, LEAN_E7 + (2 * i + 1) * TOOTH_E7], [0, (2 * i + 2) * TOOTH_E7]);
  }
  ring.push([0, rightE7], [-DEPTH_E7, rightE7], [-DEPTH_E7, 0]);
  if (notch > 0) ring.push([-DEPTH_E7 / 2, notch * NOTCH_E7]);
  return ring.map(([north, east]) => ({
    latE7: CENTRE.latE7 + DEPTH_E7 / 2 + north,
    lonE7: CENTRE.lonE7 - DEPTH_E7 / 2 + east,
  }));
}
