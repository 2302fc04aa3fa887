import { expect, test } from "vitest";
import { orientation } from "../../../src/core/geometry/orientation.ts";
import type { Vertex } from "../../../src/core/record/spectrum-fields.ts";
import { seeded } from "./random-polygon.ts";

function exact(a: Vertex, b: Vertex, c: Vertex): number {
  const [ax, ay, bx, by, cx, cy] = [a.lonE7, a.latE7, b.lonE7, b.latE7, c.lonE7, c.latE7].map(
    BigInt,
  ) as bigint[];
  const value =
    ((bx as bigint) - (ax as bigint)) * ((cy as bigint) - (ay as bigint)) -
    ((by as bigint) - (ay as bigint)) * ((cx as bigint) - (ax as bigint));
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

test("agrees with bigint on 200,000 triples over the whole earth, nearly straight ones included", () => {
  const random = seeded(20_240_611);
  const anywhere = (): Vertex => ({
    lonE7: random(3_600_000_001) - 1_800_000_000,
    latE7: random(1_800_000_001) - 900_000_000,
  });
  const counts = { "-1": 0, "0": 0, "1": 0 };
  for (let i = 0; i < 200_000; i++) {
    const a = anywhere();
    const b = anywhere();
    const c = i % 4 === 0 ? anywhere() : nearLine(a, b, random);
    const side = orientation(a, b, c);
    if (side !== exact(a, b, c)) expect.fail(`case ${i}: ${JSON.stringify({ a, b, c, side })}`);
    counts[`${side}`]++;
  }
  expect(counts[0]).toBeGreaterThan(1000);
  expect(counts[1]).toBeGreaterThan(1000);
  expect(counts[-1]).toBeGreaterThan(1000);
});

test("agrees with bigint where the determinant is a few units, far below the rounding of its products", () => {
  const random = seeded(20_240_612);
  const [lonMin, latMin] = [-1_800_000_000, -900_000_000];
  const counts = { "-1": 0, "0": 0, "1": 0 };
  let rounded = 0;
  for (let i = 0; i < 100_000; i++) {
    const a = { lonE7: lonMin + random(100_000_000), latE7: latMin + random(100_000_000) };
    const b = { lonE7: 1_700_000_000 + random(100_000_000), latE7: 800_000_000 + random(100_000_000) };
    const c = beside(a, b, random(7) - 3, random);
    const side = orientation(a, b, c);
    if (side !== exact(a, b, c)) expect.fail(`case ${i}: ${JSON.stringify({ a, b, c, side })}`);
    counts[`${side}`]++;
    if (side !== naive(a, b, c)) rounded++;
  }
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(5000);
  expect(rounded).toBeGreaterThan(5000);
});

/** A point whose determinant against the line is `steps` times the least that the lattice allows. */
function beside(a: Vertex, b: Vertex, steps: number, random: (below: number) => number): Vertex {
  const [east, north] = [b.lonE7 - a.lonE7, b.latE7 - a.latE7];
  // east·y − north·x = gcd, by Euclid; the solution is then moved along the line.
  let [r, s, x, nextX, y, nextY] = [east, north, 0, -1, 1, 0];
  while (s !== 0) {
    const quotient = Math.floor(r / s);
    [r, s] = [s, r - quotient * s];
    [x, nextX] = [nextX, x - quotient * nextX];
    [y, nextY] = [nextY, y - quotient * nextY];
  }
  const along = random(2) + (steps < 0 ? 1 : 0);
  return {
    lonE7: a.lonE7 + steps * x + along * (east / r),
    latE7: a.latE7 + steps * y + along * (north / r),
  };
}

function naive(a: Vertex, b: Vertex, c: Vertex): number {
  const left = (b.lonE7 - a.lonE7) * (c.latE7 - a.latE7);
  return Math.sign(left - (b.latE7 - a.latE7) * (c.lonE7 - a.lonE7));
}

function nearLine(a: Vertex, b: Vertex, random: (below: number) => number): Vertex {
  // A lattice point on the line where there is one (by the greatest common divisor), else a rounded one.
  const east = b.lonE7 - a.lonE7;
  const north = b.latE7 - a.latE7;
  const divisor = gcd(Math.abs(east), Math.abs(north));
  const nudge = random(3) - 1;
  if (divisor > 1 && random(2) === 0) {
    const step = random(divisor);
    return { lonE7: a.lonE7 + (east / divisor) * step, latE7: a.latE7 + (north / divisor) * step };
  }
  const t = random(1_000_000) / 1_000_000;
  return { lonE7: Math.round(a.lonE7 + t * east), latE7: Math.round(a.latE7 + t * north) + nudge };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
