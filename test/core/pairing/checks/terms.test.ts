import { describe, expect, test } from "vitest";
import { toHex } from "../../../../src/core/base/bytes.ts";
import { pairOf } from "../../../support/pair-builder.ts";
import { checksOf, evaluated, type Fault, failedOf } from "../findings.ts";
import { block, leaseClass, NOW_US } from "../pair-values.ts";

/** The acceptance's own time, and the end of the interval of evaluation. */
const ACCEPTED_US = NOW_US + 300_000;
const C_END_US = NOW_US + 501_000;
const START_US = NOW_US + 600_000_000;
const later = { ...block, fromUs: START_US, untilUs: START_US + 600_000_000 };

function confirmBy(confirmByUs: number, effectiveByUs: number = confirmByUs): Fault["change"] {
  return { acceptance: { confirmByUs, effectiveByUs } };
}

const faults: readonly Fault[] = [
  {
    name: "a confirmation 1 µs farther off than policy admits",
    change: confirmBy(ACCEPTED_US + 30_000_001),
    code: "confirm-by-too-far",
    field: "acceptance.confirmByUs",
    measured: { confirmUs: 30_000_001 },
    required: { confirmMaxUs: 30_000_000 },
    edge: confirmBy(ACCEPTED_US + 30_000_000),
  },
  {
    name: "a confirmation due 1 µs before the interval of evaluation ends",
    change: confirmBy(C_END_US - 1),
    code: "confirm-by-passed",
    field: "acceptance.confirmByUs",
    measured: { nowUs: C_END_US },
    required: { confirmByUs: C_END_US - 1 },
    edge: confirmBy(C_END_US),
  },
  {
    name: "to be effective 1 µs before it is confirmed",
    change: confirmBy(C_END_US, C_END_US - 1),
    code: "effective-by-order",
    field: "acceptance.effectiveByUs",
    measured: { effectiveByUs: C_END_US - 1 },
    required: { notBefore: C_END_US },
    edge: confirmBy(C_END_US, C_END_US),
  },
  {
    name: "to be effective 1 µs before the grant begins",
    change: { acceptance: { block: later, effectiveByUs: START_US - 1 }, offer: { block: later } },
    code: "effective-by-order",
    field: "acceptance.effectiveByUs",
    measured: { effectiveByUs: START_US - 1 },
    required: { notBefore: START_US },
    edge: { acceptance: { block: later, effectiveByUs: START_US }, offer: { block: later } },
  },
  {
    name: "to be effective 1 µs later than policy admits",
    change: confirmBy(C_END_US, C_END_US + 30_000_001),
    code: "effective-by-too-far",
    field: "acceptance.effectiveByUs",
    measured: { afterUs: 30_000_001 },
    required: { afterMaxUs: 30_000_000 },
    edge: confirmBy(C_END_US, C_END_US + 30_000_000),
  },
  {
    name: "a deadman that the lease class does not take",
    change: { acceptance: { deadman: "none" } },
    code: "deadman",
    field: "acceptance.deadman",
    measured: { deadman: "none" },
    required: { oneOf: "device guard" },
    edge: { acceptance: { deadman: "device" } },
  },
  {
    name: "a radio that mutes 1 µs too slowly",
    change: { acceptance: { muteLatencyUs: 500_001 } },
    code: "mute-latency",
    field: "acceptance.muteLatencyUs",
    measured: { muteLatencyUs: 500_001 },
    required: { muteLatencyMaxUs: 500_000 },
    edge: { acceptance: { muteLatencyUs: 500_000 } },
  },
  {
    name: "one owner on both sides, where policy says so",
    change: { consumerLink: { owner: "holder" }, policy: { selfDealing: "refuse" } },
    code: "self-dealing",
    field: "pair",
    measured: { owner: "holder" },
    required: { not: "holder" },
    edge: { consumerLink: { owner: "Holder" }, policy: { selfDealing: "refuse" } },
  },
];

/** Under a class with these rules. */
function under(rules: Partial<typeof leaseClass>): Fault["change"] {
  return { policy: { leaseClasses: [{ ...leaseClass, ...rules }] } };
}

const shared = { ...block, exclusive: false };
const sharing: Fault["change"] = { offer: { block: shared }, acceptance: { block: shared } };
const END_US = block.untilUs;

const classFaults: readonly Fault[] = [
  {
    name: "an exclusive block under a class that is never exclusive",
    change: under({ control: "shared", exclusive: "never" }),
    code: "exclusive-never",
    field: "offer.block.exclusive",
    measured: { exclusive: "true" },
    required: { exclusive: "false", leaseClass: "bench" },
    edge: { ...sharing, ...under({ control: "shared", exclusive: "never" }) },
  },
  {
    name: "a term 1 µs longer than the licence, where it ends with that",
    change: { ...under({ endsWithLicence: "term" }), holderLink: { untilUs: END_US - 1 } },
    code: "term-beyond-licence",
    field: "acceptance.block.untilUs",
    measured: { untilUs: END_US },
    required: { untilUsMax: END_US - 1 },
    edge: { ...under({ endsWithLicence: "term" }), holderLink: { untilUs: END_US } },
  },
];

describe("the rules of a lease class", () => {
  test.each(classFaults)("refuse $name", ({ change, code, field, measured, required }) => {
    expect(failedOf(change)).toEqual([
      { code, field, measured, required, passed: false, otherwise: "refuse" },
    ]);
  });

  test.each(classFaults)("take what lies just beside: $name", ({ edge, code }) => {
    expect(failedOf(edge ?? {})).toEqual([]);
    expect(checksOf(edge ?? {}).filter((each) => each.code === code)).toMatchObject([{ passed: true }]);
  });

  test("ask nothing where the class says nothing: a lease may be agreed beyond its licence, and falls at its end", () => {
    expect(failedOf({ holderLink: { untilUs: END_US - 1 } })).toEqual([]);
    const codes = checksOf().map(({ code }) => code);
    for (const { code } of classFaults) expect(codes).not.toContain(code);
  });
});

describe("terms", () => {
  test("pass each of their checks for a pair that fits", () => {
    const codes = new Set(faults.map(({ code }) => code));
    for (const code of [...codes, "lease-class", "same-party"]) {
      expect(checksOf().filter((each) => each.code === code)).toMatchObject([{ passed: true }]);
    }
  });

  test.each(faults)("refuse $name", ({ change, code, field, measured, required }) => {
    expect(failedOf(change)).toEqual([
      { code, field, measured, required, passed: false, otherwise: "refuse" },
    ]);
  });

  test.each(faults)("take what lies just beside: $name", ({ edge }) => {
    expect(failedOf(edge ?? {})).toEqual([]);
  });

  test("mark one owner on both sides as a condition, where policy says so", () => {
    expect(failedOf({ consumerLink: { owner: "holder" } })).toMatchObject([
      {
        code: "self-dealing",
        otherwise: "condition",
        measured: { owner: "holder" },
        required: { not: "holder" },
      },
    ]);
  });

  test("refuse a lease class that policy does not name, and judge nothing by it", () => {
    const change: Fault["change"] = {
      offer: { leaseClass: "event" },
      policy: { leaseClasses: [leaseClass, { ...leaseClass, name: "campus" }] },
    };
    expect(failedOf(change)).toEqual([
      {
        code: "lease-class",
        field: "offer.leaseClass",
        measured: { leaseClass: "event" },
        required: { oneOf: "bench campus" },
        passed: false,
        otherwise: "refuse",
      },
    ]);
    const codes = checksOf(change).map(({ code }) => code);
    expect(codes).not.toContain("deadman");
    expect(codes).not.toContain("mute-latency");
  });

  test("refuse a party that deals with itself", () => {
    const { holder } = pairOf().cast;
    const failed = failedOf({ cast: { consumer: holder } });
    expect(failed).toMatchObject([
      {
        code: "same-party",
        field: "pair",
        measured: { consumer: toHex(holder.lineage) },
        required: { not: toHex(holder.lineage) },
        otherwise: "refuse",
      },
      { code: "self-dealing", otherwise: "condition" },
    ]);
  });

  test("refuse two lineages with one key", () => {
    const { acceptance, ...pair } = pairOf();
    const { signerKey } = pair.offer.header;
    const same = { ...acceptance, header: { ...acceptance.header, signerKey } };
    expect(evaluated({ ...pair, acceptance: same }).checks).toContainEqual(
      expect.objectContaining({ code: "same-party", passed: false }),
    );
  });

  test("take an acceptance without time, or without a chain, for the worst", () => {
    const { acceptance, ...pair } = pairOf();
    const bare = { ...acceptance, header: { ...acceptance.header, time: null, credential: null } };
    const failed = evaluated({ ...pair, acceptance: bare }).checks.filter(({ passed }) => !passed);
    expect(failed).toContainEqual(
      expect.objectContaining({ code: "confirm-by-too-far", measured: { confirmUs: bare.body.confirmByUs } }),
    );
    expect(failed.map(({ code }) => code)).toContain("chain-incomplete");
  });
});
