/** Seeded simple polygons on a small grid: concave ones, straight vertices and shared edges included. */

import { checkPolygon, type Polygon } from "../../../src/core/geometry/polygon.ts";
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { oracleSimple } from "./slab-oracle.ts";

export type Random = (below: number) => number;

/** Whole numbers from 0 to below - 1 from a 32-bit xorshift. */
export function seeded(seed: number): Random {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

export function polygon(vertices: readonly Vertex[]): Polygon {
  const result = checkPolygon(vertices, "area");
  if (!result.ok) throw new Error(`${JSON.stringify(vertices)}: ${JSON.stringify(result.rejections)}`);
  return result.value;
}

/** Vertices from [lon, lat] pairs. */
export function ring(...pairs: readonly (readonly [number, number])[]): readonly Vertex[] {
  return pairs.map(([lonE7, latE7]) => ({ lonE7, latE7 }));
}

/** `size` simple polygons of 3..8 vertices on the grid 0..grid. */
export function pool(random: Random, size: number, grid: number): readonly (readonly Vertex[])[] {
  const found: (readonly Vertex[])[] = [];
  while (found.length < size) {
    const candidate = grown(random, 3 + random(6), grid);
    if (oracleSimple(candidate)) found.push(candidate);
  }
  return found;
}

/** A triangle whose edges are broken at random points as long as that stays simple. */
function grown(random: Random, count: number, grid: number): readonly Vertex[] {
  const point = (): Vertex => ({ lonE7: random(grid + 1), latE7: random(grid + 1) });
  let vertices: readonly Vertex[] = [point(), point(), point()];
  for (let tries = 0; vertices.length < count && tries < 40; tries++) {
    const next = vertices.toSpliced(random(vertices.length), 0, point());
    if (oracleSimple(next)) vertices = next;
  }
  return random(2) === 0 ? vertices : vertices.toReversed();
}
