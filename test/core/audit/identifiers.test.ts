/** Regulatory identifiers as `verify` shows and asks for them (PROTOCOL §1 Sealed fields, §3 Link). */
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../src/core/audit/verdict.ts";
import { market } from "../../support/market-builder.ts";
import { bundleOf, lease, verify } from "./story.ts";

function verdictOf(holder: readonly string[], consumer: readonly string[]): Verdict {
  const identifiers = { holder, consumer };
  const leaseClasses = market({}).policy.body.leaseClasses.map((each) => ({ ...each, identifiers }));
  const of = market({ name: "identified", policy: { leaseClasses } });
  const running = lease(of);
  const exporters = [of.holder.author, running.consumer.author];
  return verify(bundleOf(exporters, of.root.records()), [{ lineage: of.root.lineage }]);
}

const stated = ({ checks }: Verdict): readonly unknown[] =>
  checks
    .filter(({ code }) => code === "identifiers-stated")
    .map(({ result, required }) => [result, required?.["scheme"]]);

describe("identifiers that a lease class asks for", () => {
  test("are shown with each settlement, and pass where the chain states them", () => {
    const verdict = verdictOf(["licence"], []);
    expect(stated(verdict)).toEqual([["passed", undefined]]);
    expect(verdict.settlements[0]?.identifiers).toContain("holder licence: A-433/17");
  });

  test("fail where neither credentials nor settlement state them", () => {
    const verdict = verdictOf(["licence", "frn"], ["fcc-id"]);
    expect(stated(verdict)).toEqual([
      ["failed", "frn"],
      ["failed", "fcc-id"],
    ]);
    expect(verdict.verdict).toBe("failed");
  });
});

describe("a limit of the field at the border", () => {
  const borderLimit = { centiDbuvPerM: 3_200, referenceHz: 5_000_000, heightMm: 3_000 };

  test.each([
    [borderLimit, ["not-checkable"]],
    [null, []],
  ])("of %j is said to be not checkable, never passed", (limit, results) => {
    const of = market({ name: "border", schema: { borderLimit: limit } });
    const { consumer } = lease(of);
    const bundle = bundleOf([of.holder.author, consumer.author], of.root.records());
    const { checks } = verify(bundle, [{ lineage: of.root.lineage }]);
    const found = checks.filter(({ code }) => code === "border-field");
    expect(found.map(({ result }) => result)).toEqual(results);
    for (const { measured } of found) expect(measured).toEqual(limit);
  });
});
