import { describe, expect, test } from "vitest";
import { clear } from "../../../../src/core/record/sealed.ts";
import { type PairChange, pairOf } from "../../../support/pair-builder.ts";
import { checksOf, evaluated, type Fault, failedOf } from "../findings.ts";
import { block, NOW_US, placeAt, squareOf, timeAt } from "../pair-values.ts";

const C_END_US = NOW_US + 501_000;

/** The worst-case distance of the pair as it is. */
const worstMm = Number(checksOf().find(({ field }) => field === "pair.distance")?.measured["worstMm"]);
const holderMm = Number(checksOf().find(({ field }) => field === "context.holderPlace")?.measured["worstMm"]);

function accepted(header: NonNullable<PairChange["acceptanceRecord"]>["header"]): PairChange {
  return header === undefined ? {} : { acceptanceRecord: { header } };
}

function offered(header: NonNullable<PairChange["offerRecord"]>["header"]): PairChange {
  return header === undefined ? {} : { offerRecord: { header } };
}

const faults: readonly Fault[] = [
  {
    name: "an acceptance 1 µs after the offer's end",
    change: { offer: { endUs: NOW_US + 300_999 } },
    code: "offer-ended",
    field: "acceptance.time",
    measured: { latestUs: NOW_US + 301_000 },
    required: { endUs: NOW_US + 300_999 },
    edge: { offer: { endUs: NOW_US + 301_000 } },
  },
  {
    name: "an offer whose time has an assurance that policy does not admit",
    change: offered({ time: timeAt(0, { assurance: "surveyed" }) }),
    code: "time-assurance",
    field: "offer.time",
    measured: { assurance: "surveyed" },
    required: { oneOf: "gnss gnss-consistent" },
    edge: offered({ time: timeAt(0, { assurance: "gnss-consistent" }) }),
  },
  {
    name: "an acceptance whose place is simulated",
    change: accepted({ place: clear(placeAt(1_000, 0, { assurance: "simulated" })) }),
    code: "place-assurance",
    field: "acceptance.place",
    measured: { assurance: "simulated" },
    required: { oneOf: "gnss surveyed" },
    edge: accepted({ place: clear(placeAt(1_000, 0, { assurance: "surveyed" })) }),
  },
  {
    name: "a place of the holder in the context that is worth nothing",
    change: { context: { holderPlace: clear(placeAt(0, 0, { assurance: "none" })) } },
    code: "place-assurance",
    field: "context.holderPlace",
    measured: { assurance: "none" },
    required: { oneOf: "gnss surveyed" },
    edge: { context: { holderPlace: clear(placeAt(0, 0, { assurance: "surveyed" })) } },
  },
  {
    name: "a place of the holder in the context 1 µs older than policy admits",
    change: { context: { holderPlace: clear(placeAt(0, 0, { ageUs: 5_000_001 })) } },
    code: "evidence-age",
    field: "context.holderPlace",
    measured: { ageUs: 5_000_001 },
    required: { ageMaxUs: 5_000_000 },
    edge: { context: { holderPlace: clear(placeAt(0, 0, { ageUs: 5_000_000 })) } },
  },
  {
    name: "a place 1 µs older than policy admits",
    change: offered({ place: clear(placeAt(0, 0, { ageUs: 5_000_001 })) }),
    code: "evidence-age",
    field: "offer.place",
    measured: { ageUs: 5_000_001 },
    required: { ageMaxUs: 5_000_000 },
    edge: offered({ place: clear(placeAt(0, 0, { ageUs: 5_000_000 })) }),
  },
  {
    name: "a time 1 µs older than policy admits",
    change: accepted({ time: timeAt(300_000, { ageUs: 5_000_001 }) }),
    code: "evidence-age",
    field: "acceptance.time",
    measured: { ageUs: 5_000_001 },
    required: { ageMaxUs: 5_000_000 },
    edge: accepted({ time: timeAt(300_000, { ageUs: 5_000_000 }) }),
  },
  {
    name: "an acceptance 1 µs outside the temporal window of the offer",
    change: { ...offered({ time: timeAt(-1_699_001) }) },
    code: "outside-temporal-window",
    field: "pair.skew",
    measured: { skewUs: 2_000_001, leastWidthUs: 1_000 },
    required: { skewUsMax: 2_000_000, leastWidthUsMin: 0 },
    edge: offered({ time: timeAt(-1_699_000) }),
  },
  {
    name: "an interval of evaluation 1 µs outside the window of the acceptance",
    change: { context: { interval: { earliestUs: NOW_US + 2_300_000, latestUs: NOW_US + 2_300_001 } } },
    code: "outside-temporal-window",
    field: "context.interval",
    measured: { skewUs: 2_000_001, leastWidthUs: 1 },
    required: { skewUsMax: 2_000_000, leastWidthUsMin: 0 },
    edge: { context: { interval: { earliestUs: NOW_US + 2_300_000, latestUs: NOW_US + 2_300_000 } } },
  },
];

describe("windows", () => {
  test("pass each of their checks for a pair that fits", () => {
    const windows = [
      "outside-spatial-window pair.distance",
      "outside-spatial-window context.holderPlace",
      "place-outside-area acceptance.place",
      "outside-temporal-window pair.skew",
      "outside-temporal-window context.interval",
      "interval-order offer.time",
      "interval-order acceptance.time",
      "interval-order context.interval",
      "offer-ended acceptance.time",
      "block-over acceptance.block.untilUs",
      ...["offer", "acceptance"].flatMap((side) => [
        `time-assurance ${side}.time`,
        `evidence-age ${side}.time`,
        `place-assurance ${side}.place`,
        `evidence-age ${side}.place`,
      ]),
    ];
    const passed = checksOf().flatMap((each) => (each.passed ? [`${each.code} ${each.field}`] : []));
    for (const window of windows) expect(passed.filter((each) => each === window)).toHaveLength(1);
  });

  test.each(faults)("refuse $name", ({ change, code, field, measured, required }) => {
    expect(failedOf(change)).toEqual([
      { code, field, measured, required, passed: false, otherwise: "refuse" },
    ]);
  });

  test.each(faults)("take what lies just beside: $name", ({ edge }) => {
    expect(failedOf(edge ?? {})).toEqual([]);
  });

  test("refuse a pair 1 mm outside the spatial window, by both places of the holder", () => {
    expect(failedOf({ policy: { spatialWindowMm: worstMm } })).toEqual([]);
    const failed = failedOf({ policy: { spatialWindowMm: worstMm - 1 } });
    expect(failed).toMatchObject([
      {
        code: "outside-spatial-window",
        field: "pair.distance",
        measured: { worstMm },
        required: { worstMmMax: worstMm - 1 },
      },
      { code: "outside-spatial-window", field: "context.holderPlace", measured: { worstMm: holderMm } },
    ]);
    expect(holderMm).toBe(worstMm);
  });

  test("hold the holder to its place of settling, and never in place of the offer's", () => {
    const away = clear(placeAt(20_000, 0));
    expect(failedOf({ context: { holderPlace: away } })).toMatchObject([
      { code: "outside-spatial-window", field: "context.holderPlace" },
    ]);
    expect(failedOf(offered({ place: away }))).toMatchObject([
      { code: "outside-spatial-window", field: "pair.distance" },
    ]);
  });

  test("refuse a consumer whose place may lie outside the block, or that stands beside it", () => {
    const small = { ...block, area: squareOf(1_500) };
    const failed = failedOf({ offer: { block: small }, acceptance: { block: small } });
    expect(failedOf({ offer: { block: small }, ...accepted({ place: clear(placeAt(0, 0)) }) })).toEqual([]);
    expect(failedOf({ offer: { block: small } })).toEqual([]);
    expect(failed).toEqual([]);
    expect(
      failedOf({ offer: { block: small }, ...accepted({ place: clear(placeAt(1_400, 0)) }) }),
    ).toMatchObject([{ code: "place-outside-area", field: "acceptance.place", required: { vertices: 4 } }]);
  });

  test("refuse a block that is over, or that has no time at all", () => {
    const over = { ...block, fromUs: NOW_US - 600_000_000, untilUs: C_END_US };
    const lasting = { ...over, untilUs: C_END_US + 1 };
    const codes = (value: typeof block) => failedOf({ offer: { block: value } }).map(({ code }) => code);
    expect(failedOf({ offer: { block: over } })).toMatchObject([
      {
        code: "block-over",
        field: "acceptance.block.untilUs",
        measured: { nowUs: C_END_US },
        required: { untilUs: C_END_US },
      },
    ]);
    expect(codes(lasting)).toEqual([]);
    expect(codes({ ...block, fromUs: block.untilUs })).toContain("box-time-empty");
  });

  test("refuse an interval that ends before it begins", () => {
    const turned = { earliestUs: C_END_US, latestUs: C_END_US - 1 };
    expect(failedOf({ context: { interval: turned } })).toMatchObject([
      { code: "outside-temporal-window", field: "context.interval", measured: { leastWidthUs: -1 } },
      {
        code: "interval-order",
        field: "context.interval",
        measured: { earliestUs: C_END_US, latestUs: C_END_US - 1 },
        required: { order: "earliest first" },
      },
    ]);
    const backwards = failedOf(offered({ time: { ...timeAt(0), latestUs: NOW_US - 1 } }));
    expect(backwards.map(({ code, field }) => `${code} ${field}`)).toContain("interval-order offer.time");
  });

  test("name a time or a place that is not there", () => {
    const { offer, acceptance, ...pair } = pairOf();
    const nowhere = { ...acceptance, header: { ...acceptance.header, place: null, time: null } };
    const failed = evaluated({ ...pair, offer, acceptance: nowhere }).checks.filter(({ passed }) => !passed);
    expect(failed).toContainEqual(
      expect.objectContaining({ code: "opening-missing", field: "place", measured: { opened: "no" } }),
    );
    expect(failed).toContainEqual({
      code: "time-missing",
      field: "time",
      passed: false,
      measured: { found: "nil" },
      required: { found: "an interval" },
      otherwise: "refuse",
    });
    const unsaid = { ...offer, header: { ...offer.header, place: null } };
    expect(evaluated({ ...pair, offer: unsaid, acceptance })).toMatchObject({
      verdict: "refuse",
      findings: [{ code: "opening-missing", field: "place" }],
    });
  });
});
