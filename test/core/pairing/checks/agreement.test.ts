import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/core/base/bytes.ts";
import { clear } from "../../../../src/core/record/sealed.ts";
import { type PairChange, pairOf } from "../../../support/pair-builder.ts";
import { checksOf, evaluated, type Fault, failedOf } from "../findings.ts";
import { block, NOW_US, policy, price, steps, timeAt } from "../pair-values.ts";

const C_END_US = NOW_US + 501_000;

const faults: readonly Fault[] = [
  {
    name: "a policy that begins after the offer's time",
    change: { policy: { startUs: NOW_US + 1 } },
    code: "policy-not-in-force",
    field: "offer.policy",
    measured: { fromUs: NOW_US, untilUs: C_END_US },
    required: { startUs: NOW_US + 1, endUs: policy.endUs },
    edge: { policy: { startUs: NOW_US } },
  },
  {
    name: "a policy that ends with the interval of evaluation",
    change: { policy: { endUs: C_END_US } },
    code: "policy-not-in-force",
    field: "offer.policy",
    measured: { fromUs: NOW_US, untilUs: C_END_US },
    required: { startUs: policy.startUs, endUs: C_END_US },
    edge: { policy: { endUs: C_END_US + 1 } },
  },
  {
    name: "a rules version that the offer does not list",
    change: { offer: { rulesVersions: [2, 3] } },
    code: "rules-version",
    field: "acceptance.rulesVersion",
    measured: { rulesVersion: 1 },
    required: { offer: "2 3", policy: "1" },
    edge: { offer: { rulesVersions: [2, 3, 1] } },
  },
  {
    name: "a rules version that policy does not list",
    change: { policy: { rulesVersions: [2] } },
    code: "rules-version",
    field: "acceptance.rulesVersion",
    measured: { rulesVersion: 1 },
    required: { offer: "1", policy: "2" },
    edge: { policy: { rulesVersions: [2, 1] } },
  },
  {
    name: "a recognition rule that policy does not take for this type of transaction",
    change: { offer: { rules: ["handshake"] }, policy: transactions(["content-match", "composite"]) },
    code: "recognition-rule",
    field: "offer.rules",
    measured: { rules: "handshake" },
    required: { rules: "content-match composite" },
    edge: { offer: { rules: ["handshake"] }, policy: transactions(["handshake"]) },
  },
  {
    name: "two rules where policy takes each, but not their composite",
    change: {
      offer: { rules: ["handshake", "derivation"] },
      policy: transactions(["handshake", "derivation"]),
    },
    code: "recognition-rule",
    field: "offer.rules",
    measured: { rules: "handshake derivation composite" },
    required: { rules: "handshake derivation" },
    edge: {
      offer: { rules: ["handshake", "derivation"] },
      policy: transactions(["handshake", "derivation", "composite"]),
    },
  },
  {
    name: "a policy that knows no transaction of offer and acceptance",
    change: {
      policy: {
        transactionTypes: [
          { first: "tender", second: "acceptance", rules: ["content-match"] },
          { first: "offer", second: "fulfilment", rules: ["content-match"] },
        ],
      },
    },
    code: "recognition-rule",
    field: "offer.rules",
    measured: { rules: "content-match" },
    required: { rules: "none" },
  },
  {
    name: "a block of another commodity than its schema",
    change: { schema: { commodityClass: "bench-868" } },
    code: "commodity-class",
    field: "offer.block.commodityClass",
    measured: { commodityClass: "bench-433" },
    required: { commodityClass: "bench-868" },
  },
  {
    name: "steps that are not those of the schema by 1 Hz",
    change: { schema: { steps: { ...steps, frequencyStepHz: steps.frequencyStepHz + 1 } } },
    code: "commodity-steps",
    field: "offer.steps",
    measured: {},
    required: { steps: "those of the schema" },
  },
  {
    name: "an acceptance that shares what is offered exclusively",
    change: { acceptance: { block: { ...block, exclusive: false } } },
    code: "sharing-mismatch",
    field: "acceptance.block.exclusive",
    measured: { exclusive: "false" },
    required: { exclusive: "true" },
    edge: {
      offer: { block: { ...block, exclusive: false } },
      acceptance: { block: { ...block, exclusive: false } },
    },
  },
  {
    name: "a price one millionth lower",
    change: { acceptance: { price: clear({ ...price, microUnits: price.microUnits - 1n }) } },
    code: "price-mismatch",
    field: "acceptance.price",
    measured: { microUnits: "4999999", currency: "EUR" },
    required: { microUnits: "5000000", currency: "EUR" },
    edge: { acceptance: { price: clear({ ...price }) } },
  },
  {
    name: "a price in another currency",
    change: { acceptance: { price: clear({ ...price, currency: "CHF" }) } },
    code: "price-mismatch",
    field: "acceptance.price",
    measured: { microUnits: "5000000", currency: "CHF" },
    required: { microUnits: "5000000", currency: "EUR" },
  },
];

function transactions(
  rules: readonly ("content-match" | "handshake" | "derivation" | "composite")[],
): NonNullable<PairChange["policy"]> {
  return { transactionTypes: [{ first: "offer", second: "acceptance", rules }] };
}

describe("agreement", () => {
  test("passes each of its checks for a pair that fits", () => {
    const codes = new Set(faults.map(({ code }) => code));
    for (const code of [
      ...codes,
      "offer-mismatch",
      "policy-mismatch",
      "resource-mismatch",
      "block-within-offer",
    ]) {
      expect(checksOf().filter((each) => each.code === code)).toMatchObject([{ passed: true }]);
    }
  });

  test.each(faults)("refuses $name", ({ change, code, field, measured, required }) => {
    expect(failedOf(change)).toEqual([
      { code, field, measured, required, passed: false, otherwise: "refuse" },
    ]);
  });

  test.each(faults.filter(({ edge }) => edge !== undefined))(
    "takes what lies just beside: $name",
    ({ edge }) => {
      expect(failedOf(edge ?? {})).toEqual([]);
    },
  );

  test("takes a policy without a stated end", () => {
    expect(failedOf({ policy: { endUs: null } })).toEqual([]);
    expect(failedOf({ policy: { endUs: null, startUs: NOW_US + 1 } })).toMatchObject([
      { code: "policy-not-in-force", required: { endUs: "open" } },
    ]);
  });

  test("the time of the offer is that of its header", () => {
    const offerRecord = { header: { time: timeAt(-1) } };
    expect(failedOf({ offerRecord, policy: { startUs: NOW_US } })).toMatchObject([
      { code: "policy-not-in-force", measured: { fromUs: NOW_US - 1 } },
    ]);
  });

  test("refuses an acceptance under another policy, with both ids", () => {
    const other = pairOf({ policy: { name: "another" } }).offer.header.policy ?? new Uint8Array(0);
    const pair = pairOf({ acceptanceRecord: { header: { policy: other } } });
    const failed = evaluated(pair).checks.filter(({ passed }) => !passed);
    expect(failed).toMatchObject([
      {
        code: "policy-mismatch",
        field: "acceptance.policy",
        measured: { acceptance: toHex(other) },
        required: { offer: toHex(pair.offer.header.policy ?? other) },
      },
    ]);
  });

  test("refuses an acceptance under no policy, and takes an offer without time as old as can be", () => {
    const { offer, acceptance, ...pair } = pairOf();
    const bare = { ...acceptance, header: { ...acceptance.header, policy: null } };
    const found = evaluated({ ...pair, offer, acceptance: bare }).checks;
    expect(found.find(({ code }) => code === "policy-mismatch")).toMatchObject({
      measured: { acceptance: "nil" },
    });
    const timeless = { ...offer, header: { ...offer.header, time: null } };
    expect(evaluated({ ...pair, acceptance, offer: timeless }).checks).toContainEqual(
      expect.objectContaining({ code: "policy-not-in-force", passed: false }),
    );
  });

  test("refuses another resource, bytewise", () => {
    for (const resource of ["bench/433/A", "bench/433/a ", "bench/433"]) {
      expect(failedOf({ acceptance: { resource } })).toMatchObject([
        {
          code: "resource-mismatch",
          field: "acceptance.resource",
          measured: { resource },
          required: { resource: "bench/433/a" },
        },
        { code: "recognition-content" },
      ]);
    }
  });
});

describe("the acceptance's block", () => {
  const part = { ...block, upperHz: block.lowerHz + 50_000 };

  test("may be a part of the offered one, cut by its steps down to its minimum", () => {
    expect(failedOf({ acceptance: { block: part } })).toEqual([]);
    const later = { ...block, fromUs: block.fromUs + 60_000_000, untilUs: block.fromUs + 180_000_000 };
    expect(failedOf({ acceptance: { block: later } })).toEqual([]);
  });

  test.each<[string, Partial<typeof block>, object]>([
    [
      "1 Hz above",
      { upperHz: block.upperHz + 1 },
      { code: "box-frequency-outside", measured: { upperHz: block.upperHz + 1 } },
    ],
    [
      "1 Hz off the step",
      { lowerHz: block.lowerHz + 25_001 },
      { code: "block-not-aligned", measured: { lowerHz: block.lowerHz + 25_001 } },
    ],
    [
      "one step under the minimum",
      { upperHz: block.lowerHz + 25_000 },
      { code: "block-under-minimum", measured: { width: 25_000 }, required: { widthMin: 50_000 } },
    ],
    [
      "1 µs off the step",
      { untilUs: block.untilUs - 1 },
      { code: "block-not-aligned", measured: { untilUs: block.untilUs - 1 } },
    ],
    [
      "1 cdBm stronger",
      { limits: block.limits.map((limit) => ({ ...limit, centiDbm: limit.centiDbm + 1 })) },
      { code: "power-limit-exceeded", measured: { centiDbm: 1001 }, required: { centiDbmMax: 1000 } },
    ],
  ])("is refused %s", (_, change, expected) => {
    const failed = failedOf({ acceptance: { block: { ...part, ...change } } });
    expect(failed[0]).toMatchObject({ ...expected, passed: false, otherwise: "refuse" });
    expect(failed[0]?.field).toMatch(/^acceptance\.block\./);
  });
});

describe("without what it compares", () => {
  test("the price cannot be judged: the opening is missing", () => {
    const { offer, acceptance, ...pair } = pairOf();
    const digest = new Uint8Array(32);
    const closed = { ...offer, body: { ...offer.body, price: { digest, value: null } } };
    expect(evaluated({ ...pair, acceptance, offer: closed })).toMatchObject({
      verdict: "refuse",
      findings: [
        {
          code: "opening-missing",
          field: "price",
          measured: { opened: "no" },
          required: { opened: "by both parties" },
        },
      ],
    });
    const own = { ...acceptance, body: { ...acceptance.body, price: { digest, value: null } } };
    expect(evaluated({ ...pair, offer, acceptance: own })).toMatchObject({ verdict: "refuse" });
  });
});

describe("the acceptance of another offer", () => {
  const pair = pairOf();
  // The same resource, block, price and policy: content-match alone would take it.
  const another = pairOf({ offer: { challenge: new Uint8Array(32) } });

  test("is refused, with both offers' ids", () => {
    const evaluation = evaluated({ ...another, acceptance: pair.acceptance });
    expect(evaluation.checks.filter(({ passed }) => !passed)).toEqual([
      {
        code: "offer-mismatch",
        field: "acceptance.offer",
        passed: false,
        measured: { offer: toHex(pair.offer.id) },
        required: { offer: toHex(another.offer.id) },
        otherwise: "refuse",
      },
    ]);
    expect(evaluation.verdict).toBe("refuse");
  });
});
