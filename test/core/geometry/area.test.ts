import { expect, test } from "vitest";
import { areaOf } from "../../../src/core/geometry/area.ts";
import { outsideAt } from "../../../src/core/geometry/containment.ts";
import type { Polygon } from "../../../src/core/geometry/polygon.ts";
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { ring } from "./random-polygon.ts";

function polygonOf(vertices: readonly Vertex[]): Polygon {
  const result = areaOf(vertices, "area");
  if (!result.ok) throw new Error("the test's own ring is simple");
  return result.value;
}

const square = (size: number): readonly Vertex[] => ring([0, 0], [size, 0], [size, size], [0, size]);

test("two records with one area share its polygon, and another area, even a part of it, has its own", () => {
  const one = polygonOf(square(4));
  expect(polygonOf(square(4))).toBe(one);
  expect(outsideAt(polygonOf(square(4)), one)).toBeNull();
  expect(polygonOf(square(5))).not.toBe(one);
  expect(outsideAt(polygonOf(square(5)), one)).not.toBeNull();
});

test("digits that run together do not make two areas one", () => {
  const one = polygonOf(ring([12, 1], [90, 0], [3, 50]));
  const other = polygonOf(ring([2, 11], [90, 0], [3, 50]));
  expect(other.vertices[0]).not.toEqual(one.vertices[0]);
});

test("a list that is no area is refused each time, with its own field", () => {
  const crossed = ring([0, 0], [4, 4], [4, 0], [0, 4]);
  for (const field of ["one", "other"]) {
    expect(areaOf([...crossed], field)).toMatchObject({
      ok: false,
      rejections: [{ code: "polygon-self-intersecting", field: expect.stringContaining(field) }],
    });
  }
});

test("areas are forgotten beyond 256 others, and then checked anew", () => {
  const first = polygonOf(square(7));
  for (let i = 0; i < 255; i++) polygonOf(square(1_000 + i));
  expect(polygonOf(square(7))).toBe(first);
  for (let i = 0; i < 256; i++) polygonOf(square(2_000 + i));
  expect(polygonOf(square(7))).not.toBe(first);
});
