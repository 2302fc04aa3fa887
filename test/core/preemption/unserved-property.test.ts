/** The unserved part of a paid grant against whole-number arithmetic written another way: microsecond by microsecond, never above the price. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { unservedMicroUnits, unservedUs } from "../../../src/core/preemption/zones.ts";
import type { Block } from "../../../src/core/record/spectrum-fields.ts";
import { sceneBlock } from "../../support/scripted-authority.ts";

const instant = fc.integer({ min: 0, max: 60 });
const price = fc.bigInt({ min: 0n, max: 10n ** 9n });
const scene = fc.record({
  fromUs: instant,
  lastsUs: fc.integer({ min: 1, max: 60 }),
  issuedUs: instant,
  silentUs: fc.option(instant),
  price,
});

/** Instants that the grant has, and the directive takes. */
function taken(block: Block, issuedUs: number, untilUs: number | null): number {
  let count = 0;
  for (let us = block.fromUs; us < block.untilUs; us++)
    if (us >= issuedUs && (untilUs === null || us < untilUs)) count += 1;
  return count;
}

test("counts the microseconds that are in both, and owes the greatest whole sum not above their share", () => {
  fc.assert(
    fc.property(scene, ({ fromUs, lastsUs, issuedUs, silentUs, price: microUnits }) => {
      const block: Block = { ...sceneBlock, fromUs, untilUs: fromUs + lastsUs };
      const untilUs = silentUs === null ? null : issuedUs + silentUs;
      const directive = { zones: [], issuedUs, untilUs };
      const us = taken(block, issuedUs, untilUs);
      expect(unservedUs(directive, block)).toBe(us);
      const owed = unservedMicroUnits(microUnits, directive, block);
      const share = microUnits * BigInt(us);
      expect(owed * BigInt(lastsUs) <= share && share < (owed + 1n) * BigInt(lastsUs)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test("of the largest price and the longest grant nothing is lost to rounding", () => {
  const most = 2n ** 63n - 1n;
  const block: Block = { ...sceneBlock, fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER };
  const whole = { zones: [], issuedUs: 0, untilUs: null };
  expect(unservedMicroUnits(most, whole, block)).toBe(most);
  const allButOne = { zones: [], issuedUs: 1, untilUs: null };
  const untilUs = BigInt(Number.MAX_SAFE_INTEGER);
  expect(unservedMicroUnits(most, allButOne, block)).toBe((most * (untilUs - 1n)) / untilUs);
});
