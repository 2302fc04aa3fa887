import { expect, test } from "vitest";
import { boundingBox, checkPolygon, samePolygon } from "../../../src/core/geometry/polygon.ts";
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { polygon, pool, ring, seeded } from "./random-polygon.ts";
import { doubleArea, oracleSame, oracleSimple } from "./slab-oracle.ts";

function codes(vertices: readonly Vertex[]): readonly string[] {
  const result = checkPolygon(vertices, "area");
  return result.ok ? [] : result.rejections.map(({ code, field }) => `${code} ${field}`);
}

function regular(count: number): readonly Vertex[] {
  return Array.from({ length: count }, (_, i) => ({
    lonE7: Math.round(1e6 * Math.cos((2 * Math.PI * i) / count)),
    latE7: Math.round(1e6 * Math.sin((2 * Math.PI * i) / count)),
  }));
}

test("accepts either way round, concave shapes, straight vertices, and the whole earth in edges of half a turn", () => {
  expect(codes(ring([0, 0], [4, 0], [4, 4], [0, 4]))).toEqual([]);
  expect(codes(ring([0, 4], [4, 4], [4, 0], [0, 0]))).toEqual([]);
  expect(codes(ring([0, 0], [4, 0], [2, 1], [2, 4]))).toEqual([]);
  expect(codes(ring([0, 0], [2, 0], [4, 0], [4, 4]))).toEqual([]);
  const [w, e, s, n] = [-1_800_000_000, 1_800_000_000, -900_000_000, 900_000_000];
  expect(codes(ring([w, s], [0, s], [e, s], [e, n], [0, n], [w, n]))).toEqual([]);
});

test("counts 3 to 120 vertices, neither 2 nor 121", () => {
  expect(codes(regular(3))).toEqual([]);
  expect(codes(regular(120))).toEqual([]);
  expect(codes(regular(121))).toEqual(["polygon-vertex-count area"]);
  expect(codes(ring([0, 0], [1, 1]))).toEqual(["polygon-vertex-count area"]);
  expect(codes([])).toEqual(["polygon-vertex-count area"]);
});

test("refuses a vertex one unit off the earth, or not an integer, and names it", () => {
  expect(codes(ring([0, 0], [4, 0], [4, 900_000_000]))).toEqual([]);
  expect(codes(ring([0, 0], [4, 0], [4, 900_000_001]))).toEqual(["polygon-vertex-out-of-range area[2]"]);
  expect(codes(ring([1_800_000_000, 0], [1_799_999_000, 0], [1_800_000_000, 4]))).toEqual([]);
  expect(codes(ring([1_800_000_001, 0], [4, 0], [4, 4]))).toEqual(["polygon-vertex-out-of-range area[0]"]);
  expect(codes(ring([0, 0], [0.5, 0], [4, 4]))).toEqual(["polygon-vertex-out-of-range area[1]"]);
  expect(codes(ring([0, 0], [Number.NaN, 0], [4, 4]))).toEqual(["polygon-vertex-out-of-range area[1]"]);
});

test("refuses a repeated vertex, also a ring closed as in a file", () => {
  expect(codes(ring([0, 0], [4, 0], [4, 4], [0, 0]))).toContain("polygon-vertex-repeated area[3]");
  expect(codes(ring([0, 0], [4, 0], [4, 0], [4, 4]))).toContain("polygon-vertex-repeated area[2]");
});

test("refuses an edge longer than half a turn, which may be one across the antimeridian", () => {
  expect(codes(ring([-900_000_000, 0], [900_000_000, 0], [0, 9]))).toEqual([]);
  expect(codes(ring([-900_000_000, 0], [900_000_001, 0], [0, 9]))).toEqual([
    "polygon-across-antimeridian area[0]",
  ]);
});

test("refuses crossing, touching and overlapping edges, and an area of nothing", () => {
  expect(codes(ring([0, 0], [4, 4], [4, 0], [0, 4]))).toEqual(["polygon-self-intersecting area[0]"]);
  expect(codes(ring([0, 0], [4, 0], [4, 4], [2, 0]))).toEqual(["polygon-self-intersecting area[0]"]);
  expect(codes(ring([0, 0], [4, 0], [2, 0], [2, 4]))).toEqual(["polygon-self-intersecting area[0]"]);
  expect(codes(ring([2, 0], [2, 4], [0, 0], [4, 0]))).toEqual(["polygon-self-intersecting area[0]"]);
  expect(codes(ring([0, 0], [4, 4], [2, 2]))).toEqual(["polygon-zero-area area"]);
});

test.each<[string, readonly Vertex[], object]>([
  [
    "a vertex off the earth",
    ring([0, 0], [4, 0], [4, 900_000_001]),
    {
      field: "area[2]",
      measured: { latE7: 900_000_001, lonE7: 4 },
      required: { latE7Max: 900_000_000, lonE7Max: 1_800_000_000, integer: true },
    },
  ],
  [
    "an edge that runs back over the one before it",
    ring([0, 0], [4, 0], [2, 0], [2, 4]),
    { field: "area[0]", measured: { edge: 0, crosses: 1 }, required: { simple: true } },
  ],
  [
    "an edge that ends on another",
    ring([0, 0], [4, 0], [4, 4], [2, 0]),
    { field: "area[0]", measured: { edge: 0, crosses: 2 }, required: { simple: true } },
  ],
])("says of %s where it is, and what is required", (_, vertices, told) => {
  const result = checkPolygon(vertices, "area");
  expect(result.ok ? [] : result.rejections).toMatchObject([told]);
});

test("agrees with an independent test of simplicity on 100,000 random rings", () => {
  const random = seeded(7);
  const counts = { simple: 0, not: 0 };
  for (let i = 0; i < 100_000; i++) {
    const vertices = Array.from({ length: 3 + random(4) }, () => ({ lonE7: random(5), latE7: random(5) }));
    const simple = oracleSimple(vertices);
    if (checkPolygon(vertices, "area").ok !== simple) expect.fail(`case ${i}: ${JSON.stringify(vertices)}`);
    counts[simple ? "simple" : "not"]++;
  }
  expect(counts.simple).toBeGreaterThan(10_000);
  expect(counts.not).toBeGreaterThan(10_000);
});

test("turns every ring counter-clockwise for its own use and keeps the record's own order", () => {
  for (const vertices of pool(seeded(11), 2000, 6)) {
    const { corners, vertices: kept } = polygon(vertices);
    expect(kept).toBe(vertices);
    expect(doubleArea(corners.map(({ at }) => at))).toBeGreaterThan(0);
  }
});

test("knows the same region by other first vertices, directions and straight vertices", () => {
  const square = polygon(ring([0, 0], [4, 0], [4, 4], [0, 4]));
  expect(samePolygon(square, polygon(ring([4, 4], [4, 2], [4, 0], [0, 0], [0, 4])))).toBe(true);
  expect(samePolygon(square, polygon(ring([0, 0], [4, 0], [4, 4], [0, 3])))).toBe(false);
  const random = seeded(13);
  const shapes = pool(random, 300, 3).map((vertices) => ({ vertices, polygon: polygon(vertices) }));
  const counts = { same: 0, not: 0 };
  for (const a of shapes) {
    for (const b of shapes) {
      const same = oracleSame(a.vertices, b.vertices);
      if (samePolygon(a.polygon, b.polygon) !== same) expect.fail(JSON.stringify([a.vertices, b.vertices]));
      counts[same ? "same" : "not"]++;
    }
  }
  expect(counts.same).toBeGreaterThan(300);
});

test("bounds a ring by its outermost vertices", () => {
  expect(boundingBox(ring([3, -2], [5, 9], [-1, 4]))).toEqual({
    southE7: -2,
    northE7: 9,
    westE7: -1,
    eastE7: 5,
  });
});
