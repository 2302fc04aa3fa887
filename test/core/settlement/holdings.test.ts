import { describe, expect, test } from "vitest";
import type { Holding } from "../../../src/core/record/kinds/acceptance.ts";
import type { HoldingsCeiling } from "../../../src/core/record/kinds/policy.ts";
import type { Block } from "../../../src/core/record/spectrum-fields.ts";
import { ceilingFindings, holdingOf } from "../../../src/core/settlement/holdings.ts";
import { block, policy, squareOf } from "../pairing/pair-values.ts";

const WIDTH_HZ = 10_000_000;
const id = new Uint8Array(32);

/** 10 MHz from `lowerHz`, from `fromUs` to `untilUs`. */
function piece(lowerHz: number, fromUs = 0, untilUs = 100, change: Partial<Block> = {}): Block {
  return { ...block, lowerHz, upperHz: lowerHz + WIDTH_HZ, fromUs, untilUs, ...change };
}

function held(...of: Parameters<typeof piece>): Holding {
  return holdingOf(id, piece(...of), "bench");
}

function above(
  holdings: readonly Holding[],
  holdingsMaxHz: number | null,
  ceilings: readonly HoldingsCeiling[] = [],
  wanted: Block = piece(0),
) {
  const asked = { block: wanted, leaseClass: "bench", holdings, holdingsMaxHz };
  return ceilingFindings({ ...asked, policy: { ...policy, ceilings } });
}

const ceiling: HoldingsCeiling = {
  commodityClass: block.commodityClass,
  leaseClass: null,
  area: null,
  holdingsMaxHz: 2 * WIDTH_HZ,
};

describe("a credential's ceiling", () => {
  test("is reached by as much as it says, and not gone above by 1 Hz", () => {
    expect(above([held(1e8)], 2 * WIDTH_HZ)).toEqual([]);
    expect(above([held(1e8)], 2 * WIDTH_HZ - 1)).toEqual([
      {
        code: "holdings-ceiling",
        field: "acceptance.holdings",
        measured: { heldHz: WIDTH_HZ, widthHz: WIDTH_HZ },
        required: { holdingsMaxHz: 2 * WIDTH_HZ - 1, by: "the consumer's credential" },
      },
    ]);
    expect(above([held(1e8), held(2e8)], null)).toEqual([]);
  });

  test("counts what is held at one moment of the block, not what follows one another in it", () => {
    expect(above([held(1e8, 0, 50), held(2e8, 50, 100)], 2 * WIDTH_HZ)).toEqual([]);
    expect(above([held(1e8, 0, 51), held(2e8, 50, 100)], 2 * WIDTH_HZ)).toMatchObject([
      { measured: { heldHz: 2 * WIDTH_HZ } },
    ]);
    expect(above([held(1e8, 100, 200), held(2e8, -100, 0)], WIDTH_HZ)).toEqual([]);
  });

  test("counts a channel as often as it is held, and edges said the wrong way round as they lie", () => {
    expect(above([held(1e8), held(1e8)], 2 * WIDTH_HZ)).toHaveLength(1);
    const turned = { ...held(1e8), lowerHz: 1e8 + WIDTH_HZ, upperHz: 1e8 };
    expect(above([turned], 2 * WIDTH_HZ - 1)).toHaveLength(1);
  });
});

describe("a policy's ceiling", () => {
  test("counts its own classes alone, and is named by the policy", () => {
    expect(above([held(1e8), held(2e8)], null, [ceiling])).toMatchObject([
      { required: { holdingsMaxHz: 2 * WIDTH_HZ, by: policy.name } },
    ]);
    const storage = { ...held(2e8), commodityClass: "storage" };
    expect(above([held(1e8), storage], null, [ceiling])).toEqual([]);
    const event = { ...ceiling, leaseClass: "event" };
    expect(above([held(1e8), held(2e8)], null, [event])).toEqual([]);
    const bench = { ...ceiling, leaseClass: "bench" };
    expect(above([held(1e8), { ...held(2e8), leaseClass: "event" }], null, [bench])).toEqual([]);
  });

  test("of an area counts what may lie in it, and leaves blocks outside alone", () => {
    const area = squareOf(1_000);
    const far = squareOf(1_000).map(({ latE7, lonE7 }) => ({ latE7: latE7 + 5_000_000, lonE7 }));
    const of = { ...ceiling, area };
    const here = { area: squareOf(500) };
    expect(above([held(1e8), held(2e8)], null, [of], piece(0, 0, 100, { area: far }))).toEqual([]);
    const wanted = piece(0, 0, 100, here);
    expect(above([held(1e8, 0, 100, here), held(2e8, 0, 100, here)], null, [of], wanted)).toHaveLength(1);
    expect(above([held(1e8, 0, 100, here), held(2e8, 0, 100, { area: far })], null, [of], wanted)).toEqual(
      [],
    );
    // Corners that make no area may lie anywhere.
    const extent = { southE7: 0, northE7: 0, westE7: 0, eastE7: 0 };
    expect(above([held(1e8, 0, 100, here), { ...held(2e8), extent }], null, [of], wanted)).toHaveLength(1);
  });
});
