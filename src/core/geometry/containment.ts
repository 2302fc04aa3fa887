/** Containment and disjointness of areas, exact, by signs of determinants alone (PROTOCOL §3 Scope). */
import type { Vertex } from "../record/spectrum-fields.ts";
import { between, orientation, type Side, sameVertex } from "./orientation.ts";
import { type Corner, type Polygon, type Rectangle, samePolygon } from "./polygon.ts";

export type Location = "inside" | "boundary" | "outside";

export function locate(point: Vertex, polygon: Polygon): Location {
  if (!rectangleHolds(polygon.bounds, point)) return "outside";
  let odd = false;
  for (const { at, next } of polygon.corners) {
    const above = at.latE7 > point.latE7;
    const crosses = above !== next.latE7 > point.latE7;
    if (!crosses && !touchesLatitude(at, next, point)) continue;
    const side = orientation(at, next, point);
    if (side === 0 && between(at, next, point)) return "boundary";
    // Half-open in latitude, so that a vertex on the ray counts once.
    if (crosses && side === (above ? -1 : 1)) odd = !odd;
  }
  return odd ? "inside" : "outside";
}

/** The boundary belongs to the area. */
export function pointInside(point: Vertex, polygon: Polygon): boolean {
  return locate(point, polygon) !== "outside";
}

/** Whether every point of `child` is a point of `parent`. */
export function polygonInside(child: Polygon, parent: Polygon): boolean {
  return outsideAt(child, parent) === null;
}

/**
 * Index of the first vertex of `child` that lies outside `parent`, or from which the edge to the next leaves it;
 * null when `child` lies inside.
 *
 * A simple polygon has no holes, so `child` lies inside when its boundary does; and a boundary that starts inside
 * can leave only across an edge of the parent, or where it touches the parent's boundary.
 */
export function outsideAt(child: Polygon, parent: Polygon): number | null {
  if (child === parent) return null;
  const beyond = child.vertices.findIndex((vertex) => !rectangleHolds(parent.bounds, vertex));
  if (beyond >= 0) return beyond;
  return ringLeavesAt(child.vertices, parent);
}

/** Whether the whole closed rectangle, perhaps a line or a point, lies inside. */
export function rectangleInside(rectangle: Rectangle, polygon: Polygon): boolean {
  const { southE7, northE7, westE7, eastE7 } = rectangle;
  const southWest = { latE7: southE7, lonE7: westE7 };
  const northEast = { latE7: northE7, lonE7: eastE7 };
  if (!rectangleHolds(polygon.bounds, southWest) || !rectangleHolds(polygon.bounds, northEast)) return false;
  const ring = [southWest, { latE7: southE7, lonE7: eastE7 }, northEast, { latE7: northE7, lonE7: westE7 }];
  return ringLeavesAt(ring, polygon) === null;
}

/** Whether no point is inside both; edges and vertices may be shared. */
export function interiorsDisjoint(a: Polygon, b: Polygon): boolean {
  if (a.bounds.eastE7 <= b.bounds.westE7 || b.bounds.eastE7 <= a.bounds.westE7) return true;
  if (a.bounds.northE7 <= b.bounds.southE7 || b.bounds.northE7 <= a.bounds.southE7) return true;
  // Interiors that meet while neither boundary enters the other interior are one and the same.
  return !boundaryEnters(a, b) && !boundaryEnters(b, a) && !samePolygon(a, b);
}

function rectangleHolds({ southE7, northE7, westE7, eastE7 }: Rectangle, { latE7, lonE7 }: Vertex): boolean {
  return latE7 >= southE7 && latE7 <= northE7 && lonE7 >= westE7 && lonE7 <= eastE7;
}

function touchesLatitude(a: Vertex, b: Vertex, point: Vertex): boolean {
  return a.latE7 === point.latE7 || b.latE7 === point.latE7;
}

function ringLeavesAt(ring: readonly Vertex[], polygon: Polygon): number | null {
  const start = ring[0] as Vertex;
  if (!pointInside(start, polygon)) return 0;
  const edge = ring.findIndex((from, i) => passes(from, ring[i + 1] ?? start, polygon, OUTWARDS));
  return edge < 0 ? null : edge;
}

function boundaryEnters(walker: Polygon, polygon: Polygon): boolean {
  const ring = walker.vertices;
  const start = ring[0] as Vertex;
  if (locate(start, polygon) === "inside") return true;
  return ring.some((from, i) => passes(from, ring[i + 1] ?? start, polygon, INWARDS));
}

const OUTWARDS: Side = -1;
const INWARDS: Side = 1;

/**
 * Whether the straight way from `from`, towards and short of `to`, passes the polygon's boundary in the given
 * direction: across an edge (either direction), or off the boundary where it touches.
 */
function passes(from: Vertex, to: Vertex, polygon: Polygon, direction: Side): boolean {
  const way = { from, to };
  return polygon.corners.some((corner) => !apart(way, corner) && passesAt(way, corner, direction));
}

type Way = { readonly from: Vertex; readonly to: Vertex };

/** Bounding boxes of the way and of the edge at → next have no point in common. */
function apart({ from, to }: Way, { at, next }: Corner): boolean {
  return (
    (from.lonE7 < at.lonE7 && from.lonE7 < next.lonE7 && to.lonE7 < at.lonE7 && to.lonE7 < next.lonE7) ||
    (from.lonE7 > at.lonE7 && from.lonE7 > next.lonE7 && to.lonE7 > at.lonE7 && to.lonE7 > next.lonE7) ||
    (from.latE7 < at.latE7 && from.latE7 < next.latE7 && to.latE7 < at.latE7 && to.latE7 < next.latE7) ||
    (from.latE7 > at.latE7 && from.latE7 > next.latE7 && to.latE7 > at.latE7 && to.latE7 > next.latE7)
  );
}

function passesAt({ from, to }: Way, corner: Corner, direction: Side): boolean {
  const { at, next } = corner;
  const sideAt = orientation(from, to, at);
  const sideNext = orientation(from, to, next);
  // Both ends of the edge strictly on one side of the way, or edge and way on one line but for the corner itself.
  if (sideAt * sideNext > 0) return false;
  // At the very end of the way every sign is 0, so it goes neither in nor out there.
  if (sideAt === 0 && between(from, to, at)) return sideOfCorner(corner, to) === direction;
  const sideFrom = orientation(at, next, from);
  const sideTo = orientation(at, next, to);
  if (sideAt * sideNext < 0 && sideFrom * sideTo < 0) return true;
  // The way starts on the open edge: the inside is on the edge's left.
  return sideFrom === 0 && between(at, next, from) && !sameVertex(from, next) && sideTo === direction;
}

/** Where one goes from the corner towards `to`: 1 into the inside, 0 along the boundary, -1 outside. */
function sideOfCorner({ before, at, next }: Corner, to: Vertex): Side {
  const sideBefore = orientation(before, at, to);
  const sideNext = orientation(at, next, to);
  if (orientation(before, at, next) >= 0) {
    if (sideBefore > 0 && sideNext > 0) return 1;
    return sideBefore < 0 || sideNext < 0 ? -1 : 0;
  }
  if (sideBefore < 0 && sideNext < 0) return -1;
  return sideBefore > 0 || sideNext > 0 ? 1 : 0;
}
