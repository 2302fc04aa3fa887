import { expect, test } from "vitest";
import { leaseClassOf, levelOf, rankOf } from "../../../src/core/policy/taxonomy.ts";
import { leaseClass, policy } from "../pairing/pair-values.ts";

test("a level is found by its name, with its rank", () => {
  expect(levelOf(policy, "operator")).toMatchObject({ name: "operator", rank: 10 });
  expect(rankOf(policy, "operator")).toBe(10);
});

test("a rank of zero is a rank", () => {
  const level = { name: "guest", rank: 0, response: "ignore", weight: 0, admits: "none" } as const;
  expect(rankOf({ ...policy, levels: [level] }, "guest")).toBe(0);
});

test.each(["Operator", "operator ", ""])(
  "a level that policy does not name, %j, is none and has no rank",
  (name) => {
    expect(levelOf(policy, name)).toBeNull();
    expect(rankOf(policy, name)).toBeNull();
  },
);

test("a lease class is found by its name, or is none", () => {
  expect(leaseClassOf(policy, "bench")).toEqual(leaseClass);
  expect(leaseClassOf(policy, "event")).toBeNull();
});
