import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { Block } from "../../../src/core/record/spectrum-fields.ts";
import { type BookClock, conflicts, isFree, renewalsRunOut } from "../../../src/core/settlement/book.ts";
import { NO_SPACING, type Spacing } from "../../../src/core/settlement/collision.ts";
import type { Lease } from "../../../src/core/settlement/lease.ts";
import { named } from "../../support/pair-builder.ts";
import { block, NOW_US, squareOf } from "../pairing/pair-values.ts";
import { bootId, bounds, leaseOf, relinquishment, termination } from "./leases.ts";

const GUARD_HZ = 25_000;
const bound = leaseOf();
const lease = (change: Partial<Lease>): Lease => ({ ...bound, ...change });
/** Both bounds have just passed. */
const passed: BookClock = { bootId, bootUs: 1_000, earliestUs: NOW_US + 100 };

describe("a block is free again", () => {
  test.each<[string, Partial<Lease>, Partial<BookClock>, boolean]>([
    ["never by time alone", { bounds }, {}, false],
    ["not by a termination in mid-renewal", { bounds, termination }, { bootUs: 999 }, false],
    ["not 1 µs before the expiry bound", { bounds, termination }, { earliestUs: NOW_US + 99 }, false],
    ["not after a termination without time of its own", { bounds, termination }, { earliestUs: null }, false],
    ["after a termination, when both bounds have passed", { bounds, termination }, {}, true],
    ["after a termination of what was never renewed", { termination }, { earliestUs: null, bootUs: 0 }, true],
    [
      "not in a new boot before the whole reach",
      { bounds, termination },
      { bootId: named("b"), bootUs: 499 },
      false,
    ],
    [
      "in a new boot after the whole reach",
      { bounds, termination },
      { bootId: named("b"), bootUs: 500 },
      true,
    ],
    ["at once by a relinquishment", { bounds, relinquishment }, { bootUs: 0, earliestUs: null }, true],
    ["by a relinquishment after a termination", { bounds, termination, relinquishment }, { bootUs: 0 }, true],
  ])("%s", (_, change, clock, free) => {
    expect(isFree(lease(change), { ...passed, ...clock })).toBe(free);
  });

  test("needs both bounds, each alone is not enough", () => {
    const standing = lease({ bounds });
    expect(renewalsRunOut(standing, passed)).toBe(true);
    expect(renewalsRunOut(standing, { ...passed, bootUs: 999 })).toBe(false);
    expect(renewalsRunOut(standing, { ...passed, earliestUs: NOW_US + 99 })).toBe(false);
    expect(renewalsRunOut(lease({}), { ...passed, bootUs: 0, earliestUs: null })).toBe(true);
  });
});

const HOUR_US = block.untilUs - block.fromUs;
const WIDTH_HZ = block.upperHz - block.lowerHz;
const [south, , north] = squareOf(100_000);
const EAST_E7 = north?.lonE7 ?? 0;

/** The square that begins `gapE7` east of the block's. */
function eastOf(gapE7: number): Block["area"] {
  const [west, east] = [EAST_E7 + gapE7, EAST_E7 + gapE7 + 1_000];
  const [low, high] = [south?.latE7 ?? 0, north?.latE7 ?? 0];
  return [
    { latE7: low, lonE7: west },
    { latE7: low, lonE7: east },
    { latE7: high, lonE7: east },
    { latE7: high, lonE7: west },
  ];
}

function taken(wanted: Partial<Block>, standing: readonly Lease[] = [bound], guardBandHz = 0): boolean {
  return conflicts({ ...block, ...wanted }, { guardBandHz, tdd: null }, standing, passed).length > 0;
}

const above = (gapHz: number): Partial<Block> => ({
  lowerHz: block.upperHz + gapHz,
  upperHz: block.upperHz + gapHz + WIDTH_HZ,
});
const below = (gapHz: number): Partial<Block> => ({
  lowerHz: block.lowerHz - gapHz - WIDTH_HZ,
  upperHz: block.lowerHz - gapHz,
});

describe("a second acceptance", () => {
  test("of the same block is refused with the lease, both blocks and the guard band", () => {
    expect(conflicts(block, NO_SPACING, [bound], passed)).toEqual([
      {
        code: "already-allocated",
        field: "acceptance.block",
        measured: {
          lowerHz: block.lowerHz,
          upperHz: block.upperHz,
          fromUs: block.fromUs,
          untilUs: block.untilUs,
        },
        required: {
          lease: toHex(bound.derived.id),
          notLowerHz: block.lowerHz,
          notUpperHz: block.upperHz,
          notFromUs: block.fromUs,
          notUntilUs: block.untilUs,
          guardHz: GUARD_HZ,
        },
      },
    ]);
  });

  test.each<[string, Partial<Block>, boolean]>([
    ["of a part", { upperHz: block.lowerHz + 1 }, true],
    ["of more around it", { lowerHz: block.lowerHz - 1, upperHz: block.upperHz + 1 }, true],
    ["beside it without guard", above(0), true],
    ["1 Hz inside the guard band above", above(GUARD_HZ - 1), true],
    ["at the guard band above", above(GUARD_HZ), false],
    ["1 Hz inside the guard band below", below(GUARD_HZ - 1), true],
    ["at the guard band below", below(GUARD_HZ), false],
    ["from the very end on", { fromUs: block.untilUs, untilUs: block.untilUs + HOUR_US }, false],
    ["from 1 µs before the end on", { fromUs: block.untilUs - 1, untilUs: block.untilUs + HOUR_US }, true],
    ["up to the very start", { fromUs: block.fromUs - HOUR_US, untilUs: block.fromUs }, false],
    ["up to 1 µs after the start", { fromUs: block.fromUs - HOUR_US, untilUs: block.fromUs + 1 }, true],
    ["of the area beside it, which shares an edge", { area: eastOf(0) }, false],
    ["of an area 1e-7 degree inside", { area: eastOf(-1) }, true],
    ["of an area that is no polygon", { area: block.area.slice(0, 2) }, true],
  ])("%s: refused is %s", (_, wanted, expected) => {
    expect(taken(wanted)).toBe(expected);
  });

  test("heeds the wider of both guard bands", () => {
    expect(taken(above(GUARD_HZ), [bound], GUARD_HZ + 1)).toBe(true);
    expect(taken(above(GUARD_HZ + 1), [bound], GUARD_HZ + 1)).toBe(false);
    expect(taken(above(GUARD_HZ - 1), [bound], 1)).toBe(true);
  });

  test("shares a block where both share, and with nobody who does not", () => {
    const shared = { ...block, exclusive: false };
    const sharing = leaseOf({ offer: { block: shared }, acceptance: { block: shared } });
    expect(taken({ exclusive: false }, [sharing])).toBe(false);
    expect(taken({ exclusive: true }, [sharing])).toBe(true);
    expect(taken({ exclusive: false }, [bound])).toBe(true);
  });

  test("is refused once for each lease in its way", () => {
    const other = leaseOf({ acceptance: { nonce: new Uint8Array(16) } });
    const ended = lease({ relinquishment });
    const found = conflicts(block, NO_SPACING, [bound, ended, other], passed);
    expect(found.map(({ required }) => required["lease"])).toEqual(
      [bound, other].map(({ derived }) => toHex(derived.id)),
    );
  });

  test("is refused as long as a terminated lease may still be on the air, and not by what one consumes oneself", () => {
    expect(taken({}, [lease({ bounds, termination })])).toBe(false);
    const early = { ...passed, bootUs: 999 };
    expect(conflicts(block, NO_SPACING, [lease({ bounds, termination })], early)).toHaveLength(1);
    expect(taken({}, [lease({ role: "consumer" })])).toBe(false);
    expect(taken({}, [])).toBe(false);
  });
});

const GUARD_TDD_HZ = 1_000_000;
const frames = (name: string, guardHz = GUARD_TDD_HZ): Spacing => ({
  guardBandHz: 0,
  tdd: { class: name, guardHz },
});
const codesOf = (wanted: Partial<Block>, spacing: Spacing, standing: Lease): readonly string[] =>
  conflicts({ ...block, ...wanted }, spacing, [standing], passed).map(({ code }) => code);

describe("networks that divide time between the directions", () => {
  const commodity = { guardBandHz: 0, tdd: { class: "utc-5ms-a", guardHz: GUARD_TDD_HZ } };
  const standing = leaseOf({ schema: commodity });

  test("are refused without guard where they are not synchronised, and the finding names both classes", () => {
    const found = conflicts({ ...block, ...above(0) }, frames("utc-5ms-b"), [standing], passed);
    expect(found).toMatchObject([
      {
        code: "tdd-guard",
        field: "acceptance.block",
        measured: { lowerHz: block.upperHz, tddClass: "utc-5ms-b" },
        required: {
          lease: toHex(standing.derived.id),
          notUpperHz: block.upperHz,
          guardHz: GUARD_TDD_HZ,
          tddClass: "utc-5ms-a",
        },
      },
    ]);
  });

  test.each<[string, Partial<Block>, Spacing, readonly string[]]>([
    ["synchronised ones may touch", above(0), frames("utc-5ms-a"), []],
    ["with a guard of their own", above(0), frames("utc-5ms-a", 9 * GUARD_TDD_HZ), []],
    ["1 Hz inside the guard", above(GUARD_TDD_HZ - 1), frames("b"), ["tdd-guard"]],
    ["at the guard", above(GUARD_TDD_HZ), frames("b"), []],
    ["below, 1 Hz inside", below(GUARD_TDD_HZ - 1), frames("b"), ["tdd-guard"]],
    ["the wider guard of both", above(GUARD_TDD_HZ), frames("b", GUARD_TDD_HZ + 1), ["tdd-guard"]],
    ["one that says nothing is not known to be synchronised", above(0), NO_SPACING, ["tdd-guard"]],
    ["on the same spectrum it is no matter of guards", {}, frames("b"), ["already-allocated"]],
    ["nor within the guard band", above(0), { ...frames("b"), guardBandHz: 1 }, ["already-allocated"]],
    ["afterwards", { fromUs: block.untilUs, untilUs: block.untilUs + HOUR_US }, frames("b"), []],
    ["in the area beside it", { area: eastOf(0), ...above(0) }, frames("b"), []],
  ])("%s", (_, wanted, spacing, expected) => {
    expect(codesOf(wanted, spacing, standing)).toEqual(expected);
  });

  test("both shared, bear each other", () => {
    const shared = { ...block, exclusive: false };
    const sharing = leaseOf({ schema: commodity, offer: { block: shared }, acceptance: { block: shared } });
    expect(codesOf({ ...above(0), exclusive: false }, frames("b"), sharing)).toEqual([]);
    expect(codesOf({ ...above(0), exclusive: true }, frames("b"), sharing)).toEqual(["tdd-guard"]);
  });

  test("are told apart as an oracle in whole steps of frequency and time tells them", () => {
    const named = fc.constantFrom<string | null>(null, "a", "b");
    const cell = fc.record({
      at: fc.integer({ min: -6, max: 6 }),
      tdd: named,
      guard: fc.nat({ max: 4 }),
      hour: fc.integer({ min: -1, max: 1 }),
      exclusive: fc.boolean(),
    });
    const leases = new Map<string, Lease>();
    const STEP_HZ = 100_000;
    fc.assert(
      fc.property(cell, named, fc.nat({ max: 4 }), fc.nat({ max: 2 }), (asked, tdd, guard, band) => {
        const key = `${tdd} ${guard} ${band}`;
        const schema = { guardBandHz: band * STEP_HZ, tdd: tddOf(tdd, guard * STEP_HZ) };
        const held = leases.get(key) ?? leaseOf({ schema });
        leases.set(key, held);
        const wanted = {
          lowerHz: block.lowerHz + asked.at * STEP_HZ,
          upperHz: block.lowerHz + (asked.at + 1) * STEP_HZ,
          fromUs: block.fromUs + asked.hour * HOUR_US,
          untilUs: block.untilUs + asked.hour * HOUR_US,
          exclusive: asked.exclusive,
        };
        const spacing = { guardBandHz: 0, tdd: tddOf(asked.tdd, asked.guard * STEP_HZ) };
        // The steps between both: by counting those that neither occupies.
        const occupied = Math.round(WIDTH_HZ / STEP_HZ);
        const free = asked.at >= occupied ? asked.at - occupied : asked.at < 0 ? -asked.at - 1 : -1;
        const needs = asked.tdd === tdd ? 0 : Math.max(asked.tdd ? asked.guard : 0, tdd ? guard : 0);
        const same = asked.hour === 0;
        const expected = !same ? [] : free < band ? ["already-allocated"] : free < needs ? ["tdd-guard"] : [];
        expect(codesOf(wanted, spacing, held)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

function tddOf(name: string | null, guardHz: number): Spacing["tdd"] {
  return name === null ? null : { class: name, guardHz };
}
