/**
 * Another way to the same answers, for small grids only: cuts the plane into vertical slabs at every vertex and
 * crossing, and compares the heights that each polygon covers in the middle of each slab. Doubles suffice, since on
 * a grid of 16 distinct heights differ by more than 1e-7.
 */
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";

const EPSILON = 1e-9;

type Span = readonly [number, number];

/** The closed region of `child` is within that of `parent`. */
export function oracleInside(child: readonly Vertex[], parent: readonly Vertex[]): boolean {
  return middles(child, parent).every((x) => {
    const around = joined(spans(parent, x));
    return spans(child, x).every(([low, high]) =>
      around.some(([from, to]) => from <= low + EPSILON && high <= to + EPSILON),
    );
  });
}

export function oracleDisjoint(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  return middles(a, b).every((x) =>
    spans(a, x).every(([low, high]) =>
      spans(b, x).every(([from, to]) => Math.min(high, to) - Math.max(low, from) < EPSILON),
    ),
  );
}

export function oracleSame(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  return oracleInside(a, b) && oracleInside(b, a);
}

/** Twice the area, by the shoelace formula. */
export function doubleArea(vertices: readonly Vertex[]): number {
  return vertices.reduce((sum, a, i) => {
    const b = vertices[(i + 1) % vertices.length] as Vertex;
    return sum + a.lonE7 * b.latE7 - b.lonE7 * a.latE7;
  }, 0);
}

/** The boundary touches or crosses itself: by parameters of the crossing point, not by orientations. */
export function oracleSimple(vertices: readonly Vertex[]): boolean {
  const n = vertices.length;
  const at = (i: number): Vertex => vertices[i % n] as Vertex;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const shared = meeting(at(i), at(i + 1), at(j), at(j + 1));
      const allowed = j === i + 1 || (i === 0 && j === n - 1) ? 1 : 0;
      if (shared > allowed) return false;
    }
  }
  return doubleArea(vertices) !== 0;
}

/** How many points two segments share: 0, 1, or 2 for infinitely many. */
function meeting(a: Vertex, b: Vertex, c: Vertex, d: Vertex): number {
  const [rx, ry] = [b.lonE7 - a.lonE7, b.latE7 - a.latE7];
  const [sx, sy] = [d.lonE7 - c.lonE7, d.latE7 - c.latE7];
  const [qx, qy] = [c.lonE7 - a.lonE7, c.latE7 - a.latE7];
  const cross = rx * sy - ry * sx;
  if (cross !== 0) {
    const t = (qx * sy - qy * sx) / cross;
    const u = (qx * ry - qy * rx) / cross;
    return t >= 0 && t <= 1 && u >= 0 && u <= 1 ? 1 : 0;
  }
  if (qx * ry - qy * rx !== 0) return 0;
  const length = rx * rx + ry * ry;
  if (length === 0) return 2;
  const from = (qx * rx + qy * ry) / length;
  const to = from + (sx * rx + sy * ry) / length;
  const overlap = Math.min(1, Math.max(from, to)) - Math.max(0, Math.min(from, to));
  return overlap > EPSILON ? 2 : overlap > -EPSILON ? 1 : 0;
}

function middles(a: readonly Vertex[], b: readonly Vertex[]): readonly number[] {
  const edges = [...edgesOf(a), ...edgesOf(b)];
  const cuts = edges.map(([from]) => from.lonE7);
  for (const [i, one] of edges.entries()) {
    for (const other of edges.slice(i + 1)) cuts.push(...crossing(one, other));
  }
  cuts.sort((x, y) => x - y);
  return cuts.flatMap((x, i) =>
    i > 0 && x - (cuts[i - 1] as number) > EPSILON ? [(x + (cuts[i - 1] as number)) / 2] : [],
  );
}

type Edge = readonly [Vertex, Vertex];

function edgesOf(vertices: readonly Vertex[]): readonly Edge[] {
  return vertices.map((from, i) => [from, vertices[(i + 1) % vertices.length] as Vertex]);
}

function crossing([a, b]: Edge, [c, d]: Edge): readonly number[] {
  const cross = (b.lonE7 - a.lonE7) * (d.latE7 - c.latE7) - (b.latE7 - a.latE7) * (d.lonE7 - c.lonE7);
  if (cross === 0) return [];
  const t = ((c.lonE7 - a.lonE7) * (d.latE7 - c.latE7) - (c.latE7 - a.latE7) * (d.lonE7 - c.lonE7)) / cross;
  return t > 0 && t < 1 ? [a.lonE7 + t * (b.lonE7 - a.lonE7)] : [];
}

/** Heights covered at x, pairs of the sorted edge heights, since a simple polygon alternates. */
function spans(vertices: readonly Vertex[], x: number): readonly Span[] {
  const heights = edgesOf(vertices)
    .filter(([a, b]) => Math.min(a.lonE7, b.lonE7) < x && x < Math.max(a.lonE7, b.lonE7))
    .map(([a, b]) => a.latE7 + ((x - a.lonE7) / (b.lonE7 - a.lonE7)) * (b.latE7 - a.latE7))
    .sort((low, high) => low - high);
  return heights.flatMap((low, i) => (i % 2 === 0 ? [[low, heights[i + 1] as number] as const] : []));
}

function joined(parts: readonly Span[]): readonly Span[] {
  const out: [number, number][] = [];
  for (const [low, high] of parts) {
    const last = out.at(-1);
    if (last !== undefined && low - last[1] < EPSILON) last[1] = high;
    else out.push([low, high]);
  }
  return out;
}
