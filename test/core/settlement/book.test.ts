import { describe, expect, test } from "vitest";
import { toHex } from "../../../src/core/base/bytes.ts";
import type { Block } from "../../../src/core/record/spectrum-fields.ts";
import { type BookClock, conflicts, isFree, renewalsRunOut } from "../../../src/core/settlement/book.ts";
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
  return conflicts({ ...block, ...wanted }, guardBandHz, standing, passed).length > 0;
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
    expect(conflicts(block, 0, [bound], passed)).toEqual([
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
    const found = conflicts(block, 0, [bound, ended, other], passed);
    expect(found.map(({ required }) => required["lease"])).toEqual(
      [bound, other].map(({ derived }) => toHex(derived.id)),
    );
  });

  test("is refused as long as a terminated lease may still be on the air, and not by what one consumes oneself", () => {
    expect(taken({}, [lease({ bounds, termination })])).toBe(false);
    const early = { ...passed, bootUs: 999 };
    expect(conflicts(block, 0, [lease({ bounds, termination })], early)).toHaveLength(1);
    expect(taken({}, [lease({ role: "consumer" })])).toBe(false);
    expect(taken({}, [])).toBe(false);
  });
});
