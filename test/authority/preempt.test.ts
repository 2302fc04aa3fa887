/** Directives of an offline authority: written only where every receiver would obey them (PROTOCOL §7). */
import { describe, expect, test } from "vitest";
import { preempt } from "../../src/authority/preempt.ts";
import type { BudgetTerm } from "../../src/core/record/budget-fields.ts";
import {
  below,
  box,
  memoryParts,
  NOW_US,
  ONE_KEY,
  refused,
  root,
  value,
  whole,
} from "../support/memory-authority.ts";

const MINUTE_US = 60_000_000;
const order = {
  lowerHz: box.lowerHz,
  upperHz: box.upperHz,
  cause: "incumbent" as const,
  untilUs: NOW_US + MINUTE_US,
  leasesMax: 4,
};
const budget: BudgetTerm = {
  unit: "silence-us",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: 60 * MINUTE_US,
  window: "sliding",
  allowed: 5 * MINUTE_US,
};

describe("a root whose level is obeyed", () => {
  test("silences its own band, over the area of its own box, and names its credential", async () => {
    const authority = await root(memoryParts(1), ONE_KEY);
    const { body, header } = value(await preempt(authority, order, NOW_US));
    const { area, commodityClass } = box;
    expect(body.zones).toEqual([{ lowerHz: box.lowerHz, upperHz: box.upperHz, area, commodityClass }]);
    expect(header.credential).not.toBeNull();
  });

  test("silences nothing outside its band, or before it begins", async () => {
    const authority = await root(memoryParts(1), ONE_KEY);
    const wide = { ...order, upperHz: box.upperHz + 1 };
    expect(refused(await preempt(authority, wide, NOW_US))).toEqual(["preemption-scope preemption.zones"]);
    const over = { ...order, untilUs: NOW_US };
    expect(refused(await preempt(authority, over, NOW_US))).toEqual(["preemption-time preemption"]);
  });
});

describe("an authority below it", () => {
  test("of a level that nobody obeys writes none", async () => {
    const top = await root(memoryParts(1), ONE_KEY);
    const rights = {
      ...whole,
      level: "licensee",
      verbs: ["preempt" as const],
      exclusive: false,
      depthLeft: 0,
    };
    const authority = await below(top, memoryParts(2), rights);
    expect(refused(await preempt(authority, order, NOW_US))).toEqual([
      "preemption-level preemption.credential",
    ]);
  });

  test("states what remains of its budget in each, to the last, and no more in the window", async () => {
    const top = await root(memoryParts(1), ONE_KEY);
    const rights = {
      ...whole,
      level: "regulator",
      verbs: ["preempt" as const],
      exclusive: false,
      depthLeft: 0,
    };
    const authority = await below(top, memoryParts(2), { ...rights, budgets: [budget] });
    const first = value(await preempt(authority, order, NOW_US));
    expect(first.body.budgets).toEqual([{ term: 0, used: 4 * MINUTE_US, allowed: 5 * MINUTE_US }]);
    expect(refused(await preempt(authority, order, NOW_US))).toEqual([
      "preemption-over-budget preemption.budgets",
    ]);
    const last = value(await preempt(authority, { ...order, leasesMax: 1 }, NOW_US));
    expect(last.body.budgets).toEqual([{ term: 0, used: 5 * MINUTE_US, allowed: 5 * MINUTE_US }]);
    const laterUs = NOW_US + 60 * MINUTE_US;
    value(await preempt(authority, { ...order, untilUs: laterUs + MINUTE_US }, laterUs));
  });

  test("that does not say how many leases it hits has no budget of silence for it", async () => {
    const top = await root(memoryParts(1), ONE_KEY);
    const rights = {
      ...whole,
      level: "regulator",
      verbs: ["preempt" as const],
      exclusive: false,
      depthLeft: 0,
    };
    const authority = await below(top, memoryParts(2), { ...rights, budgets: [budget] });
    expect(refused(await preempt(authority, { ...order, leasesMax: null }, NOW_US))).toEqual([
      "preemption-over-budget preemption.budgets",
    ]);
  });
});
