/** What directives take of their author's budgets (PROTOCOL §7). */
import { describe, expect, test } from "vitest";
import { exposureOf, overBudget, understated } from "../../../src/core/preemption/exposure.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import type { Preemption } from "../../../src/core/record/kinds/preemption.ts";
import { CENTRE, HOUR_US, SECOND_US, START_US, sceneBlock } from "../../support/scripted-authority.ts";

const term: BudgetTerm = {
  unit: "silence-us",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: HOUR_US,
  window: "sliding",
  allowed: 300 * SECOND_US,
};
const LAST_US = START_US + 10 * HOUR_US;
const FAR = { latE7: CENTRE.latE7 + 10_000_000, lonE7: CENTRE.lonE7 + 10_000_000 };
const elsewhere = [FAR, { ...FAR, lonE7: FAR.lonE7 + 1_000 }, { ...FAR, latE7: FAR.latE7 + 1_000 }];

const withTerms = (...budgets: readonly BudgetTerm[]) => ({ budgets, level: "root", untilUs: LAST_US });

function directive(change: Partial<Preemption> = {}): Preemption {
  const { lowerHz, upperHz, area, commodityClass } = sceneBlock;
  return {
    zones: [{ lowerHz, upperHz, area, commodityClass }],
    issuedUs: START_US,
    untilUs: START_US + 60 * SECOND_US,
    cause: "incumbent",
    leasesMax: 2,
    budgets: [],
    nonce: new Uint8Array(16),
    ...change,
  };
}

describe("what one directive takes", () => {
  test.each<[string, Partial<BudgetTerm>, Partial<Preemption>, number]>([
    ["one of directives", { unit: "directives" }, {}, 1],
    ["the leases that it may hit", { unit: "leases-hit" }, {}, 2],
    ["any number of leases", { unit: "leases-hit" }, { leasesMax: null }, Number.MAX_SAFE_INTEGER],
    ["silence of each lease", {}, {}, 120 * SECOND_US],
    ["silence to the end of its author's credential", {}, { untilUs: null }, 2 * (LAST_US - START_US)],
    ["silence of any number of leases", {}, { leasesMax: null }, Number.MAX_SAFE_INTEGER],
    ["a budget of its level", { level: "root" }, {}, 120 * SECOND_US],
    ["a budget of its commodity class", { commodityClass: "ism-433" }, {}, 120 * SECOND_US],
    ["a budget of an area that it meets", { area: sceneBlock.area }, {}, 120 * SECOND_US],
    ["a budget of a lease class, since it names none", { leaseClass: "scene" }, {}, 120 * SECOND_US],
  ])("%s", (_, change, body, used) => {
    const of = { ...term, ...change };
    expect(exposureOf(withTerms(of), directive(body), [])).toEqual([{ term: 0, used, allowed: of.allowed }]);
  });

  test.each<[string, Partial<BudgetTerm>, Partial<Preemption>]>([
    ["a budget of another level", { level: "user" }, {}],
    ["a budget of another commodity class", { commodityClass: "pmse" }, {}],
    ["a budget of an area that it does not meet", { area: elsewhere }, {}],
    ["a budget of settlements", { unit: "settlements" }, {}],
    ["silence that ends before it begins", {}, { untilUs: START_US - 1 }],
  ])("nothing of %s", (_, change, body) => {
    expect(exposureOf(withTerms({ ...term, ...change }), directive(body), [])).toEqual([]);
  });

  test("the second of two budgets is named by its place", () => {
    const terms = withTerms({ ...term, unit: "acceptances" }, { ...term, unit: "directives", allowed: 3 });
    expect(exposureOf(terms, directive(), [])).toEqual([{ term: 1, used: 1, allowed: 3 }]);
  });

  test("of one budget that is named twice, the least number counts", () => {
    const terms = withTerms(
      { ...term, unit: "directives", allowed: 3 },
      { ...term, unit: "directives", allowed: 2 },
    );
    expect(exposureOf(terms, directive(), []).map(({ allowed }) => allowed)).toEqual([2, 2]);
  });
});

describe("what several take together", () => {
  const counting = withTerms({ ...term, unit: "directives" });
  const usedAfter = (beforeUs: number) =>
    exposureOf(counting, directive(), [directive({ issuedUs: START_US - beforeUs })])[0]?.used;

  test("one of the same window counts, to the microsecond; later ones do not", () => {
    expect(usedAfter(HOUR_US - 1)).toBe(2);
    expect(usedAfter(HOUR_US)).toBe(1);
    expect(usedAfter(0)).toBe(2);
    expect(usedAfter(-1)).toBe(1);
  });

  test("a sum beyond what a record can say stays at the largest number", () => {
    const any = directive({ leasesMax: null });
    const [exposure] = exposureOf(withTerms(term), any, [any]);
    expect(exposure?.used).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe("what is refused", () => {
  test("more than allowed, with the budget's unit and window", () => {
    const exposed = [
      { term: 0, used: 5, allowed: 5 },
      { term: 0, used: 6, allowed: 5 },
    ];
    expect(overBudget(withTerms(term), exposed)).toMatchObject([
      {
        code: "preemption-over-budget",
        measured: { used: 6 },
        required: { allowed: 5, unit: "silence-us", windowUs: HOUR_US },
      },
    ]);
  });

  test("a budget that its author has not, said to be used up", () => {
    expect(overBudget(withTerms(), [{ term: 4, used: 2, allowed: 1 }])).toMatchObject([
      { required: { unit: "none", windowUs: 0 } },
    ]);
  });

  const found = [{ term: 0, used: 2, allowed: 3 }];
  test.each([
    ["nothing", [], { used: "none", allowed: "none" }],
    ["another budget", [{ term: 1, used: 2, allowed: 3 }], { used: "none", allowed: "none" }],
    ["too little", [{ term: 0, used: 1, allowed: 3 }], { used: 1, allowed: 3 }],
    ["another number allowed", [{ term: 0, used: 2, allowed: 4 }], { used: 2, allowed: 4 }],
  ])("%s said of a budget that is used", (_, stated, measured) => {
    expect(understated(stated, found)).toMatchObject([
      { code: "preemption-budget", measured: { term: 0, ...measured }, required: { usedMin: 2, allowed: 3 } },
    ]);
  });

  test("not what says as much, or more", () => {
    for (const used of [2, 3]) expect(understated([{ term: 0, used, allowed: 3 }], found)).toEqual([]);
  });
});
