/** Areas of scopes and blocks: simple polygons, edges straight in (lon, lat) as in RFC 7946 (PROTOCOL §3 Scope). */
import { accept, type Measure, type Rejection, type Result, refuse, rejection } from "../base/rejection.ts";
import type { Vertex } from "../record/spectrum-fields.ts";
import { limits } from "../wire/limits.ts";
import { between, orientation, type Side, sameVertex } from "./orientation.ts";

/** Closed box of latitudes and longitudes, 1e-7 degree. May be a line or a point. */
export type Rectangle = {
  readonly southE7: number;
  readonly northE7: number;
  readonly westE7: number;
  readonly eastE7: number;
};

/** A vertex with its neighbours, the inside on the left of the way before → at → next. */
export type Corner = { readonly before: Vertex; readonly at: Vertex; readonly next: Vertex };

declare const checked: unique symbol;

/** Only `checkPolygon` makes one. */
export type Polygon = {
  /** As the record has them, either way round, the first not repeated at the end. */
  readonly vertices: readonly Vertex[];
  /** Counter-clockwise. */
  readonly corners: readonly Corner[];
  readonly bounds: Rectangle;
  readonly [checked]: true;
};

const VERTICES_MIN = 3;
export const LAT_E7_MAX = 900_000_000;
export const LON_E7_MAX = 1_800_000_000;
/** A longer edge is what an area across the antimeridian looks like: refused, lest it mean the rest of the world. */
const EDGE_SPAN_E7_MAX = 1_800_000_000;

/**
 * A simple polygon of 3..120 vertices, or every reason why `vertices` is none: `polygon-vertex-count`,
 * `polygon-vertex-out-of-range`, `polygon-vertex-repeated`, `polygon-across-antimeridian`, `polygon-zero-area`,
 * `polygon-self-intersecting`. Straight vertices are allowed. O(n²), exact.
 */
export function checkPolygon(vertices: readonly Vertex[], field: string): Result<Polygon> {
  const form = [...vertexCount(vertices, field), ...vertexRange(vertices, field)];
  if (form.length > 0) return refuse(...form);
  const edges = cornersOf(vertices);
  const shape = [
    ...repeated(vertices, field),
    ...antimeridian(edges, field),
    ...selfIntersection(edges, field),
  ];
  if (shape.length > 0) return refuse(...shape);
  const corners = turnsLeft(edges) ? edges : cornersOf([...vertices].reverse());
  return accept({ vertices, corners, bounds: boundingBox(vertices) } as Polygon);
}

/** The smallest rectangle around at least one vertex. */
export function boundingBox(vertices: readonly Vertex[]): Rectangle {
  let southE7 = Number.POSITIVE_INFINITY;
  let northE7 = Number.NEGATIVE_INFINITY;
  let westE7 = Number.POSITIVE_INFINITY;
  let eastE7 = Number.NEGATIVE_INFINITY;
  for (const { latE7, lonE7 } of vertices) {
    southE7 = Math.min(southE7, latE7);
    northE7 = Math.max(northE7, latE7);
    westE7 = Math.min(westE7, lonE7);
    eastE7 = Math.max(eastE7, lonE7);
  }
  return { southE7, northE7, westE7, eastE7 };
}

/** Whether two checked polygons are the same region, wherever they begin and however many straight vertices they have. */
export function samePolygon(a: Polygon, b: Polygon): boolean {
  if (sameRing(a.vertices, b.vertices)) return true;
  return sameRing(essential(a), essential(b));
}

function sameRing(a: readonly Vertex[], b: readonly Vertex[]): boolean {
  return a.length === b.length && a.every((vertex, i) => sameVertex(vertex, b[i] as Vertex));
}

function vertexCount(vertices: readonly Vertex[], field: string): readonly Rejection[] {
  const count = vertices.length;
  if (count >= VERTICES_MIN && count <= limits.AREA_VERTICES_MAX) return [];
  const required = { verticesMin: VERTICES_MIN, verticesMax: limits.AREA_VERTICES_MAX };
  return [rejection("polygon-vertex-count", field, { vertices: count }, required)];
}

function vertexRange(vertices: readonly Vertex[], field: string): readonly Rejection[] {
  // Peer-controlled, perhaps of any length: one reason is enough.
  const vertex = vertices.findIndex(
    ({ latE7, lonE7 }) => !inRange(latE7, LAT_E7_MAX) || !inRange(lonE7, LON_E7_MAX),
  );
  if (vertex < 0) return [];
  const { latE7, lonE7 } = vertices[vertex] as Vertex;
  const required = { latE7Max: LAT_E7_MAX, lonE7Max: LON_E7_MAX, integer: true };
  return [rejection("polygon-vertex-out-of-range", `${field}[${vertex}]`, { latE7, lonE7 }, required)];
}

function inRange(value: number, max: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= max;
}

function cornersOf(vertices: readonly Vertex[]): readonly Corner[] {
  let before = vertices.at(-1) as Vertex;
  return vertices.map((at, i) => {
    const corner = { before, at, next: vertices[(i + 1) % vertices.length] as Vertex };
    before = at;
    return corner;
  });
}

function repeated(vertices: readonly Vertex[], field: string): readonly Rejection[] {
  for (const [i, vertex] of vertices.entries()) {
    const first = vertices.findIndex((other) => sameVertex(vertex, other));
    if (first < i)
      return [rejection("polygon-vertex-repeated", `${field}[${i}]`, { sameAs: first }, { distinct: true })];
  }
  return [];
}

function antimeridian(edges: readonly Corner[], field: string): readonly Rejection[] {
  const edge = edges.findIndex(({ at, next }) => Math.abs(next.lonE7 - at.lonE7) > EDGE_SPAN_E7_MAX);
  if (edge < 0) return [];
  const { at, next } = edges[edge] as Corner;
  const measured: Measure = { spanE7: Math.abs(next.lonE7 - at.lonE7) };
  return [
    rejection("polygon-across-antimeridian", `${field}[${edge}]`, measured, { spanE7Max: EDGE_SPAN_E7_MAX }),
  ];
}

/** Vertices all on one line, else the first two edges that share more than a common end. Edge i leaves vertex i. */
function selfIntersection(edges: readonly Corner[], field: string): readonly Rejection[] {
  if (edges.every(({ before, at, next }) => orientation(before, at, next) === 0)) {
    return [rejection("polygon-zero-area", field, { area: 0 }, { areaAbove: 0 })];
  }
  for (const [i, edge] of edges.entries()) {
    const other = edges.findIndex((later, j) => j > i && clash(edge, later, j - i, edges.length));
    if (other < 0) continue;
    return [
      rejection("polygon-self-intersecting", `${field}[${i}]`, { edge: i, crosses: other }, { simple: true }),
    ];
  }
  return [];
}

function clash(edge: Corner, later: Corner, apart: number, count: number): boolean {
  if (apart === 1) return turnsBack(later);
  if (apart === count - 1) return turnsBack(edge);
  return segmentsMeet(edge, later);
}

/** The way out of the corner runs back over the way into it. */
function turnsBack({ before, at, next }: Corner): boolean {
  if (orientation(before, at, next) !== 0) return false;
  return between(at, before, next) || between(at, next, before);
}

/** Whether the closed segments at → next of both have a point in common. */
function segmentsMeet({ at: a, next: b }: Corner, { at: c, next: d }: Corner): boolean {
  const sideC: Side = orientation(a, b, c);
  const sideD: Side = orientation(a, b, d);
  const sideA: Side = orientation(c, d, a);
  const sideB: Side = orientation(c, d, b);
  if (sideC * sideD < 0 && sideA * sideB < 0) return true;
  if (sideC === 0 && between(a, b, c)) return true;
  if (sideD === 0 && between(a, b, d)) return true;
  if (sideA === 0 && between(c, d, a)) return true;
  return sideB === 0 && between(c, d, b);
}

/** The westernmost, then southernmost corner of a simple polygon is convex: its turn is the turn of the whole. */
function turnsLeft(edges: readonly Corner[]): boolean {
  const bends = edges.filter(({ before, at, next }) => orientation(before, at, next) !== 0);
  const extreme = bends.reduce((first, corner) => (precedes(corner.at, first.at) ? corner : first));
  return orientation(extreme.before, extreme.at, extreme.next) > 0;
}

function precedes(a: Vertex, b: Vertex): boolean {
  return a.lonE7 < b.lonE7 || (a.lonE7 === b.lonE7 && a.latE7 < b.latE7);
}

/** Vertices where the boundary bends, counter-clockwise from the westernmost: equal for equal regions. */
function essential(polygon: Polygon): readonly Vertex[] {
  const bends = polygon.corners
    .filter(({ before, at, next }) => orientation(before, at, next) !== 0)
    .map(({ at }) => at);
  const start = bends.reduce((first, vertex, i) => (precedes(vertex, bends[first] as Vertex) ? i : first), 0);
  return [...bends.slice(start), ...bends.slice(0, start)];
}
