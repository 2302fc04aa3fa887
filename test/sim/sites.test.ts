/** Where the hosts of a world stand (src/sim/sites.ts). */
import fc from "fast-check";
import { expect, test } from "vitest";
import { CENTRE_SITE, siteCount, sitePlace, sitesReachMm } from "../../src/sim/sites.ts";

test("a world of the usual size has one site, at its centre", () => {
  for (const agents of [2, 20, 25, 49]) expect(siteCount(agents)).toBe(1);
  expect(sitePlace(CENTRE_SITE, 20)).toEqual({ northMm: 0, eastMm: 0 });
  expect(sitesReachMm(20)).toBe(0);
});

test("a thousand agents stand in forty sites, each ten kilometres from the next, none beyond the reach", () => {
  const places = Array.from({ length: siteCount(1_000) }, (_, site) => sitePlace(site, 1_000));
  expect(places).toHaveLength(40);
  expect(Math.max(...places.flatMap(({ northMm, eastMm }) => [northMm, eastMm]))).toBe(sitesReachMm(1_000));
  for (const [i, a] of places.entries())
    for (const b of places.slice(i + 1))
      expect(Math.max(Math.abs(a.northMm - b.northMm), Math.abs(a.eastMm - b.eastMm))).toBeGreaterThanOrEqual(
        10_000_000,
      );
});

test("no two sites of any world are at one place", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1_000 }), (agents) => {
      const places = Array.from({ length: siteCount(agents) }, (_, site) => sitePlace(site, agents));
      expect(new Set(places.map(({ northMm, eastMm }) => `${northMm} ${eastMm}`)).size).toBe(places.length);
    }),
  );
});
