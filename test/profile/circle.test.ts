import fc from "fast-check";
import { expect, test } from "vitest";
import { pointInside } from "../../src/core/geometry/containment.ts";
import { checkPolygon } from "../../src/core/geometry/polygon.ts";
import type { Vertex } from "../../src/core/record/spectrum-fields.ts";
import {
  CIRCLE_RADIUS_MM,
  CIRCLE_VERTICES,
  circumscribedPolygon,
  inscribedPolygon,
} from "../../src/profile/circle.ts";

/** Straight through the Earth, WGS 84, in mm, by the library's own sines: an oracle apart from the core's. */
function chordMm(a: Vertex, b: Vertex): number {
  const [one, other] = [a, b].map(({ latE7, lonE7 }) => {
    const [lat, lon] = [(latE7 * Math.PI) / 1.8e9, (lonE7 * Math.PI) / 1.8e9];
    const n = 6_378_137_000 / Math.sqrt(1 - 0.00669437999014 * Math.sin(lat) ** 2);
    return [
      n * Math.cos(lat) * Math.cos(lon),
      n * Math.cos(lat) * Math.sin(lon),
      n * (1 - 0.00669437999014) * Math.sin(lat),
    ] as const;
  }) as [readonly [number, number, number], readonly [number, number, number]];
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

const centre = fc.record({
  latE7: fc.integer({ min: -880_000_000, max: 880_000_000 }),
  lonE7: fc.integer({ min: -1_700_000_000, max: 1_700_000_000 }),
});
const radiusMm = fc.integer(CIRCLE_RADIUS_MM);

function along(from: Vertex, to: Vertex, share: number): Vertex {
  return {
    latE7: from.latE7 + (to.latE7 - from.latE7) * share,
    lonE7: from.lonE7 + (to.lonE7 - from.lonE7) * share,
  };
}

test("no corner and no edge of the polygon leaves the circle", () => {
  fc.assert(
    fc.property(centre, radiusMm, fc.double({ min: 0, max: 1, noNaN: true }), (middle, radius, share) => {
      const corners = inscribedPolygon(middle, radius);
      expect(corners).toHaveLength(CIRCLE_VERTICES);
      for (const [i, corner] of corners.entries()) {
        const next = corners[(i + 1) % corners.length] as Vertex;
        // Below the millimetre doubles have no say: radii of the Earth in mm take 33 bits.
        expect(chordMm(middle, corner)).toBeLessThanOrEqual(radius + 0.01);
        expect(chordMm(middle, along(corner, next, share))).toBeLessThanOrEqual(radius + 0.01);
      }
    }),
  );
});

test("every place within the radius lies in the polygon around the circle, and the polygon inside it does too", () => {
  const near = fc.record({
    latE7: fc.integer({ min: -840_000_000, max: 840_000_000 }),
    lonE7: fc.integer({ min: -1_500_000_000, max: 1_500_000_000 }),
  });
  const angle = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
  fc.assert(
    fc.property(near, fc.integer({ min: 1_000, max: 100_000_000 }), angle, (middle, radius, turn) => {
      const checked = checkPolygon(circumscribedPolygon(middle, radius), "");
      if (!checked.ok) throw new Error(JSON.stringify(checked.rejections));
      for (const corner of inscribedPolygon(middle, radius))
        expect(pointInside(corner, checked.value)).toBe(true);
      // A step outwards, in units of the vertices, as long as the chord allows: never beyond the polygon.
      const at = (share: number): Vertex => ({
        latE7: middle.latE7 + Math.trunc(share * 10_000_000 * Math.cos(turn)),
        lonE7: middle.lonE7 + Math.trunc(share * 150_000_000 * Math.sin(turn)),
      });
      let [inner, outer] = [0, 1];
      for (let i = 0; i < 50; i++) {
        const half = (inner + outer) / 2;
        if (chordMm(middle, at(half)) <= radius * (1 - 1e-4)) inner = half;
        else outer = half;
      }
      expect(pointInside(at(inner), checked.value)).toBe(true);
    }),
  );
});

test("the polygon around a circle of 250 m in Berlin stays within 3 m of it", () => {
  const berlin = { latE7: 525_163_000, lonE7: 133_777_000 };
  for (const corner of circumscribedPolygon(berlin, 250_000)) {
    expect(chordMm(berlin, corner)).toBeGreaterThan(250_000);
    expect(chordMm(berlin, corner)).toBeLessThan(253_000);
  }
});

test("it is a simple polygon that reaches to within a metre of a circle of 250 m in Berlin", () => {
  const berlin = { latE7: 525_163_000, lonE7: 133_777_000 };
  const corners = inscribedPolygon(berlin, 250_000);
  expect(checkPolygon(corners, "").ok).toBe(true);
  for (const corner of corners) expect(chordMm(berlin, corner)).toBeGreaterThan(249_000);
});

test("the smallest circle is still a simple polygon", () => {
  expect(checkPolygon(inscribedPolygon({ latE7: 0, lonE7: 0 }, CIRCLE_RADIUS_MM.min), "").ok).toBe(true);
});

test("a circle over the antimeridian or a pole is no polygon", () => {
  expect(checkPolygon(inscribedPolygon({ latE7: 0, lonE7: 1_799_999_000 }, 1_000_000), "").ok).toBe(false);
  expect(checkPolygon(inscribedPolygon({ latE7: 899_999_000, lonE7: 0 }, 1_000_000), "").ok).toBe(false);
  expect(checkPolygon(circumscribedPolygon({ latE7: 0, lonE7: 1_799_999_000 }, 1_000_000), "").ok).toBe(
    false,
  );
  expect(checkPolygon(circumscribedPolygon({ latE7: 899_999_000, lonE7: 0 }, 1_000_000), "").ok).toBe(false);
});
