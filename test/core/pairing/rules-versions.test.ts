import { describe, expect, test } from "vitest";
import { type Evaluation, evaluate } from "../../../src/core/pairing/evaluate.ts";
import {
  evaluateUnder,
  offeredVersions,
  pickedVersion,
  rulesByVersion,
} from "../../../src/core/pairing/rules-versions.ts";
import { type Pair, pairOf, primitives } from "../../support/pair-builder.ts";
import { policy } from "./pair-values.ts";

/** A next version under which any price above zero is refused. */
const stricter: typeof evaluate = (offer, ...rest) => {
  const before = evaluate(offer, ...rest);
  if ((offer.body.price.value?.microUnits ?? 0n) === 0n || !("derived" in before)) return before;
  const findings = [{ code: "price-mismatch", field: "price", measured: {}, required: {} }];
  return { verdict: "refuse", checks: before.checks, findings };
};
const both = rulesByVersion(
  new Map([
    [1, evaluate],
    [2, stricter],
  ]),
);

function pairUnder(rulesVersion: number, offered: readonly number[] = [1, 2]): Pair {
  return pairOf({
    policy: { rulesVersions: [1, 2] },
    offer: { rulesVersions: offered },
    acceptance: { rulesVersion },
  });
}

function judged(by: typeof evaluate, { offer, acceptance, context, bodies }: Pair): Evaluation {
  return by(offer, acceptance, context, bodies, primitives);
}

describe("two versions of the rules", () => {
  test("judge each pair by the one that its acceptance picked", () => {
    expect(judged(both, pairUnder(1)).verdict).toBe("admit");
    expect(judged(both, pairUnder(2))).toMatchObject({
      verdict: "refuse",
      findings: [{ code: "price-mismatch" }],
    });
  });

  test("give the pairs of the older one the very bytes that it gave alone, and the artifact names it", () => {
    const [now, then] = [judged(both, pairUnder(1)), judged(evaluateUnder, pairUnder(1))];
    if (!("derived" in now) || !("derived" in then)) throw new Error("both admit it");
    expect(now.derived.bytes).toEqual(then.derived.bytes);
    expect(now.derived.artifact.rulesVersion).toBe(1);
  });

  test("are refused where this agent lacks the one that was picked, or the offer did not list it", () => {
    expect(judged(evaluateUnder, pairUnder(2))).toMatchObject({
      verdict: "refuse",
      findings: [{ code: "rules-version", measured: { rulesVersion: 2 }, required: { known: "1" } }],
    });
    expect(judged(both, pairUnder(2, [1]))).toMatchObject({
      verdict: "refuse",
      findings: [{ code: "rules-version", required: { offer: "1", policy: "1 2" } }],
    });
  });
});

describe("the version", () => {
  test("that an offer lists is any that agent and policy share, the newest first", () => {
    expect(offeredVersions([1, 2, 3], [1, 2])).toEqual([2, 1]);
    expect(offeredVersions([2], [1, 2])).toEqual([2]);
    expect(offeredVersions([1, 2, 3, 4, 5], [1, 2, 3, 4, 5])).toEqual([5, 4, 3, 2]);
    expect(offeredVersions(policy.rulesVersions)).toEqual([1]);
  });

  test("that an acceptance picks is the newest that all three share: an older agent deals with a newer one by N-1", () => {
    expect(pickedVersion([2, 1], [1, 2], [1, 2])).toBe(2);
    expect(pickedVersion([2, 1], [1, 2], [1])).toBe(1);
    expect(pickedVersion([1], [1, 2], [1, 2])).toBe(1);
    expect(pickedVersion([2, 1], [1], [1, 2])).toBe(1);
  });

  test("is the agent's own where they share none, and evaluation says so", () => {
    expect(pickedVersion([7], [7])).toBe(1);
    expect(offeredVersions([7])).toEqual([1]);
    const pair = pairOf({
      policy: { rulesVersions: [7] },
      offer: { rulesVersions: [7] },
      acceptance: { rulesVersion: 1 },
    });
    expect(judged(evaluateUnder, pair)).toMatchObject({ findings: [{ code: "rules-version" }] });
  });
});
