/** The production store through some thousand losses of power, and mistakes below it that the same plans find. */
import { describe, expect, test } from "vitest";
import { type CutFinding, exploreSeed } from "./explorer.ts";
import type { Lens } from "./lens.ts";
import { asItIs, plants } from "./plants.ts";
import { newTally, type Tally } from "./world.ts";

const SEED = 1;
/** The dearest of the planted mistakes is found by the twenty-sixth plan. */
const PLANS_MAX = 40;

async function explored(
  lens: Lens,
  plans: number,
): Promise<{ readonly found: CutFinding | null; readonly tally: Tally }> {
  const tally = newTally();
  for (let seed = SEED; seed < SEED + plans; seed++) {
    const found = await exploreSeed(seed, tally, lens);
    if (found !== null) return { found, tally };
  }
  return { found: null, tally };
}

describe("losses of power", () => {
  test("at every operation of many plans lose nothing acknowledged, and every kind of fault is among them", async () => {
    const { found, tally } = await explored(asItIs, PLANS_MAX);
    expect(found).toBeNull();
    expect(tally.cuts).toBeGreaterThan(1_500);
    expect(Math.min(...Object.values(tally))).toBeGreaterThan(10);
  }, 60_000);

  test("leave a mark that was read, although the write before it had been rejected", async () => {
    expect(await exploreSeed(3_154, newTally(), asItIs)).toBeNull();
  });

  test("are the same for a seed in every run", async () => {
    const [one, other] = [await explored(asItIs, 4), await explored(asItIs, 4)];
    expect(one).toEqual(other);
  });
});

describe("a planted mistake is found:", () => {
  test.each(Object.entries(plants))(
    "%s",
    async (_name, lens) => {
      const { found, tally } = await explored(lens, PLANS_MAX);
      expect(found?.what ?? `nothing in ${tally.cuts} cuts`).toMatch(/does not hold|does not read back/);
    },
    60_000,
  );
});
