import { describe, expect, test } from "vitest";
import {
  interiorsDisjoint,
  locate,
  outsideAt,
  pointInside,
  polygonInside,
  rectangleInside,
} from "../../../src/core/geometry/containment.ts";
import type { Polygon } from "../../../src/core/geometry/polygon.ts";
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { polygon, pool, type Random, ring, seeded } from "./random-polygon.ts";
import { oracleDisjoint, oracleInside } from "./slab-oracle.ts";

const CASES = 120_000;
const GRID = 6;

type Shape = { readonly vertices: readonly Vertex[]; readonly polygon: Polygon };

function shapes(random: Random, size: number, grid: number): readonly Shape[] {
  return pool(random, size, grid).map((vertices) => ({ vertices, polygon: polygon(vertices) }));
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)] as T;
}

/** The same shape at another place of the grid, so that edges and vertices often fall together. */
function moved({ vertices }: Shape, east: number, north: number): Shape {
  const there = vertices.map(({ lonE7, latE7 }) => ({ lonE7: lonE7 + east, latE7: latE7 + north }));
  return { vertices: there, polygon: polygon(there) };
}

const U = polygon(ring([0, 0], [6, 0], [6, 6], [4, 6], [4, 2], [2, 2], [2, 6], [0, 6]));

describe("a point", () => {
  test("is inside, on the boundary (which counts as inside), or outside", () => {
    expect(locate({ lonE7: 1, latE7: 5 }, U)).toBe("inside");
    expect(locate({ lonE7: 3, latE7: 2 }, U)).toBe("boundary");
    expect(locate({ lonE7: 4, latE7: 6 }, U)).toBe("boundary");
    expect(locate({ lonE7: 3, latE7: 3 }, U)).toBe("outside");
    expect(locate({ lonE7: 3, latE7: 6 }, U)).toBe("outside");
    expect(pointInside({ lonE7: 3, latE7: 2 }, U)).toBe(true);
    expect(pointInside({ lonE7: 3, latE7: 3 }, U)).toBe(false);
  });

  test(`agrees with thin slabs on ${CASES} random points`, () => {
    const random = seeded(101);
    const all = shapes(random, 1500, GRID);
    const counts = { inside: 0, boundary: 0, outside: 0 };
    for (let i = 0; i < CASES; i++) {
      const shape = pick(random, all);
      const point = { lonE7: random(GRID + 1), latE7: random(GRID + 1) };
      const location = locate(point, shape.polygon);
      if (location !== byWinding(point, shape.vertices))
        expect.fail(`case ${i}: ${JSON.stringify({ point, shape })}`);
      counts[location]++;
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5000);
  });
});

describe("a polygon inside another", () => {
  test("may share edges and vertices, and be the same", () => {
    expect(polygonInside(U, U)).toBe(true);
    expect(polygonInside(polygon(ring([0, 0], [2, 2], [2, 6], [0, 6])), U)).toBe(true);
    expect(polygonInside(polygon(ring([0, 0], [6, 0], [3, 2])), U)).toBe(true);
  });

  test("is refused across a notch although all its vertices are inside, and the edge is named", () => {
    const bridge = polygon(ring([0, 5], [0, 0], [6, 0], [6, 5]));
    expect(polygonInside(bridge, U)).toBe(false);
    expect(outsideAt(bridge, U)).toBe(3);
  });

  test("is refused when an edge leaves through a vertex of the parent, or along the notch's mouth", () => {
    expect(polygonInside(polygon(ring([0, 4], [2, 2], [5, 0], [6, 0], [1, 5])), U)).toBe(false);
    expect(polygonInside(polygon(ring([2, 6], [0, 0], [6, 0], [4, 6])), U)).toBe(false);
  });

  test("names the first vertex beyond the parent's bounds", () => {
    expect(outsideAt(polygon(ring([1, 1], [5, 1], [7, 2])), U)).toBe(2);
  });

  test.each([
    [CASES, "on a small grid", 1, 0],
    [30_000, "stretched over the earth and sheared, where doubles round", 130_000_001, 7],
  ])(`agrees with thin slabs in %i random pairs %s`, (cases, _, scale, shear) => {
    const random = seeded(202 + shear);
    const parents = shapes(random, 1200, GRID);
    const children = [...shapes(random, 800, 3), ...shapes(random, 400, GRID)];
    const stretch = stretched(scale, shear);
    const counts = { inside: 0, outside: 0 };
    for (let i = 0; i < cases; i++) {
      const parent = pick(random, parents);
      const child = moved(pick(random, children), random(4), random(4));
      const expected = oracleInside(child.vertices, parent.vertices);
      const found =
        scale === 1
          ? polygonInside(child.polygon, parent.polygon)
          : polygonInside(stretch(child.vertices), stretch(parent.vertices));
      if (found !== expected) expect.fail(`case ${i}: ${JSON.stringify([child.vertices, parent.vertices])}`);
      counts[expected ? "inside" : "outside"]++;
    }
    expect(counts.inside).toBeGreaterThan(500);
    expect(counts.outside).toBeGreaterThan(10_000);
  });
});

describe("a rectangle", () => {
  test("may be a point or a line, and is closed", () => {
    expect(rectangleInside({ southE7: 2, northE7: 2, westE7: 0, eastE7: 6 }, U)).toBe(true);
    expect(rectangleInside({ southE7: 2, northE7: 3, westE7: 0, eastE7: 6 }, U)).toBe(false);
    expect(rectangleInside({ southE7: 6, northE7: 6, westE7: 4, eastE7: 4 }, U)).toBe(true);
    expect(rectangleInside({ southE7: 6, northE7: 6, westE7: 3, eastE7: 3 }, U)).toBe(false);
    expect(rectangleInside({ southE7: 0, northE7: 7, westE7: 0, eastE7: 2 }, U)).toBe(false);
  });

  test("agrees with the polygon of its corners where it has an area", () => {
    const random = seeded(303);
    const all = shapes(random, 1500, GRID);
    const counts = { inside: 0, outside: 0 };
    for (let i = 0; i < 100_000; i++) {
      const shape = pick(random, all);
      const [west, south] = [random(GRID), random(GRID)];
      const [east, north] = [west + 1 + random(2), south + 1 + random(2)];
      const corners = ring([west, south], [east, south], [east, north], [west, north]);
      const expected = oracleInside(corners, shape.vertices);
      const rectangle = { southE7: south, northE7: north, westE7: west, eastE7: east };
      if (rectangleInside(rectangle, shape.polygon) !== expected)
        expect.fail(JSON.stringify([rectangle, shape.vertices]));
      counts[expected ? "inside" : "outside"]++;
    }
    expect(counts.inside).toBeGreaterThan(2000);
  });
});

describe("two polygons", () => {
  test("are disjoint when they share an edge, a part of one, or a vertex, and not when one is in the other", () => {
    const left = polygon(ring([0, 0], [2, 0], [2, 6], [0, 6]));
    expect(interiorsDisjoint(left, polygon(ring([2, 0], [4, 0], [4, 6], [2, 6])))).toBe(true);
    expect(interiorsDisjoint(left, polygon(ring([2, 5], [4, 5], [4, 9], [2, 9])))).toBe(true);
    expect(interiorsDisjoint(left, polygon(ring([2, 6], [4, 6], [4, 9])))).toBe(true);
    expect(interiorsDisjoint(U, polygon(ring([2, 2], [4, 2], [4, 6], [2, 6])))).toBe(true);
    expect(interiorsDisjoint(left, left)).toBe(false);
    expect(interiorsDisjoint(left, polygon(ring([0, 0], [1, 3], [0, 6])))).toBe(false);
    expect(interiorsDisjoint(polygon(ring([0, 1], [2, 1], [0, 5])), left)).toBe(false);
    expect(interiorsDisjoint(left, polygon(ring([0, 6], [0, 3], [0, 0], [2, 0], [2, 6])))).toBe(false);
  });

  test.each([
    [CASES, "on a small grid", 1, 0],
    [30_000, "stretched over the earth and sheared, where doubles round", 130_000_001, 7],
  ])(`agree with thin slabs in %i random pairs %s, either way round`, (cases, _, scale, shear) => {
    const random = seeded(404 + shear);
    const all = [...shapes(random, 800, GRID), ...shapes(random, 800, 3)];
    const stretch = stretched(scale, shear);
    const counts = { disjoint: 0, not: 0 };
    for (let i = 0; i < cases; i++) {
      const a = pick(random, all);
      const b = moved(pick(random, all), random(4), random(4));
      const expected = oracleDisjoint(a.vertices, b.vertices);
      const [one, other] = scale === 1 ? [a.polygon, b.polygon] : [stretch(a.vertices), stretch(b.vertices)];
      const found = i % 2 === 0 ? interiorsDisjoint(one, other) : interiorsDisjoint(other, one);
      if (found !== expected) expect.fail(`case ${i}: ${JSON.stringify([a.vertices, b.vertices])}`);
      counts[expected ? "disjoint" : "not"]++;
    }
    expect(counts.disjoint).toBeGreaterThan(5000);
    expect(counts.not).toBeGreaterThan(5000);
  });
});

/** A map of the plane that keeps lines and containment, and brings the determinants beyond 2^53. */
function stretched(scale: number, shear: number): (vertices: readonly Vertex[]) => Polygon {
  const known = new Map<readonly Vertex[], Polygon>();
  return (vertices) => {
    const before = known.get(vertices);
    if (before !== undefined) return before;
    const there = vertices.map(({ lonE7, latE7 }) => {
      const east = Math.round(lonE7 * scale) + shear * latE7 - 600_000_000;
      return { lonE7: east, latE7: latE7 * 90_000_001 + 11 * lonE7 - 450_000_000 };
    });
    const made = polygon(there);
    if (vertices.length > 0) known.set(vertices, made);
    return made;
  };
}

/** By the angle that the ring turns around the point: no signs of determinants. */
function byWinding({ lonE7: x, latE7: y }: Vertex, vertices: readonly Vertex[]): string {
  let turned = 0;
  for (const [i, a] of vertices.entries()) {
    const b = vertices[(i + 1) % vertices.length] as Vertex;
    const [ax, ay, bx, by] = [a.lonE7 - x, a.latE7 - y, b.lonE7 - x, b.latE7 - y];
    const angle = Math.atan2(ax * by - ay * bx, ax * bx + ay * by);
    if ((ax === 0 && ay === 0) || Math.abs(Math.abs(angle) - Math.PI) < 1e-9) return "boundary";
    turned += angle;
  }
  return Math.abs(turned) > 1 ? "inside" : "outside";
}
