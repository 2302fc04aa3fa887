import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  amountOf,
  emptyBook,
  type Facts,
  hertzSecondsOf,
  type Moment,
  roomFromUs,
  timeOf,
  type UseBook,
  usedOf,
  withUse,
} from "../../../src/core/budget/use-book.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import { block, squareOf } from "../pairing/pair-values.ts";

const term: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: 100,
  window: "sliding",
  allowed: 3,
};

const facts: Facts = {
  deed: "settlement",
  authority: "aa",
  level: "user",
  leaseClass: "bench",
  commodityClass: "spectrum",
  area: squareOf(1_000),
  hertzSeconds: 25_000,
};

/** Boots are told apart by their first byte. */
function moment(earliestUs: number, latestUs: number = earliestUs, bootUs = earliestUs, boot = 1): Moment {
  return {
    interval: { earliestUs, latestUs },
    boot: { bootId: new Uint8Array(16).fill(boot), bootUs },
  };
}

function used(book: UseBook, at: Moment, of: BudgetTerm = term): number {
  return usedOf(book, "aa", of, timeOf(book, at));
}

describe("a use", () => {
  test("counts until its latest edge has left the window of the earliest edge of now", () => {
    const book = withUse(emptyBook, facts, moment(1_000, 1_010));
    expect(used(book, moment(1_109, 1_119))).toBe(1);
    expect(used(book, moment(1_110, 1_120))).toBe(0);
  });

  test("counts in a fixed window to the end of the one that its latest edge lies in", () => {
    const fixed: BudgetTerm = { ...term, window: "fixed" };
    const straddling = withUse(emptyBook, facts, moment(1_090, 1_100));
    expect(used(straddling, moment(1_199), fixed)).toBe(1);
    expect(used(straddling, moment(1_200), fixed)).toBe(0);
    const before = withUse(emptyBook, facts, moment(1_090, 1_099));
    expect(used(before, moment(1_099), fixed)).toBe(1);
    expect(used(before, moment(1_100), fixed)).toBe(0);
  });

  test("of another authority, level, class, lease class or place is another's", () => {
    const book = withUse(emptyBook, facts, moment(1_000));
    expect(usedOf(book, "bb", term, 1_000)).toBe(0);
    const others: readonly Partial<BudgetTerm>[] = [
      { level: "licensee" },
      { commodityClass: "storage" },
      { leaseClass: "event" },
      { area: squareOf(10).map(({ latE7, lonE7 }) => ({ latE7: latE7 + 2_000_000, lonE7 })) },
      { unit: "acceptances" },
      { unit: "directives" },
    ];
    for (const other of others) expect(used(book, moment(1_000), { ...term, ...other })).toBe(0);
    const alike: BudgetTerm = {
      ...term,
      level: "user",
      commodityClass: "spectrum",
      leaseClass: "bench",
      area: squareOf(10),
    };
    expect(used(book, moment(1_000), alike)).toBe(1);
    expect(amountOf({ ...alike, unit: "hertz-seconds" }, facts)).toBe(25_000);
    expect(amountOf({ ...alike, unit: "acceptances" }, { ...facts, deed: "acceptance" })).toBe(1);
  });

  test("in hertz-seconds takes a begun second whole, and no more than a counter holds", () => {
    const of = (widthHz: number, lastsUs: number) =>
      hertzSecondsOf({ ...block, lowerHz: 0, upperHz: widthHz, fromUs: 0, untilUs: lastsUs });
    expect(of(25_000, 1_000_000)).toBe(25_000);
    expect(of(25_000, 1_000_001)).toBe(50_000);
    expect(of(3_000_000_000_000, 1_000_000_000_000_000)).toBe(Number.MAX_SAFE_INTEGER);
    expect(of(-25_000, 1_000_000)).toBe(0);
    expect(of(25_000, -5_000_000)).toBe(0);
    const vast = { ...facts, hertzSeconds: Number.MAX_SAFE_INTEGER };
    const book = withUse(withUse(emptyBook, vast, moment(1)), vast, moment(2));
    expect(used(book, moment(3), { ...term, unit: "hertz-seconds" })).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("leaves the book once no window can hold it, and not before", () => {
    const first = withUse(emptyBook, facts, moment(0));
    expect(withUse(first, facts, moment(2_678_399_999_999)).uses).toHaveLength(2);
    expect(withUse(first, facts, moment(2_678_400_000_000)).uses).toHaveLength(1);
  });
});

describe("room", () => {
  test("comes when enough has left, is there at once where it is, and never comes for nothing allowed", () => {
    const book = [1_000, 1_020, 1_050].reduce((so, at) => withUse(so, facts, moment(at)), emptyBook);
    const from = (allowed: number) => roomFromUs(book, "aa", { ...term, allowed }, 1_060);
    expect([4, 3, 2, 1, 0].map(from)).toEqual([1_060, 1_100, 1_120, 1_150, null]);
  });
});

describe("a clock that steps", () => {
  const full = [1_000, 1_010, 1_020].reduce((book, at) => withUse(book, facts, moment(at)), emptyBook);

  test("forward within a boot empties no window: the boot clock knows better", () => {
    expect(used(full, moment(9_000, 9_000, 1_030))).toBe(3);
    expect(used(full, moment(9_000, 9_000, 1_100))).toBe(2);
  });

  test("backward holds the window where the boot clock has it", () => {
    expect(used(full, moment(10, 10, 1_030))).toBe(3);
    expect(used(full, moment(10, 10, 1_119))).toBe(1);
    const later = withUse(full, facts, moment(10, 10, 1_119));
    expect(used(later, moment(1_219, 1_219, 1_219))).toBe(1);
    expect(used(later, moment(1_220, 1_220, 1_220))).toBe(0);
  });

  test("backward over a reboot brings nothing back, and the new boot's uses stay for a whole window", () => {
    const after = withUse(full, facts, moment(10, 10, 5, 2));
    expect(used(after, moment(20, 20, 15, 2))).toBe(4);
    expect(after.timeUs).toBe(1_020);
    expect(used(after, moment(1_119, 1_119, 104, 2))).toBe(2);
    expect(used(after, moment(1_120, 1_120, 105, 2))).toBe(0);
  });

  test("forward before the first use of a run is held by what the run has seen, where that can be", () => {
    const bootId = new Uint8Array(16).fill(2);
    const at = moment(9_000, 9_000, 40, 2);
    const seen = { bootId, bootUs: 10, latestUs: 1_030 };
    expect(usedOf(full, "aa", term, timeOf(full, at, seen))).toBe(3);
    expect(usedOf(full, "aa", term, timeOf(full, at, { ...seen, latestUs: 500 }))).toBe(0);
    expect(usedOf(full, "aa", term, timeOf(full, at))).toBe(0);
  });
});

const deed = fc.record({
  /** Since the one before. */
  afterUs: fc.nat({ max: 60 }),
  reboot: fc.boolean(),
  hertzSeconds: fc.integer({ min: 1, max: 4 }),
  /** By how much a false clock is off. */
  offUs: fc.integer({ min: -500, max: 500 }),
});

const anyTerm = fc.record({
  unit: fc.constantFrom("settlements" as const, "hertz-seconds" as const),
  window: fc.constantFrom("sliding" as const, "fixed" as const),
  windowUs: fc.integer({ min: 1, max: 150 }),
  allowed: fc.nat({ max: 6 }),
});

describe("the book against a list of all uses", () => {
  test("admits exactly what the list has room for, over restarts and reboots, with uncertain times", () => {
    fc.assert(
      fc.property(
        anyTerm,
        fc.array(deed, { maxLength: 40 }),
        fc.nat({ max: 10 }),
        fc.nat({ max: 10 }),
        (some, deeds, early, late) => {
          const of: BudgetTerm = { ...term, ...some };
          const list: { readonly latestUs: number; readonly amount: number }[] = [];
          let book = emptyBook;
          let [nowUs, bootBeganUs, boot] = [10_000, 0, 1];
          for (const { afterUs, reboot, hertzSeconds } of deeds) {
            nowUs += afterUs;
            if (reboot) [bootBeganUs, boot] = [nowUs, boot + 1];
            const at = moment(nowUs - early, nowUs + late, nowUs - bootBeganUs, boot);
            const counting = list
              .filter(({ latestUs }) => {
                const end =
                  of.window === "sliding"
                    ? latestUs + of.windowUs
                    : (Math.floor(latestUs / of.windowUs) + 1) * of.windowUs;
                return end > nowUs - early;
              })
              .reduce((sum, { amount }) => sum + amount, 0);
            expect(used(book, at, of)).toBe(counting);
            const one = { ...facts, hertzSeconds };
            const amount = of.unit === "settlements" ? 1 : hertzSeconds;
            expect(amountOf(of, one)).toBe(amount);
            if (counting + amount > of.allowed) continue;
            book = withUse(book, one, at);
            list.push({ latestUs: nowUs + late, amount });
          }
        },
      ),
    );
  });

  // But for what a boot clock may drift in it, and a microsecond of rounding a use.
  test("never lets more through in a window of true time, however the clock steps within a boot", () => {
    fc.assert(
      fc.property(anyTerm, fc.array(deed, { maxLength: 60 }), (some, deeds) => {
        const of: BudgetTerm = {
          ...term,
          ...some,
          unit: "settlements",
          window: "sliding",
          windowUs: some.windowUs * 1_000,
        };
        const made: number[] = [];
        let book = emptyBook;
        let nowUs = 10_000_000;
        for (const { afterUs, offUs } of deeds) {
          nowUs += afterUs * 1_000;
          // The first one tells the truth: with nothing to hold it against, there is nothing to find.
          const saidUs = made.length === 0 ? nowUs : nowUs + offUs * 1_000;
          const at = moment(saidUs, saidUs, nowUs);
          if (used(book, at, of) + 1 > of.allowed) continue;
          book = withUse(book, facts, at);
          made.push(nowUs);
        }
        const windowUs = of.windowUs - Math.ceil(of.windowUs * 0.004) - 2 * deeds.length;
        for (const at of made) {
          const within = made.filter((each) => each > at - windowUs && each <= at).length;
          expect(within).toBeLessThanOrEqual(of.allowed);
        }
      }),
    );
  });
});
