/** What a holder signs of its budgets against its own log (PROTOCOL §7, §9). */
import { describe, expect, test } from "vitest";
import type { AuditCheck } from "../../../src/core/audit/audit-check.ts";
import type { BudgetTerm } from "../../../src/core/record/budget-fields.ts";
import type { Resumption } from "../../../src/core/record/kinds/resumption.ts";
import { SECOND_US } from "../../support/scripted-authority.ts";
import { type Scene, twoAgents } from "../../support/two-agents.ts";
import { nextOf, verifiedLog } from "../../support/whole-log.ts";

const term: BudgetTerm = {
  unit: "settlements",
  level: null,
  commodityClass: null,
  leaseClass: null,
  area: null,
  windowUs: 600 * SECOND_US,
  window: "sliding",
  allowed: 1,
};

const budgetHeld = (checks: readonly AuditCheck[]) =>
  checks
    .filter(({ code }) => code === "budget-held")
    .map(({ result, measured, required }) => ({ result, measured, required }));

/** One settlement, which uses the budget up. */
function exhausted(): Scene {
  const scene = twoAgents({ holderCredential: { budgets: [term] } });
  scene.settle();
  scene.run(SECOND_US);
  return scene;
}

describe("a suspension", () => {
  test("of a budget that is not used up", () => {
    const scene = exhausted();
    const [suspension] = scene.holder.written("suspension");
    if (suspension === undefined) throw new Error("the budget is used up");
    const body = { ...suspension.body, term: { ...term, allowed: 5 }, used: 4 };
    const lie = nextOf(scene.holder, suspension, "suspension", body);
    expect(budgetHeld(verifiedLog(scene, scene.holder, [lie]))).toEqual([
      { result: "failed", measured: { used: 4 }, required: { allowed: 5 } },
    ]);
  });
});

describe("a resumption", () => {
  function resumed(change: Partial<Resumption>, head: { readonly time?: null } = {}) {
    const scene = exhausted();
    const [suspension] = scene.holder.written("suspension");
    if (suspension === undefined) throw new Error("the budget is used up");
    const { bootId } = scene.holder.clock();
    const { bootUs } = scene.holder.reading();
    const body = { suspension: suspension.id, used: 0, allowed: 1, bootId, bootUs, ...change };
    const lie = nextOf(scene.holder, suspension, "resumption", body, head);
    return budgetHeld(verifiedLog(scene, scene.holder, [lie]));
  }

  test("of nothing that was suspended", () => {
    expect(resumed({ suspension: new Uint8Array(32) })).toMatchObject([
      { result: "failed", required: { suspension: "one that stands" } },
    ]);
  });

  test("while its own words leave no room", () => {
    expect(resumed({ used: 1 })).toEqual([
      { result: "failed", measured: { used: 1, counted: 1 }, required: { allowed: 1 } },
    ]);
  });

  test("that leaves out what the log shows to count", () => {
    expect(resumed({})).toEqual([
      { result: "failed", measured: { used: 0, counted: 1 }, required: { allowed: 1 } },
    ]);
  });

  test("that names no time of its own is held against its own words alone", () => {
    expect(resumed({}, { time: null })).toMatchObject([{ result: "passed" }]);
    expect(resumed({ used: 2 }, { time: null })).toMatchObject([
      { result: "failed", measured: { used: 2, counted: 0 } },
    ]);
  });
});

describe("a consumer", () => {
  const acceptances: BudgetTerm = { ...term, unit: "acceptances", allowed: 3 };

  test("that states what it used of its own budget, and a later acceptance that states too little", () => {
    const scene = twoAgents({ consumerCredential: { budgets: [acceptances] } });
    scene.settle();
    const [acceptance] = scene.consumer.written("acceptance");
    if (acceptance === undefined) throw new Error("the pair is settled");
    expect(budgetHeld(verifiedLog(scene, scene.consumer))).toContainEqual({
      result: "passed",
      measured: { stated: 1 },
      required: {},
    });
    const lie = nextOf(scene.consumer, acceptance, "acceptance", {
      ...acceptance.body,
      confirmByUs: acceptance.body.confirmByUs + 1,
    });
    expect(budgetHeld(verifiedLog(scene, scene.consumer, [lie]))).toContainEqual({
      result: "failed",
      measured: { used: 1, counted: 2 },
      required: { allowed: 3 },
    });
  });

  test("whose acceptance names an offer that is not here is not checkable", () => {
    const scene = twoAgents({ consumerCredential: { budgets: [acceptances] } });
    scene.settle();
    const [acceptance] = scene.consumer.written("acceptance");
    if (acceptance === undefined) throw new Error("the pair is settled");
    const body = { ...acceptance.body, offer: new Uint8Array(32).fill(3) };
    const lie = nextOf(scene.consumer, acceptance, "acceptance", body);
    const found = budgetHeld(verifiedLog(scene, scene.consumer, [lie])).map(({ result }) => result);
    expect(found).toContain("not-checkable");
  });
});
