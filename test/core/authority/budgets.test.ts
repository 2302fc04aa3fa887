import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundExcess, budgetsLeft, type GivenAway, termKey } from "../../../src/core/authority/budgets.ts";
import { chainOf, checkChain, linkExcess } from "../../../src/core/authority/chain.ts";
import { toHex } from "../../../src/core/base/bytes.ts";
import { bodiesFrom } from "../../../src/core/pairing/bodies.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import type { Credential } from "../../../src/core/record/kinds/credential.ts";
import { credentialFor, party, record } from "../../support/pair-builder.ts";
import { NOW_US, policy, squareOf } from "../pairing/pair-values.ts";

const HOUR_US = 3_600_000_000;

const hourly: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: HOUR_US,
  window: "sliding",
  allowed: 20,
};

const [root, broker, holder] = [party("root"), party("broker"), party("holder")];

function bounds(budgets: readonly BudgetTerm[], holdingsMaxHz: number | null = null) {
  return { budgets, holdingsMaxHz };
}

describe("a link under a budget", () => {
  test("has the same term with as much or less, and may add terms of its own", () => {
    const parent = bounds([hourly]);
    const daily = { ...hourly, windowUs: 24 * HOUR_US, allowed: 1_000 };
    expect(boundExcess(bounds([hourly]), parent, "link")).toEqual([]);
    expect(boundExcess(bounds([daily, { ...hourly, allowed: 19 }]), parent, "link")).toEqual([]);
    expect(boundExcess(bounds([hourly]), bounds([]), "link")).toEqual([]);
  });

  test("with one more is refused with both numbers", () => {
    expect(boundExcess(bounds([{ ...hourly, allowed: 21 }]), bounds([hourly]), "link")).toEqual([
      {
        code: "link-budget",
        field: "link.budgets",
        measured: { allowed: 21 },
        required: { unit: "settlements", windowUs: HOUR_US, window: "sliding", allowedMax: 20 },
      },
    ]);
  });

  test.each<[string, Partial<BudgetTerm>]>([
    ["of another unit", { unit: "hertz-seconds" }],
    ["for a level alone", { level: "user" }],
    ["for a commodity class alone", { commodityClass: "spectrum" }],
    ["for a lease class alone", { leaseClass: "bench" }],
    ["for an area alone", { area: squareOf(100) }],
    ["over another window", { windowUs: HOUR_US + 1 }],
    ["in windows of another sort", { window: "fixed" }],
  ])("whose own number is %s lacks it", (_, change) => {
    expect(boundExcess(bounds([{ ...hourly, ...change }]), bounds([hourly]), "link")).toMatchObject([
      { code: "link-budget", measured: { allowed: "any" } },
    ]);
    expect(termKey({ ...hourly, ...change })).not.toBe(termKey(hourly));
  });

  test("that names it twice is held to the smaller number", () => {
    const twice = bounds([
      { ...hourly, allowed: 99 },
      { ...hourly, allowed: 20 },
    ]);
    expect(boundExcess(twice, bounds([hourly]), "link")).toEqual([]);
  });

  test("may hold as much as its parent at one time, not 1 Hz more, and not anything", () => {
    expect(boundExcess(bounds([], 40_000_000), bounds([], 40_000_000), "link")).toEqual([]);
    for (const above of [40_000_001, null]) {
      expect(boundExcess(bounds([], above), bounds([], 40_000_000), "link")).toEqual([
        {
          code: "link-ceiling",
          field: "link.holdingsMaxHz",
          measured: { holdingsMaxHz: above ?? "any" },
          required: { holdingsMaxHz: 40_000_000 },
        },
      ]);
    }
  });

  test("is void in its chain as by itself, and so is one whose area is no polygon", () => {
    const upper: Partial<Credential> = { verbs: ["allocate", "issue"], level: "licensee", depthLeft: 1 };
    const over = record("credential", root, credentialFor(broker, { ...upper, budgets: [hourly] }));
    const given = (budgets: readonly BudgetTerm[]) => {
      const link = record("credential", broker, credentialFor(holder, { parent: over.id, budgets }));
      const checks = checkChain(chainOf(link.id, bodiesFrom([over, link])), {
        subject: { lineage: holder.lineage, signerKey: holder.keyId },
        roots: [root.lineage],
        policy,
        interval: { earliestUs: NOW_US, latestUs: NOW_US },
        side: "offer",
      });
      const failed = checks.filter(({ passed }) => !passed).map(({ code }) => code);
      return { failed, alone: linkExcess(link, over, policy, "link").map(({ code }) => code) };
    };
    expect(given([hourly])).toEqual({ failed: [], alone: [] });
    expect(given([])).toEqual({ failed: ["link-budget"], alone: ["link-budget"] });
    const line = [1, 2, 3].map((e7) => ({ latE7: e7, lonE7: e7 }));
    const flat = { ...hourly, level: "user", area: line };
    expect(given([hourly, flat])).toEqual({
      failed: ["polygon-zero-area"],
      alone: ["polygon-zero-area"],
    });
  });
});

function given(
  subject: string,
  change: Partial<GivenAway["body"]>,
  revokedUs: number | null = null,
): GivenAway {
  const body = {
    ...credentialFor(party(subject)),
    fromUs: 0,
    untilUs: 10 * HOUR_US,
    budgets: [{ ...hourly, allowed: 5 }],
    holdingsMaxHz: 10_000_000,
    ...change,
  };
  return { body, revokedUs };
}

function ownerOf({ body }: GivenAway): string {
  return toHex(body.subjectLineage);
}

function leftAt(all: readonly GivenAway[], atUs: number): readonly (number | null | undefined)[] {
  const own = bounds([hourly], 40_000_000);
  const { budgets, holdingsHz } = budgetsLeft(own, all, { earliestUs: atUs, latestUs: atUs });
  return [budgets[0]?.left, holdingsHz];
}

describe("what an issuer has left", () => {
  test("is all of its own where it gave nothing away, and nothing of what it does not have", () => {
    expect(leftAt([], 0)).toEqual([20, 40_000_000]);
    expect(budgetsLeft(bounds([]), [given("a", {})], { earliestUs: 0, latestUs: 0 })).toEqual({
      budgets: [],
      holdingsHz: null,
    });
  });

  test("is less by what each subject has, and by the largest number of one subject's credentials", () => {
    const renewed = given("holder", { budgets: [{ ...hourly, allowed: 7 }], holdingsMaxHz: 5_000_000 });
    expect(leftAt([given("holder", {})], 0)).toEqual([15, 30_000_000]);
    expect(leftAt([given("holder", {}), renewed], 0)).toEqual([13, 30_000_000]);
    expect(leftAt([given("holder", {}), given("consumer", {})], 0)).toEqual([10, 20_000_000]);
  });

  test("comes back a window after the end, or the revocation, since uses count until then; a ceiling at once", () => {
    const ended = given("holder", {});
    expect(leftAt([ended], 10 * HOUR_US - 1)).toEqual([15, 30_000_000]);
    expect(leftAt([ended], 10 * HOUR_US)).toEqual([15, 40_000_000]);
    expect(leftAt([ended], 11 * HOUR_US - 1)).toEqual([15, 40_000_000]);
    expect(leftAt([ended], 11 * HOUR_US)).toEqual([20, 40_000_000]);
    const revoked = given("holder", {}, 2 * HOUR_US);
    expect(leftAt([revoked], 3 * HOUR_US - 1)).toEqual([15, 40_000_000]);
    expect(leftAt([revoked], 3 * HOUR_US)).toEqual([20, 40_000_000]);
  });

  test("counts what has not begun, from its beginning", () => {
    const later = given("holder", { fromUs: HOUR_US });
    expect(leftAt([later], HOUR_US - 1)).toEqual([20, 40_000_000]);
    expect(leftAt([later], HOUR_US)).toEqual([15, 30_000_000]);
  });

  test("is never below nothing, and a child without the number is taken to have all of it", () => {
    const greedy = given("holder", { budgets: [], holdingsMaxHz: null });
    expect(leftAt([greedy], 0)).toEqual([0, 0]);
    expect(leftAt([greedy, given("consumer", {})], 0)).toEqual([0, 0]);
  });

  test("given away to the last, never sums to more than the issuer's own", () => {
    const ask = fc.record({
      subject: fc.constantFrom("a", "b", "c"),
      fromUs: fc.integer({ min: 0, max: 20 }),
      lastsUs: fc.integer({ min: 1, max: 10 }),
      allowed: fc.integer({ min: 0, max: 25 }),
    });
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 8 }), (asks) => {
        const term = { ...hourly, windowUs: 4 };
        const all: GivenAway[] = [];
        for (const { subject, fromUs, lastsUs, allowed } of asks) {
          const untilUs = fromUs + lastsUs;
          const others = all.filter((each) => ownerOf(each) !== ownerOf(given(subject, {})));
          const span = { earliestUs: fromUs, latestUs: untilUs + term.windowUs - 1 };
          const [left] = budgetsLeft(bounds([term]), others, span).budgets;
          if (left === undefined || allowed > left.left) continue;
          all.push(given(subject, { fromUs, untilUs, budgets: [{ ...term, allowed }] }));
        }
        // In any window of any length that a use may count, all that anybody could use is within the issuer's own.
        for (let atUs = 0; atUs < 40; atUs++) {
          const most = new Map<string, number>();
          for (const each of all) {
            const { body } = each;
            if (body.fromUs > atUs || body.untilUs + term.windowUs <= atUs) continue;
            const owner = ownerOf(each);
            most.set(owner, Math.max(most.get(owner) ?? 0, body.budgets[0]?.allowed ?? 0));
          }
          expect([...most.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(term.allowed);
        }
      }),
    );
  });
});
